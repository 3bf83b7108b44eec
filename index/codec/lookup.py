"""Finding strings in ascending packed strings, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.codec.layout import Strings
from index.compilation import I64, U8, U32, Array, kernel, read, written


@kernel(I64(read(U8), I64, I64, read(U8), I64, I64), inline="always")
def compare(data: Array, begin: int, end: int, others: Array, other_begin: int, other_end: int) -> int:
    """Return a number below, equal to or above 0 as one string stands before, is or stands after another."""
    size, other_size = end - begin, other_end - other_begin
    order = np.int64(size - other_size)
    for i in range(min(size, other_size)):
        difference = np.int64(data[begin + i]) - np.int64(others[other_begin + i])
        if difference != 0:
            order = difference
            break
    return int(order)


@kernel(I64(read(U8), read(U32), I64, I64, read(U8), I64, I64))
def place_among(data: Array, ends: Array, low: int, high: int, wanted: Array, begin: int, end: int) -> int:
    """Return the place of a string from ``low`` to ``high``: -1 - (where it would stand) if it is missing."""
    while low < high:
        middle = (low + high) >> 1
        order = compare(data, np.int64(ends[middle]), np.int64(ends[middle + 1]), wanted, begin, end)
        if order < 0:
            low = middle + 1
        elif order > 0:
            high = middle
        else:
            return middle
    return -1 - low


@kernel(types.void(read(U8), read(U32), read(U8), read(U32), written(I64)))
def find_all(data: Array, ends: Array, wanted: Array, wanted_ends: Array, places: Array) -> None:
    """Write the place of each wanted string into ``places``: -1 - (where it would stand) for one that is missing."""
    for number in range(len(places)):
        begin, end = np.int64(wanted_ends[number]), np.int64(wanted_ends[number + 1])
        places[number] = place_among(data, ends, 0, len(ends) - 1, wanted, begin, end)


def pack(values: Sequence[bytes]) -> Strings:
    """Pack strings in any order, as ``find_all`` takes them."""
    return Strings.of(list(values))


def find(strings: Strings, wanted: Strings) -> NDArray[np.int64]:
    """Return the place of each wanted string; negative for one that is missing (see ``find_all``)."""
    places = np.empty(len(wanted), np.int64)
    find_all(strings.bytes_, strings.ends, wanted.bytes_, wanted.ends, places)
    return places
