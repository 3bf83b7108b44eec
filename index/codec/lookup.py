"""Finding strings in ascending packed strings, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.codec.layout import Strings
from index.compilation import I64, U8, U32, Array, kernel, read, written


@kernel(types.void(read(U8), read(U32), read(U8), read(U32), written(I64)))
def find_all(data: Array, ends: Array, wanted: Array, wanted_ends: Array, places: Array) -> None:
    """Write the place of each wanted string into ``places``: -1 - (where it would stand) for one that is missing."""
    for number in range(len(places)):
        begin = np.int64(wanted_ends[number])
        size = np.int64(wanted_ends[number + 1]) - begin
        low = np.int64(0)
        high = np.int64(len(ends) - 1)
        place = np.int64(-1)
        while low < high:
            middle = (low + high) >> 1
            at = np.int64(ends[middle])
            length = np.int64(ends[middle + 1]) - at
            shorter = min(length, size)
            order = length - size
            for i in range(shorter):
                difference = np.int64(data[at + i]) - np.int64(wanted[begin + i])
                if difference != 0:
                    order = difference
                    break
            if order < 0:
                low = middle + 1
            elif order > 0:
                high = middle
            else:
                place = middle
                break
        places[number] = place if place >= 0 else -1 - low


def pack(values: Sequence[bytes]) -> Strings:
    """Pack strings in any order, as ``find_all`` takes them."""
    return Strings.of(list(values))


def find(strings: Strings, wanted: Strings) -> NDArray[np.int64]:
    """Return the place of each wanted string; negative for one that is missing (see ``find_all``)."""
    places = np.empty(len(wanted), np.int64)
    find_all(strings.bytes_, strings.ends, wanted.bytes_, wanted.ends, places)
    return places
