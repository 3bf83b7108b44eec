"""An index is refused when its analysis version differs, so every change of a token or stem must raise the version."""

from __future__ import annotations

import hashlib

from index.arabic import ANALYSIS_VERSION, fold, stem, words
from index.arabic.letters import TABLE
from index.arabic.stem import PROTECTED

# Version → digest of what the analysis makes of the words below. A new version adds a line; no line is ever changed.
DIGESTS = {"1": "b4732a80ee563a52"}

TEXT = """
ٱلۡحَمۡدُ لله، والصلاة على النبيﷺ ﷽ ﻻ ﷼ قرءان قرآن جزءاً مسؤول مسئول مدرسة مستشفى کتاب ایران گوگل ڤيديو
وبالكتاب وللكتاب فالمدن لبنان عمان رمضان قانون وزير الوزير الله لغات سنتين جدة مدينتهم كتابهما طبيعيا كانت
1,234.5 ١٬٢٣٤٫٥ 106,78 COVID-19 École Straße ½ #عاصي_الحلاني م\u200cی\u200cخواهم سؤال؟ iPhone15
"""


def test_a_change_of_the_analysis_raises_its_version() -> None:
    table = "".join(f"{character}{form}" for character, form in sorted(TABLE.items()) if character < "\U00010000")
    parts = [table, *sorted(PROTECTED), *words(TEXT), *map(stem, words(TEXT)), *map(fold, TEXT.split())]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    assert DIGESTS.get(ANALYSIS_VERSION) == digest
