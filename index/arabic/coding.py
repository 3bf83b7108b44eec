"""Folded Arabic words as kernels take them: a letter is a byte, and a word is known by a digest of its letters.

A letter's byte is its code point less U+0600. Two words of one digest are taken for one word: among a million words the
chance that any two share their 64 bits is below one in ten million.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.compilation import I64, U8, U32, U64, Array, kernel, read, several, written

Digests: TypeAlias = NDArray[np.uint64]

MOST = 24
"""Letters of the longest word that is analysed; the buffers of kernels have room for some more."""

ROOM = MOST + 8

_BASE = 0x600
_FIRST = 0x21
SEED = np.uint64(0x9E3779B97F4A7C15)
"""The state of no letters."""

_FACTOR = np.uint64(0xD6E8FEB86659FD93)


@kernel(I64(read(U8), I64, I64, written(U8)))
def decode(data: Array, begin: int, end: int, letters: Array) -> int:
    """Write the letters of a word in UTF-8 to a buffer; return how many, 0 for what is no Arabic word to analyse."""
    size = (end - begin) >> 1
    if size > MOST or (end - begin) & 1 or size < 1:
        return 0
    for place in range(size):
        first = np.int64(data[begin + 2 * place])
        second = np.int64(data[begin + 2 * place + 1])
        if first < 0xD8 or first > 0xDB:
            return 0
        letter = ((first & 0x1F) << 6 | (second & 0x3F)) - _BASE
        if letter < _FIRST:
            return 0
        letters[place] = letter
    return int(size)


@kernel(U64(U64, U8))
def extend(state: Any, letter: int) -> Any:
    """Take a letter into the state of a digest."""
    state = (state ^ np.uint64(letter)) * _FACTOR
    return state ^ (state >> np.uint64(29))


@kernel(U64(U64))
def finish(state: Any) -> Any:
    """Return the digest of a state; never 0, which stands for no word."""
    state ^= state >> np.uint64(32)
    state *= _FACTOR
    state ^= state >> np.uint64(32)
    return state if state else np.uint64(1)


@kernel(U64(read(U8), I64, I64))
def digest(letters: Array, begin: int, end: int) -> Any:
    """Return the digest of a word: of its letters from ``begin`` to ``end``."""
    state = SEED
    for place in range(begin, end):
        state = extend(state, letters[place])
    return finish(state)


@kernel(I64(read(U64), U64))
def place_of(digests: Array, wanted: Any) -> int:
    """Return the place of a digest among ascending ones, or -1."""
    low, high = np.int64(0), np.int64(len(digests))
    while low < high:
        middle = (low + high) >> 1
        if digests[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return int(low) if low < len(digests) and digests[low] == wanted else -1


@kernel(types.void(read(U8), read(U32), written(U64)))
def _digest_all(data: Array, ends: Array, digests: Array) -> None:
    letters = np.empty(ROOM, np.uint8)
    for number in range(len(digests)):
        size = decode(data, np.int64(ends[number]), np.int64(ends[number + 1]), letters)
        digests[number] = digest(letters, 0, size) if size else np.uint64(0)


def digests_of(data: NDArray[np.uint8], ends: NDArray[np.uint32]) -> Digests:
    """Return the digest of each word, 0 for what is no Arabic word to analyse.

    ``data``: the words in UTF-8, one after the other; word ``i`` is ``data[ends[i]:ends[i+1]]``.
    """
    digests = np.empty(len(ends) - 1, np.uint64)
    _digest_all(data, ends, digests)
    return digests


def packed(words: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Return words as ``digests_of`` takes them."""
    encoded = [word.encode("utf-8", "replace") for word in words]
    ends = np.zeros(len(encoded) + 1, np.uint32)
    np.cumsum([len(word) for word in encoded], out=ends[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), ends


WHOLE = several(read(U64), read(U64))
"""Sets of words that keep their affixes: protected ones, and stop words."""


def word_set(words: Iterable[str]) -> Digests:
    """Return folded words as ascending digests, for ``place_of``."""
    found = digests_of(*packed(words))
    return np.unique(found[found != 0])


def letters_of(text: str) -> NDArray[np.uint8]:
    """Return the letters of an Arabic text as bytes."""
    return np.array([ord(letter) - _BASE for letter in text], np.uint8)


def text_of(letters: NDArray[np.uint8]) -> str:
    """Return the text of letters."""
    return "".join(chr(letter + _BASE) for letter in letters.tolist())
