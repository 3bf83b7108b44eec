"""Strings as numbers: each distinct string is kept once, in memory that is known to the byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.compilation import I32, I64, U16, U64, Array, kernel, read, written

_LEAST = 1 << 10
_SPACE = ord(" ")
_MIX = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2^64 divided by the golden ratio, as in Fibonacci hashing
_ONE, _HALF, _LOW = np.uint64(1), np.uint64(32), np.uint64(0xFFFF_FFFF)
_GROUP = 512
"""Strings that are looked up together."""


class Interner:
    """Numbers strings from 0, in the order in which they first appear. None may hold a space.

    They lie in an arena of UTF-16 code units, each with a space behind it, and are looked up in an open hash table.
    """

    def __init__(self) -> None:
        self._arena = np.empty(_LEAST * 8, np.uint16)
        self._ends = np.zeros(_LEAST, np.int64)
        self._slots = np.zeros(_LEAST * 2, np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._arena.nbytes + self._ends.nbytes + self._slots.nbytes

    def numbers(self, units: NDArray[np.uint16], ends: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the number of each string; string ``i`` is ``units[ends[i - 1]:ends[i]]``, in UTF-16."""
        numbers = np.empty(len(ends), np.int32)
        hashes = np.empty(_GROUP, np.uint64)
        state = np.array([0, self._count, 0, 0], np.int64)
        while not _number(units, ends, self._slots, self._arena, self._ends, hashes, state, numbers):
            self._grow(int(state[1]), int(state[2]))
        self._count = int(state[1])
        return numbers

    def numbers_of(self, strings: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of each string."""
        encoded = [string.encode("utf-16-le") for string in strings]
        ends = np.cumsum([len(data) // 2 for data in encoded], dtype=np.int64)
        return self.numbers(np.frombuffer(b"".join(encoded), np.uint16), ends)

    def strings(self, first: int = 0) -> list[bytes]:
        """Return all strings from the number ``first`` on, in UTF-8."""
        arena = self._arena[self._ends[first] : self._ends[self._count]]
        text = arena.tobytes().decode("utf-16-le").encode()
        return text.split(b" ")[:-1]

    def _grow(self, count: int, length: int) -> None:
        """Make room for one more string than ``count``, of ``length`` units, by doubling what is full."""
        used = int(self._ends[count])
        self._ends = _with_room(self._ends, count + 1, 1)
        self._arena = _with_room(self._arena, used, length + 1)
        if count * 2 >= len(self._slots):
            self._slots = np.zeros(len(self._slots) * 2, np.uint64)
            _enter_again(self._arena, self._ends, count, self._slots)


def _with_room(array: NDArray[Any], used: int, more: int) -> NDArray[Any]:
    size = len(array)
    while size < used + more:
        size *= 2
    if size == len(array):
        return array
    larger = np.empty(size, array.dtype)
    larger[:used] = array[:used]
    return larger


@kernel(U64(read(U16), I64, I64), inline="always")
def _hash(units: Array, begin: int, end: int) -> Any:
    code = np.uint64(0)
    for place in range(begin, end):
        code = (code ^ units[place]) * _MIX
    return code ^ (code >> _HALF)


@kernel(types.boolean(read(U16), I64, I64, read(U16), I64, I64), inline="always")
def _equal(arena: Array, begin: int, end: int, units: Array, place: int, length: int) -> bool:
    if end - begin != length:
        return False
    same = 0
    while same < length and arena[begin + same] == units[place + same]:
        same += 1
    return same == length


@kernel(types.void(read(U16), read(I64), I64, written(U64)))
def _enter_again(arena: Array, ends: Array, count: int, slots: Array) -> None:
    """Enter the first ``count`` strings of the arena into an empty table."""
    mask = np.uint64(len(slots) - 1)
    for number in range(count):
        code = _hash(arena, ends[number], ends[number + 1] - 1)
        slot = code & mask
        while slots[slot] != 0:
            slot = (slot + _ONE) & mask
        slots[slot] = (code >> _HALF << _HALF) | np.uint64(number + 1)


@kernel(
    types.boolean(
        read(U16), read(I64), written(U64), written(U16), written(I64), written(U64), written(I64), written(I32)
    )
)  # fmt: skip
def _number(
    units: Array,
    ends: Array,
    slots: Array,
    arena: Array,
    arena_ends: Array,
    hashes: Array,
    state: Array,
    numbers: Array,
) -> bool:
    """Number the strings until all are numbered (True), or the table or the arena is full (False).

    A slot holds the upper half of a string's hash and, below it, its number plus one; 0 where it is free. String ``n``
    is ``arena[arena_ends[n] : arena_ends[n + 1] - 1]``. ``state`` holds how many of ``numbers`` are written, how many
    strings the arena has, and how long the string is that there was no room for.
    """
    mask = np.uint64(len(slots) - 1)
    done, count = state[0], state[1]
    while done < len(numbers):
        group_end = min(done + _GROUP, len(numbers))
        for string in range(done, group_end):
            hashes[string - done] = _hash(units, ends[string - 1] if string else 0, ends[string])
        # A string's slot and its place in the arena are seldom in the processor's cache. Of loops as short as these
        # two, many rounds wait for memory at once; of the one below, which finds there what it needs, only a few.
        fetched = state[3]  # of no use, but the loops would be left out otherwise
        for code in hashes[: group_end - done]:
            fetched ^= arena_ends[np.int64(slots[code & mask] & _LOW)]
        for code in hashes[: group_end - done]:
            known = np.int64(slots[code & mask] & _LOW) - 1
            fetched ^= arena[arena_ends[known if known > 0 else 0]]
        state[3] = fetched
        for string in range(done, group_end):
            code = hashes[string - done]
            place = ends[string - 1] if string else 0
            length = ends[string] - place
            slot = code & mask
            number = np.int64(-1)
            while slots[slot] != 0:
                if slots[slot] >> _HALF == code >> _HALF:
                    known = np.int64(slots[slot] & _LOW) - 1
                    if _equal(arena, arena_ends[known], arena_ends[known + 1] - 1, units, place, length):
                        number = known
                        break
                slot = (slot + _ONE) & mask
            if number < 0:
                begin = arena_ends[count]
                if count * 2 >= len(slots) or count + 1 >= len(arena_ends) or begin + length + 1 > len(arena):
                    state[0], state[1], state[2] = string, count, length
                    return False
                for step in range(length):
                    arena[begin + step] = units[place + step]
                arena[begin + length] = _SPACE
                arena_ends[count + 1] = begin + length + 1
                slots[slot] = (code >> _HALF << _HALF) | np.uint64(count + 1)
                number = count
                count += 1
            numbers[string] = number
        done = group_end
    state[0], state[1] = done, count
    return True
