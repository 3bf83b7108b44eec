"""Unions of several ascending lists of strings, as merging needs them: every string's place in the union."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.codec.layout import Strings
from index.compilation import I64, U8, U64, Array, kernel, read, written

_KEY_BYTES = 8
"""How much of a string is compared at once, as one number."""


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """The distinct strings of several lists.

    ``places`` has for each list the places of its strings in the union; ``size`` is how many distinct ones there are.
    """

    places: Sequence[NDArray[np.int64]]
    size: int
    _data: NDArray[np.uint8]
    _begins: NDArray[np.int64]
    _chosen: NDArray[np.int64]

    @classmethod
    def of(cls, lists: Sequence[Strings]) -> Union:
        """Unite lists, each ascending."""
        data = np.concatenate([each.bytes_ for each in lists])
        firsts = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(each) for each in lists], out=firsts[1:])
        begins = np.empty(int(firsts[-1]) + 1, np.int64)
        offset = 0
        for first, each in zip(firsts.tolist(), lists, strict=False):
            begins[first : first + len(each)] = each.ends[:-1]
            begins[first : first + len(each)] += offset
            offset += len(each.bytes_)
        begins[-1] = offset
        places = np.empty(int(firsts[-1]), np.int64)
        chosen = np.empty(int(firsts[-1]), np.int64)
        size = _unite(data, begins, firsts, places, chosen)
        return cls(np.split(places, firsts[1:-1]), size, data, begins, chosen[:size])

    def strings(self, wanted: NDArray[np.bool_]) -> Strings:
        """Return those of the union's strings that are wanted (a truth for each), packed."""
        return self._packed(self._chosen[wanted])

    def ordered(self, wanted: NDArray[np.bool_]) -> tuple[Strings, NDArray[np.int64]]:
        """Return the wanted strings (a truth for each of all lists) in ascending order, and which they are.

        Equal ones stay beside each other, in the order of their lists.
        """
        order = np.argsort(np.concatenate(self.places), kind="stable")
        order = order[wanted[order]]
        return self._packed(order), order

    def _packed(self, strings: NDArray[np.int64]) -> Strings:
        ends = np.zeros(len(strings) + 1, np.uint32)
        np.cumsum(self._begins[strings + 1] - self._begins[strings], out=ends[1:])
        packed = np.empty(int(ends[-1]), np.uint8)
        _gather(self._data, self._begins, strings, packed)
        return Strings(packed, ends)


_COMPARISON = (read(U8), read(I64), I64, I64)


@kernel(U64(read(U8), read(I64), I64))
def _key(data: Array, begins: Array, string: int) -> np.uint64:
    """Return the first bytes of a string as a number that is ordered as they are."""
    key = np.uint64(0)
    begin, end = begins[string], begins[string + 1]
    for place in range(begin, begin + _KEY_BYTES):
        key <<= np.uint64(8)
        if place < end:
            key |= np.uint64(data[place])
    return key


@kernel(I64(*_COMPARISON))
def _compare(data: Array, begins: Array, left: int, right: int) -> int:
    """Return a number below, at or above 0, as ``left`` is before, the same as or after ``right``."""
    a, b = begins[left], begins[right]
    a_length, b_length = begins[left + 1] - a, begins[right + 1] - b
    for place in range(min(a_length, b_length)):
        if data[a + place] != data[b + place]:
            return int(data[a + place]) - int(data[b + place])
    return int(a_length - b_length)


@kernel(
    I64(
        read(U8), read(I64), read(I64), written(I64), written(I64),
    )
)  # fmt: skip
def _unite(data: Array, begins: Array, firsts: Array, places: Array, chosen: Array) -> int:
    """Fill ``places`` and ``chosen`` (one string of each distinct one); return how many are distinct."""
    lists = len(firsts) - 1
    heads = firsts[:-1].copy()
    keys = np.zeros(lists, np.uint64)
    for i in range(lists):
        if heads[i] < firsts[i + 1]:
            keys[i] = _key(data, begins, heads[i])
    size = 0
    while True:
        # Few lists are merged at a time: a look at each head costs less than keeping a heap of them.
        least = -1
        for i in range(lists):
            if heads[i] == firsts[i + 1]:
                continue
            if (
                least < 0
                or keys[i] < keys[least]
                or (keys[i] == keys[least] and _compare(data, begins, heads[i], heads[least]) < 0)
            ):
                least = i
        if least < 0:
            return size
        head = heads[least]
        if size == 0 or _compare(data, begins, chosen[size - 1], head) != 0:
            chosen[size] = head
            size += 1
        places[head] = size - 1
        heads[least] = head + 1
        if head + 1 < firsts[least + 1]:
            keys[least] = _key(data, begins, head + 1)


@kernel(types.void(read(U8), read(I64), read(I64), written(U8)))
def _gather(data: Array, begins: Array, strings: Array, packed: Array) -> None:
    """Copy strings one after the other."""
    to = 0
    for string in strings:
        for place in range(begins[string], begins[string + 1]):
            packed[to] = data[place]
            to += 1
