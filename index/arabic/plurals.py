"""Broken plurals: مدارس is a form of مدرسة and أقلام of قلم, because of their patterns and because both are words.

A pattern names letters and, by the figures 1 to 4, the root's: of ``م1ا23`` مدارس has the root درس, and its singular is
the most frequent word among those that ``_PATTERNS`` gives for it. Patterns and their singulars are those of the
grammars (W. Wright, "A Grammar of the Arabic Language", 3rd edition, vol. 1, §304–305), less those that most often are
something else. As with affixes, the singular must be written often enough beside the plural.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic.coding import SEED, WHOLE, digest, extend, finish, letters_of, place_of
from index.arabic.lemma import UNKNOWN, attested
from index.arabic.lexicon import DOUBLING, LEXICON, level
from index.arabic.spelling import SPELLINGS, respell
from index.compilation import I32, I64, U8, Array, kernel, read, several, written

# Pattern of the plural, how often a singular must be written for each time the plural is, patterns of singulars.
_PATTERNS = (
    ("م1ا23", 0.1, "م123ه م123 م12ا3"),
    ("م1ا2ي3", 0.1, "م12و3 م12ا3 م12و3ه م12ي3"),
    ("1وا23", 0.1, "1ا23 1ا23ه 1و23"),
    ("12اي3", 0.1, "12ي3ه 12ا3ه 12و3 12ي3"),
    ("12ا34", 0.3, "1234 1234ه"),
    ("12ا3ي4", 0.1, "123ي4 123و4 123ا4"),
    ("ا12ا3", 0.3, "123 1ا23 12ي3 1ي23 123ه"),
    ("ا1وا3", 0.1, "1ا3 1و3 1و3ه"),
    ("ا123ه", 0.3, "12ا3"),
    ("ا123اء", 0.1, "12ي3"),
    ("ا12ياء", 0.1, "12ي"),
    ("123اء", 0.1, "12ي3 1ا23"),
    ("ا1ا23", 0.3, "12ا3 ا123 ا123ي"),
    ("ا1ا2ي3", 0.1, "ا12و3 ا12و3ه ا12ي3"),
    ("12ايا", 0.1, "12يه"),
    ("12و3", 1.0, "123"),
    ("12ا3", 1.0, "1ا23 12ي3 123"),
    ("123", 1.0, "12ا3 12ي3ه 123ه 12ي3"),
    ("123ه", 1.0, "1ا23"),
    ("123ان", 1.0, "12ي3"),
)

WORDS = {
    "ايام": "يوم", "برامج": "برنامج", "روساء": "رييس", "اسيله": "سوال", "اطباء": "طبيب", "نساء": "امراه",
    "اراء": "راي", "ابار": "بير", "اثار": "اثر", "افاق": "افق", "الاف": "الف", "اباء": "اب", "ابناء": "ابن",
    "اخوه": "اخ", "اسماء": "اسم", "اعضاء": "عضو", "انحاء": "نحو", "اجزاء": "جزء", "اضواء": "ضوء", "اعباء": "عبء",
    "انباء": "نبا", "اخطاء": "خطا", "اشياء": "شيء", "امهات": "ام", "قري": "قريه", "قوي": "قوه", "موانيء": "ميناء",
    "مواني": "ميناء", "نوايا": "نيه", "زوايا": "زاويه", "دول": "دوله", "صور": "صوره", "قوانين": "قانون",
    "ميادين": "ميدان", "عناوين": "عنوان", "دواوين": "ديوان", "عيون": "عين", "فنون": "فن", "ديون": "دين",
    "سجون": "سجن", "شوون": "شان", "اوقات": "وقت", "اصوات": "صوت", "ابيات": "بيت", "بيوت": "بيت", "اخوات": "اخت",
    "بنات": "بنت", "سنوات": "سنه", "سنين": "سنه", "مياه": "ماء", "لجان": "لجنه", "اديان": "دين", "بلدان": "بلد",
    "جيران": "جار", "نيران": "نار", "خيول": "خيل", "سيوف": "سيف", "ضيوف": "ضيف", "خطوط": "خط", "حدود": "حد",
    "حقوق": "حق", "شروط": "شرط", "حروب": "حرب", "دروس": "درس", "شعوب": "شعب", "قروض": "قرض", "جهود": "جهد",
    "قيود": "قيد", "جنود": "جندي", "فروع": "فرع", "نصوص": "نص", "صفوف": "صف", "رسوم": "رسم", "شيوخ": "شيخ",
}  # fmt: skip
"""Plurals that no pattern gives, or that the patterns would give to another word → their singulars, folded."""

_TEMPLATE = 8
_MOST = 5
_ALEF = 0x27


def _template(text: str) -> list[int]:
    """Return a pattern as numbers: its size, then 1 to 4 for letters of the root and the others as they are."""
    letters = [int(each) if each in "1234" else int(letters_of(each)[0]) for each in text]
    return [len(letters), *letters, *[0] * (_TEMPLATE - 1 - len(letters))]


def pattern_rows() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the patterns for ``plural``.

    The first table has a row for each plural: its template, then its floor in levels. The second has the templates of
    the singulars, ``_MOST`` rows for each plural, empty ones at the end.
    """
    plurals = np.zeros((len(_PATTERNS), _TEMPLATE + 1), np.int32)
    singulars = np.zeros((len(_PATTERNS) * _MOST, _TEMPLATE), np.int32)
    for number, (pattern, ratio, given) in enumerate(_PATTERNS):
        plurals[number] = [*_template(pattern), round(DOUBLING * math.log2(ratio))]
        for place, each in enumerate(given.split()):
            singulars[number * _MOST + place] = _template(each)
    return plurals, singulars


@kernel(types.boolean(read(U8), I64, I64, read(I32, 2), I64, written(U8)))
def _has_pattern(letters: Array, begin: int, size: int, plurals: Array, row: int, root: Array) -> bool:
    """Tell whether a word is of a pattern, and write the letters of its root; a root has no ا."""
    if plurals[row, 0] != size:
        return False
    for place in range(size):
        letter = letters[begin + place]
        due = plurals[row, 1 + place]
        if due > 4:
            if letter != due:
                return False
        else:
            if letter == _ALEF:
                return False
            root[due] = letter
    return True


PATTERNS = several(read(I32, 2), read(I32, 2), SPELLINGS)
"""The types of the tables of ``pattern_rows``, and of a ``word_map`` of ``WORDS``."""


@kernel(I64(written(U8), I64, I64, PATTERNS, WHOLE, LEXICON))
def singular(letters: Array, begin: int, end: int, patterns: Any, whole: Any, lexicon: Any) -> int:
    """Put the singular in the place of a lemma that is a broken plural; return its end, or 0 where it is none."""
    plurals, singulars, words = patterns
    protected, stops = whole
    key = digest(letters, begin, end)
    listed = respell(letters, begin, end, words)
    if digest(letters, begin, listed) != key:
        return listed
    size = end - begin
    if size < 3 or size > 7 or place_of(protected, key) >= 0 or place_of(stops, key) >= 0:
        return 0
    root = np.empty(5, np.uint8)
    chosen_root = np.empty(5, np.uint8)
    frequency = max(level(lexicon, key), UNKNOWN)
    best, chosen = 0, -1
    for row in range(len(plurals)):
        if _has_pattern(letters, begin, size, plurals, row, root):
            for which in range(row * _MOST, (row + 1) * _MOST):
                if not singulars[which, 0]:
                    break
                state = SEED
                for place in range(1, 1 + singulars[which, 0]):
                    letter = singulars[which, place]
                    state = extend(state, root[letter] if letter <= 4 else np.uint8(letter))
                known = attested(finish(state), singulars[which, 0], stops, lexicon)
                if known > best and known - frequency >= plurals[row, _TEMPLATE]:
                    best, chosen = known, which
                    chosen_root[:] = root
    if chosen < 0:
        return 0
    for place in range(singulars[chosen, 0]):
        letter = singulars[chosen, 1 + place]
        letters[begin + place] = chosen_root[letter] if letter <= 4 else letter
    return begin + int(singulars[chosen, 0])
