"""How often Arabic words are written: a shipped list of frequencies, joined with an index's own vocabulary.

A small index knows few words, so that what is left of a word without its affixes would often look like no word. The
shipped list (``lexicon.zst``; ``lexicon.md`` beside it says where it is from and under which licence it stands) makes
up for that. Joined, a word's frequency is what both say of it, the list counting as a text of ``SHIPPED_WORDS`` words.

A joined lexicon is a hash table with open addressing of the words' digests (see ``index.arabic.coding``), so that it
can be looked up where it lies on disk. Frequencies are kept as levels, 256 to a doubling: affixes are judged by ratios.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numba import types
from numpy.typing import NDArray

from index.arabic.coding import ROOM, decode, digest
from index.compilation import F64, I64, U8, U16, U32, U64, Array, kernel, read, several, written

SHIPPED = Path(__file__).with_name("lexicon.zst")
"""The list: folded words, ascending in UTF-8, a line each; an empty line; then a byte for each word, its rarity."""

SHIPPED_WORDS = 1e7
"""How many words of text the shipped list counts as, against the index's own."""

RARITIES = (3, 100)
"""A rarity r is a frequency of 10 to the power of -(3·r + 100) / 100."""

DOUBLING = 256
"""Levels between a frequency and its double."""

_FAINTEST = 5.0
"""The lowest level is that of half a word to the power of this."""

_LOAD = 0.6
"""Share of the slots that may be taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Joined frequencies.

    ``checks`` u32 [2^k]: a part of the digest of the word in each slot; ``levels`` u16: its level, 0 in empty slots.
    """

    checks: NDArray[np.uint32]
    levels: NDArray[np.uint16]

    @classmethod
    def joined(cls, data: NDArray[np.uint8], ends: NDArray[np.uint32], counts: NDArray[np.uint32]) -> Lexicon:
        """Join the shipped list with a vocabulary, packed (see ``index.arabic.coding.digests_of``) and counted."""
        known, known_ends, frequencies = shipped()
        slots = 1 << max(4, int((len(known_ends) + len(ends)) / _LOAD - 1).bit_length())
        keys = np.zeros(slots, np.uint64)
        amounts = np.zeros(slots, np.float64)
        _count(known, known_ends, frequencies * SHIPPED_WORDS, keys, amounts)
        _count(data, ends, counts.astype(np.float64), keys, amounts)
        # A word that stands in one document and not in the list vouches for nothing.
        kept = amounts > 0
        alone = kept & (amounts == 1.0)
        kept &= ~alone
        needed = 1 << max(4, int(int(kept.sum()) / _LOAD).bit_length())
        checks, levels = np.zeros(needed, np.uint32), np.zeros(needed, np.uint16)
        _settle(keys[kept], _levels(amounts[kept]), checks, levels)
        return cls(checks, levels)


def _levels(amounts: NDArray[np.float64]) -> NDArray[np.uint16]:
    return np.clip(np.rint(DOUBLING * (np.log2(amounts) + _FAINTEST)), 1, 65_535).astype(np.uint16)


def level_of(count: float) -> int:
    """Return the level of a word that stands so often in all."""
    return int(_levels(np.array([count]))[0])


@lru_cache(maxsize=1)
def shipped() -> tuple[NDArray[np.uint8], NDArray[np.uint32], NDArray[np.float64]]:
    """Return the shipped words, packed, and the frequency of each: its share of all words of a text."""
    text, rarities = zstandard.decompress(SHIPPED.read_bytes()).split(b"\n\n", 1)
    data = np.frombuffer(text + b"\n", np.uint8)
    breaks = np.flatnonzero(data == ord("\n"))
    ends = np.zeros(len(breaks) + 1, np.uint32)
    ends[1:] = breaks - np.arange(len(breaks))
    step, first = RARITIES
    frequencies = 10.0 ** (-(step * np.frombuffer(rarities, np.uint8).astype(np.float64) + first) / 100)
    return data[data != ord("\n")], ends, frequencies


@kernel(types.void(read(U8), read(U32), read(F64), written(U64), written(F64)))
def _count(data: Array, ends: Array, counts: Array, keys: Array, amounts: Array) -> None:
    """Add up the words of a list in a table of digests."""
    letters = np.empty(ROOM, np.uint8)
    mask = np.uint64(len(keys) - 1)
    for number in range(len(counts)):
        size = decode(data, np.int64(ends[number]), np.int64(ends[number + 1]), letters)
        if size:
            key = digest(letters, 0, size)
            slot = key & mask
            while keys[slot] and keys[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            keys[slot] = key
            amounts[slot] += counts[number]


@kernel(types.void(read(U64), read(U16), written(U32), written(U16)))
def _settle(keys: Array, given: Array, checks: Array, levels: Array) -> None:
    mask = np.uint64(len(checks) - 1)
    for number in range(len(keys)):
        slot = keys[number] & mask
        while levels[slot]:
            slot = (slot + np.uint64(1)) & mask
        checks[slot] = np.uint32(keys[number] >> np.uint64(32))
        levels[slot] = given[number]


LEXICON = several(read(U32), read(U16))
"""The types of a lexicon's arrays."""


@kernel(I64(LEXICON, U64))
def level(lexicon: Any, key: Any) -> int:
    """Return the level of a word by its digest, 0 where it is not known."""
    checks, levels = lexicon
    mask = np.uint64(len(checks) - 1)
    check = np.uint32(key >> np.uint64(32))
    slot = key & mask
    while levels[slot]:
        if checks[slot] == check:
            return int(levels[slot])
        slot = (slot + np.uint64(1)) & mask
    return 0
