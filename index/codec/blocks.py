"""Where the positions of every ``BLOCK``-th posting begin."""

from __future__ import annotations

import numpy as np
from numba import types

from index.codec.layout import BLOCK, MANY, U8, U32
from index.compilation import kernel, read, written


def starts_of_positions(freqs: U8, big: U32, positioned: int) -> U32:
    """Return ``position_starts`` of a segment's postings.

    ``freqs``, ``big`` are as in ``layout``; the first ``positioned`` postings have positions.
    """
    starts = np.empty(-(-len(freqs) // BLOCK) + 1, np.uint32)
    _add_up(freqs, big, positioned, starts)
    return starts


@kernel(types.void(read(types.uint8), read(types.uint32), types.int64, written(types.uint32)))
def _add_up(freqs: U8, big: U32, positioned: int, starts: U32) -> None:
    next_big = 0
    positions = 0
    for block in range(len(starts) - 1):
        starts[block] = positions
        for posting in range(block * BLOCK, min((block + 1) * BLOCK, positioned)):
            if freqs[posting] == MANY:
                positions += big[next_big]
                next_big += 1
            else:
                positions += freqs[posting]
    starts[len(starts) - 1] = positions
