"""Lemmas guarded by a lexicon: وبالكتاب, كتابهم and كتاب are one word; لبنان stays whole, though لبن is a word too.

An affix goes only if what is left is a word, and one that is written often enough *beside the whole*: of a word that
truly has the affix, the bare form is rarely much rarer than the form with it, and how much rarer it may be depends on
the affix (``ratio``). One affix goes after the other, each time the one that leaves the most frequent word; where no
single one leaves a word, a prefix and a suffix go together.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from index.arabic.affixes import AFFIXES, GIVEN, IN_PLACE, LEAST, MORE, SIZE, Affix, Rows, rows, stands_at
from index.arabic.coding import SEED, WHOLE, digest, extend, finish, place_of
from index.arabic.lexicon import DOUBLING, LEXICON, level, level_of
from index.compilation import I32, I64, U8, U64, Array, kernel, read, several, written

# Affix, fewest letters left, how often the rest must be written for each time the whole is, what stands in its place.
_PREFIXES = (
    ("ال", 2, 0.02, ""), ("وال", 2, 0.5, "ال"), ("بال", 2, 0.1, "ال"), ("كال", 3, 1, "ال"), ("فال", 3, 1, "ال"),
    ("وال", 4, 0.1, ""), ("بال", 4, 0.1, ""), ("كال", 4, 1, ""), ("فال", 4, 1, ""),
    ("وبال", 2, 0.5, "ال"), ("وكال", 3, 1, "ال"), ("فبال", 3, 1, "ال"), ("وبال", 4, 0.5, ""),
    ("لل", 2, 0.1, "ال"), ("لل", 2, 0.1, "الل"), ("ولل", 2, 0.5, "ال"), ("فلل", 3, 1, "ال"), ("لل", 4, 0.1, ""),
    ("و", 2, 1.5, ""), ("ف", 3, 8, ""), ("ك", 3, 8, ""),
    ("ب", 3, 2, ""), ("ب", 4, 0.3, ""), ("ل", 3, 2, ""), ("ل", 4, 0.3, ""),
    ("سي", 3, 0.2, "ي"), ("ست", 3, 0.2, "ت"), ("سن", 3, 0.2, "ن"),
)  # fmt: skip
_PRONOUNS = (
    ("ها", 3, 0.3, ""), ("هم", 3, 0.3, ""), ("هما", 3, 0.3, ""), ("هن", 3, 1, ""), ("كم", 3, 0.5, ""),
    ("نا", 3, 0.5, ""), ("كما", 3, 0.5, ""), ("ك", 3, 3, ""), ("ني", 3, 1, ""),
    ("تها", 2, 0.1, "ه"), ("تهم", 2, 0.1, "ه"), ("تهما", 2, 0.1, "ه"), ("تهن", 2, 0.3, "ه"), ("تنا", 2, 0.3, "ه"),
    ("ته", 2, 0.1, "ه"), ("تكم", 2, 0.3, "ه"), ("تي", 3, 1, "ه"), ("تك", 3, 1, "ه"),
    ("اتها", 2, 0.2, "ه"), ("اتهم", 2, 0.2, "ه"), ("اته", 2, 0.2, "ه"),
    ("اتها", 3, 0.3, ""), ("اتهم", 3, 0.3, ""), ("اته", 3, 0.3, ""), ("اتنا", 3, 0.3, ""), ("اتي", 3, 1, ""),
    ("اها", 2, 0.3, "ي"), ("اه", 2, 0.3, "ي"), ("اهم", 2, 0.3, "ي"),
    ("ايها", 3, 0.2, "اء"), ("ايهم", 3, 0.2, "اء"), ("ايه", 3, 0.2, "اء"),
    ("اوها", 3, 0.2, "اء"), ("اوهم", 3, 0.2, "اء"), ("اوه", 3, 0.2, "اء"),
)  # fmt: skip
_NUMBERS = (
    ("ات", 2, 0.1, "ه"), ("ات", 3, 0.3, ""), ("ان", 3, 3, ""), ("ين", 3, 0.3, ""), ("ون", 3, 0.2, ""),
    ("تان", 2, 0.1, "ه"), ("تين", 2, 0.1, "ه"), ("يين", 3, 0.05, "ي"), ("يون", 3, 0.05, "ي"),
    ("ا", 3, 0.5, ""), ("وا", 3, 0.3, ""), ("و", 3, 0.3, ""), ("ت", 3, 0.5, ""), ("تم", 3, 1, ""),
)  # fmt: skip
_GENDERS = (("ه", 3, 0.7, ""), ("يه", 3, 0.1, "ي"))
"""Suffixes, each with the same: pronouns; then endings of number, case and person; then those of gender, of which the ه
may also be a pronoun. After one only a later sort may go."""

_ATTESTED = {2: 300.0, 3: 10.0, 4: 2.0}
"""How often a word must be written at all by its letters, among ``SHIPPED_WORDS`` words and the index's; longer ones as
the longest."""

_STEPS = 5
_CERTAIN = 1 << 30
"""What a protected word counts as: affixes before and after it go, whatever else the rest could be."""

_LETTER = DOUBLING
"""How much more frequent a word must be to be chosen before one that leaves a letter more."""

_SORT = MORE + 1


_Rule: TypeAlias = tuple[str, int, float, str]


def _affix(rule: _Rule, sort: int) -> Affix:
    letters, least, ratio, given = rule
    return Affix(letters, least, given, (round(DOUBLING * math.log2(ratio)), sort))


def _prefix_rows() -> Rows:
    """Return the prefixes for ``lemma_letters``."""
    return rows([_affix(rule, 0) for rule in _PREFIXES], 0)


def _suffix_rows() -> Rows:
    """Return the suffixes for ``lemma_letters``."""
    sorts = enumerate((_PRONOUNS, _NUMBERS, _GENDERS))
    return rows([_affix(rule, sort) for sort, rules in sorts for rule in rules], -1)


_ATTESTED_2, _ATTESTED_3, _ATTESTED_4 = (level_of(count) for count in _ATTESTED.values())
UNKNOWN = level_of(0.3)


@kernel(I64(U64, I64, read(U64), LEXICON))
def attested(key: Any, size: int, stops: Array, lexicon: Any) -> int:
    """Return the level of a word of so many letters, 0 where it is none or a stop word."""
    found = level(lexicon, key)
    if size <= 3:
        if found < (_ATTESTED_2 if size <= 2 else _ATTESTED_3) or place_of(stops, key) >= 0:
            return 0
    elif found < _ATTESTED_4 or (size == 4 and place_of(stops, key) >= 0):
        return 0
    return int(found)


@kernel(U64(read(U8), I64, I64, read(I32, 2), I64, read(I32, 2), I64))
def _rest(letters: Array, begin: int, end: int, prefixes: Array, prefix: int, suffixes: Array, suffix: int) -> Any:
    """Return the digest of a word without a prefix and a suffix; -1 stands for none."""
    state = SEED
    if prefix >= 0:
        begin += int(prefixes[prefix, SIZE])
        for i in range(prefixes[prefix, GIVEN]):
            state = extend(state, np.uint8(prefixes[prefix, IN_PLACE + i]))
    if suffix >= 0:
        end -= int(suffixes[suffix, SIZE])
    for place in range(begin, end):
        state = extend(state, letters[place])
    if suffix >= 0:
        for i in range(suffixes[suffix, GIVEN]):
            state = extend(state, np.uint8(suffixes[suffix, IN_PLACE + i]))
    return finish(state)


@kernel(several(I64, I64)(written(U8), I64, I64, AFFIXES, WHOLE, LEXICON))
def lemma_letters(letters: Array, begin: int, end: int, affixes: Any, whole: Any, lexicon: Any) -> tuple[int, int]:
    """Reduce a word to its lemma where it stands; return where that begins and ends."""
    prefixes, prefix_starts, suffixes, suffix_starts = affixes
    protected, stops = whole
    key = digest(letters, begin, end)
    sort = 0
    for _ in range(_STEPS):
        size = end - begin
        if size < 3 or place_of(protected, key) >= 0 or place_of(stops, key) >= 0:
            break
        known = max(level(lexicon, key), UNKNOWN)
        best = 0
        best_prefix = best_suffix = -1
        first, last = letters[begin], letters[end - 1]
        for prefix in range(prefix_starts[first], prefix_starts[first + 1]):
            left = size - prefixes[prefix, SIZE]
            if left >= prefixes[prefix, LEAST] and stands_at(letters, begin, prefixes, prefix):
                rest = _rest(letters, begin, end, prefixes, prefix, suffixes, -1)
                found = attested(rest, left + prefixes[prefix, GIVEN], stops, lexicon)
                worth = found + left * _LETTER
                if place_of(protected, rest) >= 0:
                    found, worth = _CERTAIN, _CERTAIN
                if found and worth > best and found - known >= prefixes[prefix, MORE]:
                    best, best_prefix, best_suffix, key = worth, prefix, -1, rest
        for suffix in range(suffix_starts[last], suffix_starts[last + 1]):
            left = size - suffixes[suffix, SIZE]
            if suffixes[suffix, _SORT] < sort:
                continue
            if left >= suffixes[suffix, LEAST] and stands_at(letters, begin + left, suffixes, suffix):
                rest = _rest(letters, begin, end, prefixes, -1, suffixes, suffix)
                found = attested(rest, left + suffixes[suffix, GIVEN], stops, lexicon)
                worth = found + left * _LETTER
                if place_of(protected, rest) >= 0:
                    found, worth = _CERTAIN, _CERTAIN
                if found and worth > best and found - known >= suffixes[suffix, MORE]:
                    best, best_prefix, best_suffix, key = worth, -1, suffix, rest
        if not best:
            for prefix in range(prefix_starts[first], prefix_starts[first + 1]):
                if size - prefixes[prefix, SIZE] < 2 or not stands_at(letters, begin, prefixes, prefix):
                    continue
                for suffix in range(suffix_starts[last], suffix_starts[last + 1]):
                    left = size - suffixes[suffix, SIZE] - prefixes[prefix, SIZE]
                    least = max(suffixes[suffix, LEAST], prefixes[prefix, LEAST])
                    if suffixes[suffix, _SORT] < sort:
                        continue
                    if left >= least and stands_at(letters, end - suffixes[suffix, SIZE], suffixes, suffix):
                        rest = _rest(letters, begin, end, prefixes, prefix, suffixes, suffix)
                        given = suffixes[suffix, GIVEN] + prefixes[prefix, GIVEN]
                        found = attested(rest, left + given, stops, lexicon)
                        more = max(suffixes[suffix, MORE], prefixes[prefix, MORE])
                        if found > best and found - known >= more:
                            best, best_prefix, best_suffix, key = found, prefix, suffix, rest
        if not best:
            break
        if best_prefix >= 0:
            given = int(prefixes[best_prefix, GIVEN])
            begin += int(prefixes[best_prefix, SIZE]) - given
            for i in range(given):
                letters[begin + i] = prefixes[best_prefix, IN_PLACE + i]
        if best_suffix >= 0:
            sort = int(suffixes[best_suffix, _SORT]) + 1
            end -= int(suffixes[best_suffix, SIZE])
            for i in range(suffixes[best_suffix, GIVEN]):
                letters[end] = suffixes[best_suffix, IN_PLACE + i]
                end += 1
    return begin, end


LEMMA_AFFIXES = (*_prefix_rows(), *_suffix_rows())
"""The affixes for ``lemma_letters``."""
