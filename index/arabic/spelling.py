"""Words and letters of several spellings, each brought to one: hamzas, foreign letters, foreign names.

The folding of letters leaves these apart, because it must hold for every word: ؤ and ئ are letters of different words
as often as of one, and پ is written by those who mean it. As forms of one word they are found all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic.coding import digest, digests_of, letters_of, packed, place_of
from index.compilation import I64, U8, U64, Array, kernel, read, several, written

_LETTERS = {"پ": "ب", "چ": "ج", "ژ": "ز", "گ": "ك", "ڤ": "ف", "ڨ": "ق", "ڭ": "ك", "ڥ": "ف"}
"""Foreign letters as papers without them write the same names: ڤيديو is فيديو."""

STEMS = {
    "مسيول": "مسوول", "شيون": "شوون", "ريوس": "رووس", "رءوس": "رووس", "كيوس": "كووس", "كءوس": "كووس",
    "مريوس": "مرووس", "مرءوس": "مرووس", "ريوف": "رووف", "رءوف": "رووف", "ديوب": "دووب", "دءوب": "دووب",
    "ميون": "موون", "ميونه": "موونه", "هيا": "هيي", "هياه": "هييه", "ميه": "ماي", "شيي": "شيء", "شي": "شيء",
}  # fmt: skip
"""Stems of words whose hamza is written in several ways (مسؤول مسئول, هيئة هيأة, مئة مائة) → one of them."""

_G_NAMES = """
غوغل غوتيريش انغولا هونغ كونغ شنغهاي بلغراد كيلوغرام غولف انغليزي انغليزيه انغليز
غواتيمالا مونغوليا سنغافوره البرتغال غرينتش شيكاغو ميغا لاغوس كاتالوغ غينيس بوغوتا اوروغواي باراغواي هيغل
غوته غاندي غورباتشوف غيتس
"""
"""Foreign names with a g, which is written with غ, ج, ك, ق or گ by country."""

WORDS = {
    "مسيول": "مسوول", "مسيوله": "مسووله", "مسيوليه": "مسووليه", "شيون": "شوون", "ريوس": "رووس", "رءوس": "رووس",
    "كيوس": "كووس", "كءوس": "كووس", "مريوس": "مرووس", "مرءوس": "مرووس", "ريوف": "رووف", "رءوف": "رووف",
    "ديوب": "دووب", "دءوب": "دووب", "ميون": "موون", "ميونه": "موونه", "هياه": "هييه", "ميه": "مايه", "شيي": "شيء",
    "شي": "شيء", "ميتين": "مايتين", "ابي": "ابو", "ابا": "ابو",
    **{name.replace("غ", letter): name for name in _G_NAMES.split() for letter in "جكق" if "غ" in name},
}  # fmt: skip
"""Whole words of several spellings: those above, أبو in its cases, and foreign names → one of them."""


SPELLINGS = several(read(U64), read(U8, 2))
"""The types of what ``word_map`` returns."""


def letter_map() -> NDArray[np.uint8]:
    """Return the letter that each letter is brought to, as bytes (see ``index.arabic.coding``)."""
    found = np.arange(256, dtype=np.uint8)
    for foreign, usual in _LETTERS.items():
        found[letters_of(foreign)] = letters_of(usual)
    return found


def word_map(spellings: Mapping[str, str]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the digests of spellings, ascending, and a row for each: the size and the letters of what it becomes."""
    digests = digests_of(*packed(spellings))
    table = np.zeros((len(spellings), 16), np.uint8)
    for row, usual in zip(table, spellings.values(), strict=True):
        row[0] = len(usual)
        row[1 : 1 + len(usual)] = letters_of(usual)
    order = np.argsort(digests)
    return digests[order], table[order]


@kernel(types.void(written(U8), I64, read(U8)))
def respell_letters(letters: Array, size: int, usual: Array) -> None:
    """Bring each letter of a word to the usual one."""
    for place in range(size):
        letters[place] = usual[letters[place]]


@kernel(I64(written(U8), I64, I64, SPELLINGS))
def respell(letters: Array, begin: int, end: int, spellings: Any) -> int:
    """Bring a word to its usual spelling where it stands; return its new end."""
    digests, usual = spellings
    found = place_of(digests, digest(letters, begin, end))
    if found < 0:
        return end
    size = np.int64(usual[found, 0])
    for place in range(size):
        letters[begin + place] = usual[found, 1 + place]
    return int(begin + size)
