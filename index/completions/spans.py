"""Pieces of arrays: several ranges as one list of places, packed strings by their places, the largest of a range."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import Strings

BLOCK = 128
"""Values between two of those that tell the largest of a block."""

_FEW = 8 * BLOCK
"""Values that are looked at one by one rather than by blocks."""


def places_of(begins: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.int64]:
    """Return all places of some ranges, one range after the other."""
    ends = np.cumsum(sizes, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(begins.astype(np.int64) - ends + sizes, sizes) + np.arange(total)


def chosen(strings: Strings, places: NDArray[np.int64]) -> Strings:
    """Return the strings of some places, packed, in the order of the places."""
    begins = strings.ends[places].astype(np.int64)
    sizes = strings.ends[places + 1].astype(np.int64) - begins
    ends = np.zeros(len(places) + 1, np.uint32)
    np.cumsum(sizes, out=ends[1:])
    return Strings(strings.bytes_[places_of(begins, sizes)], ends)


def packed(texts: Iterable[str]) -> Strings:
    """Pack texts in any order."""
    return Strings.of([text.encode() for text in texts])


def block_bests(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the largest of each block of values."""
    if not len(values):
        return np.zeros(0, np.uint32)
    return np.maximum.reduceat(values, np.arange(0, len(values), BLOCK)).astype(np.uint32)


def largest(
    values: Callable[[NDArray[np.int64]], NDArray[np.uint32]],
    bests: NDArray[np.uint32],
    begin: int,
    end: int,
    count: int,
) -> NDArray[np.int64]:
    """Return the places of the largest values of a range, the largest first; of equal ones the first; never those of 0.

    ``values`` gives the values of some places. ``bests``: of all values, as ``block_bests`` gives them. What is among
    the largest ``count`` stands in one of the ``count`` blocks whose largest values are the largest, or at an edge.
    """
    if end - begin <= _FEW:
        places = np.arange(begin, end)
    else:
        first, last = -(-begin // BLOCK), end // BLOCK
        blocks = first + _top(bests[first:last], count)
        places = np.concatenate(
            [
                np.arange(begin, first * BLOCK),
                (blocks[:, None] * BLOCK + np.arange(BLOCK)).reshape(-1),
                np.arange(last * BLOCK, end),
            ]
        )
    found = values(places)
    top = _top(found, count)
    top = top[found[top] > 0]
    return places[top]


def _top(values: NDArray[np.uint32], count: int) -> NDArray[np.int64]:
    """Return where the largest values stand, the largest first, of equal ones the first."""
    if len(values) > 4 * count:
        # All that are as large as the last one that is taken: which of equal ones are taken must not hang on chance.
        least = np.partition(values, len(values) - count)[len(values) - count]
        some = np.flatnonzero(values >= least)
        return some[np.argsort(-values[some].astype(np.int64), kind="stable")[:count]]
    return np.argsort(-values.astype(np.int64), kind="stable")[:count]
