"""Running a query whose posting lists are known: segment after segment, to the hits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.addresses import bytes_at, doubles_at, floats_at, integers_at, longs_at, shorts_at, table_at
from index.codec.layout import BLOCK
from index.compilation import F32, I64, U8, U16, Array, kernel, read, written
from index.schema import NO_DAY
from search.kernels.collection import EVERY_DAY, KEPT, collect
from search.kernels.scoring import EXCLUDED, MATCHED, TOUCHED, accumulate, ceiling, enrich, keep, select
from search.kernels.segments import (
    BASE,
    BLOCK_FREQ,
    BLOCK_LENGTH,
    DAY,
    DOCUMENTS,
    INSTANT,
    LIVE,
    ORDINALS,
    POSTINGS,
    lengths_of,
)
from search.kernels.units import (
    BEGIN,
    END,
    LIST,
    MATCHES,
    OWN_SIZE,
    ROWS,
    SIZE,
    STARTS,
    UNIT,
    WEIGHTS,
    WORTHS,
    docs_of,
    freqs_of,
)

ANY, ALL, MASKED = 0, 1, 2
"""Ways to find the hits: documents of any unit, of all of them, or those of a mask."""

SCORED, DIRECTION, COUNTING, FIRST_DAY, LAST_DAY, BOUNDED, MARKING = range(7)
"""Places in the options: whether the order is by score; 1 where the newest come first (of equals), -1 where the oldest
do; whether facets are counted; which days are asked for; whether documents may be passed over that cannot be among the
best; whether there are words that add to a score and do not match."""


@kernel(types.float32(read(F32), written(U8), read(U16), I64, I64, I64))
def _least(score: Array, marks: Array, touched: Array, begin: int, count: int, depth: int) -> Any:
    """Return the score that ``depth`` of the touched documents reach, or 0 where they are fewer."""
    if count - begin < depth or depth == 0:
        return np.float32(0)
    best = np.zeros(depth, np.float32)
    size = 0
    for number in range(begin, count):
        if marks[touched[number]] & np.uint8(MATCHED | EXCLUDED) != np.uint8(MATCHED):
            continue
        value = score[touched[number]]
        if size < depth:
            at = size
            size += 1
            while at > 0 and best[(at - 1) >> 1] > value:
                best[at] = best[(at - 1) >> 1]
                at = (at - 1) >> 1
            best[at] = value
        elif value > best[0]:
            at = 0
            while 2 * at + 1 < depth:
                child = 2 * at + 1
                if child + 1 < depth and best[child + 1] < best[child]:
                    child += 1
                if best[child] >= value:
                    break
                best[at] = best[child]
                at = child
            best[at] = value
    return best[0] if size == depth else np.float32(0)


@kernel(types.float64(read(I64), I64, read(I64), read(F32, 2), F32, F32))
def _most(segment: Array, number: int, unit: Array, norms: Array, presence: float, k1: float) -> Any:
    """Return what a unit can add to a score at most in a segment, which is that of this number."""
    starts = longs_at(unit[STARTS], number + 2)
    worths = doubles_at(unit[WORTHS], 2)
    if unit[OWN_SIZE] >= 0:
        return presence + worths[0] + worths[1]
    blocks = segment[POSTINGS] // BLOCK + 1
    return ceiling(
        bytes_at(segment[BLOCK_FREQ], blocks), shorts_at(segment[BLOCK_LENGTH], blocks), norms,
        table_at(unit[ROWS], unit[SIZE], LIST), floats_at(unit[WEIGHTS], unit[SIZE]),
        starts[number], starts[number + 1], worths[0], worths[1], presence, k1,
    )  # fmt: skip


@kernel(types.int64(I64, read(I64)))
def _postings(number: int, unit: Array) -> Any:
    """Count the postings of a unit's lists in a segment."""
    starts = longs_at(unit[STARTS], number + 2)
    rows = table_at(unit[ROWS], unit[SIZE], LIST)
    found = 0
    for row in range(starts[number], starts[number + 1]):
        found += rows[row, END] - rows[row, BEGIN]
    return found


@kernel(types.boolean(I64, read(I64)))
def _matches_any(number: int, unit: Array) -> Any:
    """Tell whether a unit matches a document of a segment."""
    starts = longs_at(unit[STARTS], number + 2)
    rows = table_at(unit[ROWS], unit[SIZE], LIST)
    for row in range(starts[number], starts[number + 1]):
        if rows[row, MATCHES] != 0 and rows[row, END] > rows[row, BEGIN]:
            return True
    return False


@kernel(
    types.boolean(
        read(I64, 2), I64, I64,  # table, first and last segment
        read(I64), read(I64), I64,  # scoring, excluding, way
        read(F32, 2), F32, F32,  # norms, presence, k1
        read(U8), read(F32), read(U8), read(I64, 2),  # mask, factors, chosen, chosen_at
        read(I64), written(I64), read(I64, 2),  # options, counts, counts_at
        written(F32), written(I64), written(I64), written(I64),  # heap, state
        written(F32), written(F32), written(U8), written(U16), written(U16),  # buffers
    )
)  # fmt: skip
def rank(
    table: Array, first_segment: int, last_segment: int, scoring: Array, excluding: Array, way: int,
    norms: Array, presence: float, k1: float, mask: Array, factors: Array, chosen: Array, chosen_at: Array,
    options: Array, counts: Array, counts_at: Array,
    scores: Array, keys: Array, documents: Array, state: Array,
    score: Array, amount: Array, marks: Array, touched: Array, fresh: Array,
) -> bool:  # fmt: skip
    """Take the hits of the segments ``first_segment`` to ``last_segment``; tell whether any may have been passed over.

    ``table``: see ``segments``. ``scoring``: the addresses of the units that score; ``excluding``: of those whose
    documents are no hits. ``presence``: what a unit's standing in a document at all is worth. ``mask``: a place for
    each document of the view (empty where ``way`` needs none). ``factors``, ``chosen``, ``chosen_at``: see ``collect``,
    the last by segment and facet. ``counts_at``: by segment and facet where the counts of its values begin. ``scores``
    … ``state``: see ``collect``.
    """
    passed_over = False
    order = np.empty(len(scoring), np.int64)
    by = np.empty(len(scoring), np.float64)
    for number in range(first_segment, last_segment):
        segment = table[number]
        lengths = lengths_of(segment)
        count = 0
        for address in excluding:
            unit = longs_at(address, UNIT)
            starts = longs_at(unit[STARTS], number + 2)
            rows = table_at(unit[ROWS], unit[SIZE], LIST)
            count = select(
                docs_of(segment, unit), rows, starts[number], starts[number + 1], EXCLUDED, marks, touched, count
            )
        begin = count
        if way == MASKED:
            offset = segment[BASE]
            for document in range(segment[DOCUMENTS]):
                if mask[offset + document] and marks[document] == 0:
                    marks[document] = TOUCHED
                    touched[count] = document
                    count += 1
        # Of words that must all be there the rarest first: the others look no further than at its documents. Of
        # alternatives the most telling first: they decide soonest what can be passed over.
        rest = 0.0
        for which in range(len(scoring)):
            unit = longs_at(scoring[which], UNIT)
            if way == ALL:
                least = np.float64(_postings(number, unit))
            else:
                worths = doubles_at(unit[WORTHS], 2)
                least = -(worths[0] + worths[1])
                if options[BOUNDED]:
                    rest += _most(segment, number, unit, norms, presence, k1)
            at = which
            while at > 0 and by[at - 1] > least:
                by[at] = by[at - 1]
                order[at] = order[at - 1]
                at -= 1
            by[at] = least
            order[at] = scoring[which]
        filtered = segment[LIVE] != 0 or options[FIRST_DAY] > NO_DAY or options[LAST_DAY] < EVERY_DAY or len(chosen) > 0
        marking = way != ANY or options[MARKING] != 0 or options[BOUNDED] != 0 or count > 0
        skipping = False
        for which in range(len(order)):
            unit = longs_at(order[which], UNIT)
            starts = longs_at(unit[STARTS], number + 2)
            first = starts[number]
            last = starts[number + 1]
            rows = table_at(unit[ROWS], unit[SIZE], LIST)
            weights = floats_at(unit[WEIGHTS], unit[SIZE])
            worths = doubles_at(unit[WORTHS], 2)
            docs = docs_of(segment, unit)
            freqs = freqs_of(segment, unit)
            # Turtle and Flood (1995, "Query evaluation: strategies and optimizations"): once all that is left to read
            # cannot lift a new document among the best, only those already touched are read on.
            if way == ANY and options[BOUNDED] and not skipping:
                reached = scores[0] if state[KEPT] == len(scores) else np.float32(0)
                if not filtered:
                    reached = max(reached, _least(score, marks, touched, begin, count, len(scores)))
                # Scores are added up in 32 bits: what is nearly as much may be more.
                skipping = bool(rest * 1.0001 < reached)
                rest -= _most(segment, number, unit, norms, presence, k1)
            if (way == ANY and not skipping) or (way == ALL and which == 0):
                count = accumulate(
                    docs, freqs, lengths, norms, rows, weights, first, last, worths[0], worths[1], presence, k1,
                    marking, score, amount, marks, touched, fresh, count,
                )  # fmt: skip
            else:
                if way == ANY:
                    passed_over |= _matches_any(number, unit)
                if count > begin:
                    enrich(
                        docs, freqs, lengths, norms, rows, weights, first, last, worths[0], worths[1], presence, k1,
                        score, amount, marks, touched, begin, count,
                    )  # fmt: skip
            if way == ALL:
                count = keep(score, marks, touched, begin, count)
        needed = np.uint8(MATCHED if marking else 0) if way == ANY else np.uint8(TOUCHED)
        size = segment[DOCUMENTS]
        collect(
            score, marks, touched, count, needed,
            bytes_at(segment[LIVE], size if segment[LIVE] else 0),
            integers_at(segment[DAY], size), options[FIRST_DAY], options[LAST_DAY], chosen, chosen_at[number],
            options[SCORED], longs_at(segment[INSTANT], size), options[DIRECTION],
            options[COUNTING], counts, counts_at[number],
            shorts_at(segment[ORDINALS], size), shorts_at(segment[ORDINALS + 1], size),
            shorts_at(segment[ORDINALS + 2], size), shorts_at(segment[ORDINALS + 3], size),
            segment[BASE], factors, scores, keys, documents, state,
        )  # fmt: skip
    return passed_over
