"""Posting lists on their way from one segment into a merged one: counted first, then copied to their places."""

from __future__ import annotations

from numba import types

from index.codec.layout import MANY
from index.compilation import I32, I64, U8, U16, U32, Array, kernel, read, written

GONE = -1
"""The new number of a document that is not taken along."""


@kernel(
    types.void(
        read(U32), read(I64), I64, read(U16), read(U8), read(U32),
        read(I32), written(I64), written(I64),
    )
)  # fmt: skip
def count(
    starts: Array,
    places: Array,
    positioned: int,
    docs: Array,
    freqs: Array,
    big: Array,
    numbers: Array,
    postings: Array,
    occurrences: Array,
) -> None:
    """Add a segment's postings and occurrences to those of the merged lists, but for documents that are GONE.

    List ``t`` of the segment is its postings ``starts[t]`` to ``starts[t+1]``, and goes into the merged list
    ``places[t]``; its document ``d`` becomes ``numbers[d]``. ``docs``, ``freqs`` and ``big`` are as in ``layout``. The
    first ``positioned`` lists have positions, which is what ``occurrences`` counts.
    """
    next_big = 0
    for t in range(len(places)):
        kept = 0
        total = 0
        for posting in range(starts[t], starts[t + 1]):
            often = int(freqs[posting])
            if often == MANY:
                often = int(big[next_big])
                next_big += 1
            if numbers[docs[posting]] != GONE:
                kept += 1
                total += often
        postings[places[t]] += kept
        if t < positioned:
            occurrences[places[t]] += total


_COPIED = [
    I64(
        read(U32), read(I64), I64, read(U16), read(U8), read(U32),
        read(positions), read(I32), written(I64), written(I64), written(U16),
        written(U8), written(merged_positions), written(U32), written(U32), I64,
    )
    for positions, merged_positions in (
        (U16, U16), (U16, U32), (U32, U32),
    )
]  # fmt: skip


@kernel(*_COPIED)
def copy(
    starts: Array,
    places: Array,
    positioned: int,
    docs: Array,
    freqs: Array,
    big: Array,
    positions: Array,
    numbers: Array,
    next_posting: Array,
    next_position: Array,
    merged_docs: Array,
    merged_freqs: Array,
    merged_positions: Array,
    merged_big_at: Array,
    merged_big: Array,
    filled: int,
) -> int:
    """Append a segment's postings to the merged lists, as ``count`` counted them.

    ``next_posting`` and ``next_position`` say where each merged list's next posting and its positions go, and are moved
    on. ``filled`` is how many entries ``merged_big`` has; returns how many it has then. Those are not in order: a list
    may get its postings from several segments.
    """
    next_big = 0
    source = 0
    for t in range(len(places)):
        posting_at, position_at = next_posting[places[t]], next_position[places[t]]
        for posting in range(starts[t], starts[t + 1]):
            often = int(freqs[posting])
            if often == MANY:
                often = int(big[next_big])
                next_big += 1
            number = numbers[docs[posting]]
            if number != GONE:
                merged_docs[posting_at] = number
                merged_freqs[posting_at] = freqs[posting]
                if freqs[posting] == MANY:
                    merged_big_at[filled] = posting_at
                    merged_big[filled] = often
                    filled += 1
                posting_at += 1
                if t < positioned:
                    for i in range(often):
                        merged_positions[position_at + i] = positions[source + i]
                    position_at += often
            source += often
        next_posting[places[t]], next_position[places[t]] = posting_at, position_at
    return filled
