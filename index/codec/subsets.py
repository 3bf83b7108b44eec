"""Which words of a vocabulary a dictionary has, as bits, so that a word is found in it without comparing letters.

A word's forms are looked up in the dictionary of every segment and field. To search by letters there means waiting for
memory at every step. Where a form's place in the vocabulary is known, a bit says whether the dictionary has
it, and the number of bits set before it says where: both are ascending. Bits and counts take 1.5 bits for each word of
the vocabulary, little enough to stay in the processor's caches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import Strings
from index.codec.lookup import compare, place_among
from index.compilation import I64, U8, U32, U64, Array, kernel, read, written


@dataclass(frozen=True, slots=True, eq=False)
class Subset:
    """The words that a dictionary has in common with a vocabulary.

    ``bits`` u64: bit ``i % 64`` of number ``i // 64`` says whether the dictionary has word ``i``; empty where nothing
    is told. ``before`` u32: how many bits are set in all earlier numbers. ``places`` u32: for each bit set the word's
    place in the dictionary; empty where that is the count of the bits set before it, as it is where the vocabulary has
    all words of the dictionary.
    """

    bits: NDArray[np.uint64]
    before: NDArray[np.uint32]
    places: NDArray[np.uint32]

    @classmethod
    def of(cls, dictionary: Strings, vocabulary: Strings) -> Subset:
        """Compare ascending strings with others."""
        bits = np.zeros(-(-len(vocabulary) // 64), np.uint64)
        before = np.zeros(len(bits), np.uint32)
        places = np.empty(len(dictionary), np.uint32)
        count = _compare(dictionary.bytes_, dictionary.ends, vocabulary.bytes_, vocabulary.ends, bits, before, places)
        return cls(bits, before, places[:0] if count == len(places) else places[:count].copy())

    @classmethod
    def untold(cls) -> Subset:
        """Return a subset that tells nothing."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.uint32), np.zeros(0, np.uint32))


@kernel(I64(U64))
def _count(bits: Any) -> int:
    """Count the bits that are set: by pairs, fours and bytes, then all bytes at once."""
    bits -= (bits >> np.uint64(1)) & np.uint64(0x5555555555555555)
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@kernel(I64(read(U64), read(U32), read(U32), I64))
def find_in(bits: Array, before: Array, places: Array, word: int) -> int:
    """Return the place in a dictionary of a word of the vocabulary, or -1; see ``Subset``."""
    group = bits[word >> 6]
    bit = np.uint64(1) << np.uint64(word & 63)
    if not group & bit:
        return -1
    number = np.int64(before[word >> 6]) + _count(group & (bit - np.uint64(1)))
    return int(np.int64(places[number]) if len(places) else number)


@kernel(I64(read(U8), read(U32), read(U8), read(U32), written(U64), written(U32), written(U32)))
def _compare(
    data: Array, ends: Array, others: Array, other_ends: Array, bits: Array, before: Array, places: Array
) -> int:
    """Fill the arrays of a subset; return how many words there are in common.

    Both are gone through at once. The next word of the vocabulary that may be meant is looked for in steps that double.
    """
    size = len(other_ends) - 1
    count = 0
    low = np.int64(0)
    for number in range(len(ends) - 1):
        begin, end = np.int64(ends[number]), np.int64(ends[number + 1])
        step = np.int64(1)
        high = low
        while high < size and (
            compare(others, np.int64(other_ends[high]), np.int64(other_ends[high + 1]), data, begin, end) < 0
        ):
            low = high + 1
            high += step
            step *= 2
        place = place_among(others, other_ends, low, min(high + 1, size), data, begin, end)
        if place < 0:
            low = -1 - place
        else:
            bits[place >> 6] |= np.uint64(1) << np.uint64(place & 63)
            places[count] = number
            count += 1
            low = place + 1
    for group in range(1, len(bits)):
        before[group] = before[group - 1] + _count(bits[group - 1])
    return count
