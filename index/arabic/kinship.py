"""What makes words kin: for each kind of kinship a key, which all words of one family share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic import plurals, spelling
from index.arabic.affixes import AFFIXES
from index.arabic.coding import MOST, ROOM, WHOLE, Digests, decode, digest, word_set
from index.arabic.lemma import LEMMA_AFFIXES, lemma_letters
from index.arabic.lexicon import LEXICON, Lexicon
from index.arabic.plurals import PATTERNS, pattern_rows, singular
from index.arabic.spelling import SPELLINGS, letter_map, respell, respell_letters, word_map
from index.arabic.stem import PROTECTED, STEM_AFFIXES, stem_letters
from index.arabic.stopwords import STOP_WORDS
from index.arabic.verbs import past
from index.compilation import I64, U8, U32, U64, Array, kernel, read, written

KEYED = ("spelling", "lemma", "verb", "plural", "stem", "skeleton")
"""The kinds that keys are made for, in the order of the rows that ``Kinship.keys`` returns.

A word has a key of its own for verb and plural only where it is a present or a broken plural: it is that of the past's
or the singular's lemma. To these words, then, the families of that lemma are kin as well.
"""

OF_LEMMAS = frozenset(("verb", "plural"))
"""The kinds whose keys are lemmas' keys."""

_SPELLING, _LEMMA, _VERB, _PLURAL, _STEM, _SKELETON = range(len(KEYED))
_HAMZA, _ALEF, _WAW, _YEH = 0x21, 0x27, 0x48, 0x4A
_SHORTEST = 2
_EDGE = 1
"""A letter that is none: what stands before and after a stem."""

_STOPS = word_set(STOP_WORDS)
_USUAL_LETTERS = letter_map()
_STEMS, _WORDS = word_map(spelling.STEMS), word_map(spelling.WORDS)
_PLURALS = (*pattern_rows(), word_map(plurals.WORDS))


@dataclass(frozen=True, slots=True, eq=False)
class Kinship:
    """What words are judged by: a lexicon, and the words that are left whole (``protected``, as a ``word_set``)."""

    lexicon: Lexicon
    protected: Digests
    _lemmas: Digests = field(init=False)

    def __post_init__(self) -> None:
        # A listed plural is a lemma: of أبيات no ات may go.
        object.__setattr__(self, "_lemmas", np.union1d(self.protected, _PLURALS[-1][0]))

    @classmethod
    def protecting(cls, lexicon: Lexicon, words: Iterable[str]) -> Kinship:
        """Return the judgement that leaves these folded words whole besides the built-in ones."""
        return cls(lexicon, word_set([*PROTECTED, *words]))

    def trigrams(
        self, data: NDArray[np.uint8], ends: NDArray[np.uint32], chosen: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
        """Return the distinct trigrams [chosen, most] of the stems of chosen words, and how many each has.

        The words are packed (see ``digests_of``) and chosen by their places. What has no stem has no trigrams.
        """
        trigrams = np.zeros((len(chosen), MOST), np.uint32)
        sizes = np.zeros(len(chosen), np.uint8)
        _find_trigrams(
            data, ends, chosen, _USUAL_LETTERS, STEM_AFFIXES, (self.protected, _STOPS), _STEMS, trigrams, sizes
        )
        return trigrams, sizes

    def keys(self, data: NDArray[np.uint8], ends: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return keys [kinds, words] of words that are packed (see ``digests_of``); 0 where a word has none."""
        keys = np.zeros((len(KEYED), len(ends) - 1), np.uint64)
        whole, lexicon = (self.protected, _STOPS), (self.lexicon.checks, self.lexicon.levels)
        lemmas = (self._lemmas, _STOPS)
        _find_keys(
            data,
            ends,
            _USUAL_LETTERS,
            _WORDS,
            _STEMS,
            LEMMA_AFFIXES,
            STEM_AFFIXES,
            _PLURALS,
            whole,
            lemmas,
            lexicon,
            keys,
        )
        return keys


@kernel(U64(written(U8), I64, I64))
def _bones(letters: Array, begin: int, end: int) -> Any:
    """Return the digest of a stem's consonants, 0 where there are too few."""
    bones = begin
    for place in range(begin, end):
        letter = letters[place]
        if letter != _ALEF and letter != _WAW and letter != _YEH and letter != _HAMZA:
            letters[bones] = letter
            bones += 1
    return digest(letters, begin, bones) if bones - begin >= _SHORTEST else np.uint64(0)


@kernel(
    types.void(
        read(U8), read(U32), read(U8), SPELLINGS, SPELLINGS, AFFIXES, AFFIXES, PATTERNS, WHOLE, WHOLE, LEXICON,
        written(U64, 2),
    )
)  # fmt: skip
def _find_keys(
    data: Array, ends: Array, usual_letters: Array, word_spellings: Any, stem_spellings: Any, affixes: Any,
    stem_affixes: Any, patterns: Any, whole: Any, lemmas: Any, lexicon: Any, keys: Array,
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
        end = respell(letters, 0, size, word_spellings)
        keys[_SPELLING, number] = digest(letters, 0, end)
        begin, end = lemma_letters(letters, 0, end, affixes, lemmas, lexicon)
        end = respell(letters, begin, end, word_spellings)
        key = digest(letters, begin, end)
        keys[_LEMMA, number] = key
        other = past(letters, begin, end, whole, lexicon)
        keys[_VERB, number] = other if other != key else np.uint64(0)
        one = singular(letters, begin, end, patterns, whole, lexicon)
        if one:
            begin, end = lemma_letters(letters, begin, one, affixes, lemmas, lexicon)
            other = digest(letters, begin, end)
            keys[_PLURAL, number] = other if other != key else np.uint64(0)
        begin, end = stem_letters(word, size, letters, stem_affixes, whole, stem_spellings)
        keys[_STEM, number] = digest(letters, begin, end)
        keys[_SKELETON, number] = _bones(letters, begin, end)


@kernel(
    types.void(
        read(U8), read(U32), read(I64), read(U8), AFFIXES, WHOLE, SPELLINGS, written(U32, 2), written(U8)
    )
)  # fmt: skip
def _find_trigrams(
    data: Array, ends: Array, chosen: Array, usual_letters: Array, affixes: Any, whole: Any, spellings: Any,
    trigrams: Array, sizes: Array,
) -> None:  # fmt: skip
    """Fill the trigrams of stems; see ``Kinship.trigrams``."""
    word = np.empty(ROOM, np.uint8)
    letters = np.empty(ROOM, np.uint8)
    for number in range(len(chosen)):
        place = chosen[number]
        size = decode(data, np.int64(ends[place]), np.int64(ends[place + 1]), word)
        if size < _SHORTEST:
            continue
        respell_letters(word, size, usual_letters)
        begin, end = stem_letters(word, size, letters, affixes, whole, spellings)
        if end - begin <= _SHORTEST:
            continue
        count = 0
        code = np.uint32(_EDGE) << np.uint32(8) | np.uint32(letters[begin])
        for at in range(begin + 1, min(end, begin + MOST) + 1):
            letter = np.uint32(letters[at]) if at < end else np.uint32(_EDGE)
            code = (code << np.uint32(8) | letter) & np.uint32(0xFFFFFF)
            known = False
            for earlier in range(count):
                known = known or trigrams[number, earlier] == code
            if not known and count < MOST:
                trigrams[number, count] = code
                count += 1
        sizes[number] = count
