"""What is known of every ``BLOCK`` postings: where their positions begin, and the bounds for skipping them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.codec.layout import BLOCK, LENGTH_OF, MANY, U8, U16, U32
from index.compilation import kernel, read, written
from index.schema import TEXTS

_POSITIONED = len(TEXTS)
_LONGEST = np.iinfo(np.uint16).max


def block_arrays(
    docs: U16, freqs: U8, big_at: U32, big: U32, lengths: U16, field_ends: Sequence[int] | NDArray[np.integer]
) -> tuple[U32, U8, U16]:
    """Return ``position_starts``, ``block_freq`` and ``block_length`` of a segment's postings.

    ``docs``, ``freqs``, ``big_at``, ``big`` and ``lengths`` are as in ``layout``; ``field_ends`` [fields] says how many
    postings lie before the end of each dictionary's, in the order of ``Postings.dictionaries``.
    """
    blocks = -(-len(docs) // BLOCK)
    position_starts = np.empty(blocks + 1, np.uint32)
    block_freq = np.empty(blocks, np.uint8)
    block_length = np.empty(blocks, np.uint16)
    ends = np.ascontiguousarray(field_ends, np.int64)
    _summarise(docs, freqs, big_at, big, lengths, LENGTH_OF, ends, position_starts, block_freq, block_length)
    return position_starts, block_freq, block_length


@kernel(
    types.void(
        read(types.uint16), read(types.uint8), read(types.uint32), read(types.uint32), read(types.uint16, 2),
        read(types.int64), read(types.int64), written(types.uint32), written(types.uint8), written(types.uint16),
    )
)  # fmt: skip
def _summarise(
    docs: U16,
    freqs: U8,
    big_at: U32,
    big: U32,
    lengths: U16,
    length_of: NDArray[np.int64],
    field_ends: NDArray[np.int64],
    position_starts: U32,
    block_freq: U8,
    block_length: U16,
) -> None:
    field = 0
    next_big = 0
    positions = 0
    for block in range(len(block_freq)):
        position_starts[block] = positions
        most = 0
        shortest = _LONGEST
        for posting in range(block * BLOCK, min((block + 1) * BLOCK, len(docs))):
            while posting >= field_ends[field]:
                field += 1
            freq = freqs[posting]
            most = max(most, freq)
            shortest = min(shortest, lengths[length_of[field], docs[posting]])
            if field >= _POSITIONED:
                continue
            if freq == MANY:
                positions += big[next_big]
                next_big += 1
            else:
                positions += freq
        block_freq[block] = most
        block_length[block] = shortest
    position_starts[len(block_freq)] = positions
