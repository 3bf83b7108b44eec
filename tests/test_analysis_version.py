"""An index is refused when its analysis version differs, so every change of a token or a key must raise it."""

from __future__ import annotations

import hashlib

import numpy as np

from index.arabic import ANALYSIS_VERSION, fold, stem, vocalised, words
from index.arabic.coding import packed
from index.arabic.kinship import Kinship
from index.arabic.letters import TABLE
from index.arabic.lexicon import Lexicon
from index.arabic.stem import PROTECTED

# Version → digest of what the analysis makes of the words below. A new version adds a line; no line is ever changed.
DIGESTS = {"1": "b4732a80ee563a52", "2": "37ed5b850663e4c1", "3": "81f77c98a45eebbd"}

TEXT = """
ٱلۡحَمۡدُ لله، والصلاة على النبيﷺ ﷽ ﻻ ﷼ قرءان قرآن جزءاً مسؤول مسئول مدرسة مستشفى کتاب ایران گوگل ڤيديو
وبالكتاب وللكتاب فالمدن لبنان عمان رمضان قانون وزير الوزير الله لغات سنتين جدة مدينتهم كتابهما طبيعيا كانت
1,234.5 ١٬٢٣٤٫٥ 106,78 COVID-19 École Straße ½ #عاصي_الحلاني م\u200cی\u200cخواهم سؤال؟ iPhone15
"""

# The same of the harakat of these words.
VOCALISED_DIGESTS = {"1": "7caff44b0a3caad9", "2": "7caff44b0a3caad9", "3": "7caff44b0a3caad9"}

VOCALISED = """
ٱلۡحَمۡدُ لِلَّهِ رَبِّ ٱلۡعَٰلَمِينَ قُرْءَانٌ كِتابُهُ العِلْمُ والشَّمْسُ لِلنّاسِ جداً عَمّان عـُـمان عﹷلﱢم لَّيْسَ وَعَلَّمَ ﻻِم
"""


def test_a_change_of_the_analysis_raises_its_version() -> None:
    table = "".join(f"{character}{form}" for character, form in sorted(TABLE.items()) if character < "\U00010000")
    kinship = Kinship.protecting(Lexicon.joined(*packed([]), np.zeros(0, np.uint32)), ())
    keys = [f"{key:x}" for row in kinship.keys(*packed(words(TEXT))).tolist() for key in row]
    parts = [table, *sorted(PROTECTED), *words(TEXT), *map(stem, words(TEXT)), *map(fold, TEXT.split()), *keys]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    assert DIGESTS.get(ANALYSIS_VERSION) == digest


def test_a_change_of_patterns_raises_the_version() -> None:
    digest = hashlib.sha256("\n".join(vocalised(VOCALISED)).encode()).hexdigest()[:16]
    assert VOCALISED_DIGESTS.get(ANALYSIS_VERSION) == digest
