"""A first look at a text: which of its words may be wanted, found without making a string of any.

Words are told apart by hashes of their folded letters. The look may let a word through that is not wanted, never the
other way round: what it hands on is read again, exactly.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic.tokens import MARK, MAX_TOKEN_LENGTH, POINT, RARE, SPACE, plain_letters
from index.compilation import I64, U8, U16, U32, U64, Array, kernel, read, written

WHOLE, BEGINNING = 1, 2
"""What is wanted of a hash: words that have it, or words whose first letters have it."""

_BITS = 14
"""Bits of a hash that count. Of a query's words and their forms, some hundreds, each lets one in 16,384 others by."""

_SHIFT = np.uint64(64 - _BITS)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_LETTERS = np.array(plain_letters(), np.uint16)
_PLACES = len(_LETTERS)
_SPACE_CODE, _ZERO, _NINE, _HAMZA, _ALEF = map(ord, " 09ءا")


def no_hashes() -> NDArray[np.uint8]:
    """Return what is wanted while nothing is: a place for each hash."""
    return np.zeros(1 << _BITS, np.uint8)


@kernel(U64(U64, U64), inline="always")
def _next(hashed: int, letter: int) -> int:
    """Return the hash of a word that goes on with a letter."""
    return (hashed + letter) * _FACTOR  # type: ignore[return-value]


@kernel(types.void(read(U32), written(U8), U8))
def _want(codes: Array, wanted: Array, how: int) -> None:
    """Want the words of a text of folded words and spaces."""
    hashed = np.uint64(0)
    for place in range(len(codes) + 1):
        code = codes[place] if place < len(codes) else np.uint32(_SPACE_CODE)
        if code != _SPACE_CODE:
            hashed = _next(hashed, np.uint64(code))
        else:
            wanted[hashed >> _SHIFT] |= how
            hashed = np.uint64(0)


@kernel(types.boolean(read(U32), read(U16), I64), inline="always")
def _digit(codes: Array, letters: Array, place: int) -> bool:
    """Tell whether a digit stands at a place."""
    return (
        0 <= place < len(codes)
        and codes[place] < _PLACES
        and letters[codes[place]] >= _ZERO
        and letters[codes[place]] <= _NINE
    )


@kernel(I64(read(U32), read(U16), read(U8), written(types.int32, 2)))
def _look(codes: Array, letters: Array, wanted: Array, found: Array) -> int:
    """Write (start, end, words before, 1 for a piece or 0 for a word) of what may be wanted; return how many."""
    count = words = 0
    piece = count_before = words_before = 0  # where the piece between spaces began, and what was counted before it
    rare = False  # the piece is not for us
    start = end = 0  # of the word that goes on
    inside = False
    hashed = np.uint64(0)
    last = np.uint16(0)
    begun = False  # the word begins as one that is wanted so
    for place in range(len(codes) + 1):
        code = codes[place] if place < len(codes) else np.uint32(_SPACE_CODE)
        letter = letters[code] if code < _PLACES else np.uint16(RARE)
        if letter > RARE:
            if not inside:
                inside = True
                start = place
                hashed = np.uint64(0)
                begun = False
                last = np.uint16(0)
            end = place + 1
            hashed = _next(hashed, np.uint64(letter))
            begun |= wanted[hashed >> _SHIFT] & BEGINNING != 0
            rare |= last == _HAMZA and letter == _ALEF
            last = letter
        elif letter == MARK:
            end = place + 1
        elif letter == RARE:
            rare = True
        else:
            if inside:
                rare |= end - start > MAX_TOKEN_LENGTH
                if begun or wanted[hashed >> _SHIFT] & WHOLE:
                    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = start, end, words, 0
                    count += 1
                words += 1
                inside = False
            if letter == POINT:
                rare |= _digit(codes, letters, place - 1) and _digit(codes, letters, place + 1)
            elif letter == SPACE:
                if rare:
                    count, words = count_before, words_before
                    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = piece, place, words, 1
                    count += 1
                rare = False
                piece, count_before, words_before = place + 1, count, words
    return count


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def want(words: str, how: int, wanted: NDArray[np.uint8]) -> None:
    """Add folded words, with spaces between, to what is wanted."""
    _want(_codes(words), wanted, how)


def look(text: str, wanted: NDArray[np.uint8]) -> list[list[int]]:
    """Return ``[start, end, before, is_piece]`` of what may be wanted in a text, in order.

    Either a word, which folds by itself, or a piece between spaces that only ``tokenize`` can tell. ``before``: how
    many words stand before it, those of such pieces not counted.
    """
    found = np.empty((len(text) // 2 + 1, 4), np.int32)
    return found[: _look(_codes(text), _LETTERS, wanted, found)].tolist()  # type: ignore[no-any-return]
