"""What makes words kin: for each kind of kinship a key, which all words of one family share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic import lemma
from index.arabic.affixes import ROWS
from index.arabic.coding import ROOM, Digests, decode, digest, word_set
from index.arabic.lemma import lemma_letters, verb
from index.arabic.lexicon import Lexicon
from index.arabic.spelling import STEMS, WORDS, letter_map, respell, respell_letters, word_map
from index.arabic.stem import PROTECTED, prefix_rows, stem_letters, suffix_rows
from index.arabic.stopwords import STOP_WORDS
from index.compilation import U8, U16, U32, U64, Array, kernel, read, written

KEYED = ("spelling", "lemma", "verb", "stem", "skeleton")
"""The kinds that keys are made for, in the order of the rows that ``Kinship.keys`` returns."""

_SPELLING, _LEMMA, _VERB, _STEM, _SKELETON = range(len(KEYED))
_HAMZA, _ALEF, _WAW, _YEH = 0x21, 0x27, 0x48, 0x4A
_SHORTEST = 2

_STOPS = word_set(STOP_WORDS)
_USUAL_LETTERS = letter_map()
_STEM_SPELLINGS, _STEM_USUAL = word_map(STEMS)
_WORD_SPELLINGS, _WORD_USUAL = word_map(WORDS)
_AFFIXES = (*prefix_rows(), *suffix_rows(), *lemma.prefix_rows(), *lemma.suffix_rows())
_SPELLINGS = (_USUAL_LETTERS, _WORD_SPELLINGS, _WORD_USUAL, _STEM_SPELLINGS, _STEM_USUAL)


@dataclass(frozen=True, slots=True, eq=False)
class Kinship:
    """What words are judged by: a lexicon, and the words that are left whole (``protected``, as a ``word_set``)."""

    lexicon: Lexicon
    protected: Digests = field(default_factory=lambda: word_set(PROTECTED))

    @classmethod
    def protecting(cls, lexicon: Lexicon, words: Iterable[str]) -> Kinship:
        """Return the judgement that leaves these folded words whole besides the built-in ones."""
        return cls(lexicon, word_set([*PROTECTED, *words]))

    def keys(self, data: NDArray[np.uint8], ends: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return keys [kinds, words] of words that are packed (see ``digests_of``); 0 for what has no kin."""
        keys = np.zeros((len(KEYED), len(ends) - 1), np.uint64)
        self._keys(data, ends, 0, keys)
        return keys

    def _keys(self, data: NDArray[Any], ends: NDArray[Any], first: int, keys: NDArray[np.uint64]) -> None:
        _find_keys(
            data, ends, *_AFFIXES, *_SPELLINGS, self.protected, _STOPS, self.lexicon.checks, self.lexicon.levels, keys
        )


@kernel(
    types.void(
        read(U8), read(U32), *ROWS, *ROWS, *ROWS, *ROWS, read(U8), read(U64), read(U8, 2),
        read(U64), read(U8, 2), read(U64), read(U64), read(U32), read(U16), written(U64, 2)
    )
)  # fmt: skip
def _find_keys(
    data: Array, ends: Array,
    stem_prefixes: Array, stem_prefix_starts: Array, stem_suffixes: Array, stem_suffix_starts: Array,
    prefixes: Array, prefix_starts: Array, suffixes: Array, suffix_starts: Array,
    usual_letters: Array, word_spellings: Array, word_usual: Array, stem_spellings: Array, stem_usual: Array,
    protected: Array, stops: Array, checks: Array, levels: Array, keys: Array,
) -> None:  # fmt: skip
    """Fill the keys of words; see ``Kinship.keys``."""
    word = np.empty(ROOM, np.uint8)
    letters = np.empty(ROOM, np.uint8)
    for number in range(len(ends) - 1):
        size = decode(data, np.int64(ends[number]), np.int64(ends[number + 1]), word)
        if size < _SHORTEST:
            continue
        respell_letters(word, size, usual_letters)
        letters[:size] = word[:size]
        end = respell(letters, 0, size, word_spellings, word_usual)
        keys[_SPELLING, number] = digest(letters, 0, end)
        begin, end = lemma_letters(
            letters, 0, end, prefixes, prefix_starts, suffixes, suffix_starts, protected, stops, checks, levels
        )
        end = respell(letters, begin, end, word_spellings, word_usual)
        keys[_LEMMA, number] = digest(letters, begin, end)
        keys[_VERB, number] = verb(letters, begin, end, protected, stops, checks, levels)
        begin, end = stem_letters(
            word,
            size,
            letters,
            stem_prefixes,
            stem_prefix_starts,
            stem_suffixes,
            stem_suffix_starts,
            protected,
            stops,
            stem_spellings,
            stem_usual,
        )
        keys[_STEM, number] = digest(letters, begin, end)
        bones = begin
        for place in range(begin, end):
            letter = letters[place]
            if letter != _ALEF and letter != _WAW and letter != _YEH and letter != _HAMZA:
                letters[bones] = letter
                bones += 1
        if bones - begin >= _SHORTEST:
            keys[_SKELETON, number] = digest(letters, begin, bones)
