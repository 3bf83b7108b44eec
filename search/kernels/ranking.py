"""Running a query whose posting lists are known: segment after segment, to the hits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.addresses import bytes_at, doubles_at, floats_at, integers_at, longs_at, shorts_at
from index.compilation import F32, I64, U8, U16, Array, kernel, read, written
from index.schema import NO_DAY
from search.kernels.collection import EVERY_DAY, KEPT, collect, put_in_order
from search.kernels.scoring import (
    TOUCHED,
    accumulate,
    enrich,
    enrich_marked,
    exclude,
    least_of,
    restrict,
    scores_of,
    select,
)
from search.kernels.segments import BASE, DAY, DOCUMENTS, INSTANT, LIVE, ORDINALS
from search.kernels.units import HELD, HELD_DOCS, HELD_GAINS, HELD_MOST, HELD_STARTS, UNIT, WORTHS

ANY, ALL, MASKED = 0, 1, 2
"""Ways to find the hits: documents of any unit, of all of them, or those of a mask."""

WAY, SCORED, DIRECTION, COUNTING, FIRST_DAY, LAST_DAY, BOUNDED, ORDERED, SCORING, UNITS = range(10)
"""Places in what is asked: the way; whether the order is by score; 1 where the newest come first (of equals), -1 where
the oldest do; whether facets are counted; which days are asked for; whether documents may be passed over that cannot be
among the best; whether the best are put in order after the last segment; how many units score. Then the addresses of
these come, and of those whose documents are no hits."""


@kernel(types.float64(I64, read(I64), F32))
def _most(number: int, unit: Array, presence: float) -> Any:
    """Return what a unit can add to a score at most in a segment, which is that of this number."""
    most = np.float64(floats_at(unit[HELD_MOST], number + 1)[number])
    return presence + most if most > 0 else 0.0


@kernel(
    types.boolean(
        read(I64, 2), I64, I64,  # table, first and last segment
        read(I64), F32,  # asked, presence
        read(U8), read(F32), read(U8), read(I64, 2),  # mask, factors, chosen, chosen_at
        written(I64), read(I64, 2),  # counts, counts_at
        written(F32), written(I64), written(I64), written(I64),  # heap, state
        written(F32), written(U8), written(U16),  # buffers
    )
)  # fmt: skip
def rank(
    table: Array, first_segment: int, last_segment: int, asked: Array, presence: float,
    mask: Array, factors: Array, chosen: Array, chosen_at: Array, counts: Array, counts_at: Array,
    scores: Array, keys: Array, documents: Array, state: Array,
    score: Array, marks: Array, touched: Array,
) -> bool:  # fmt: skip
    """Take the hits of the segments ``first_segment`` to ``last_segment``; tell whether any may have been passed over.

    ``table``: see ``segments``. ``asked``: see WAY and after. ``presence``: what a unit's standing in a document at all
    is worth. ``mask``: a place for each document of the view (empty where the way needs none). ``factors``, ``chosen``,
    ``chosen_at``: see ``collect``, the last by segment and facet. ``counts_at``: by segment and facet where the counts
    of its values begin. ``scores`` … ``state``: see ``collect``.
    """
    passed_over = False
    way = asked[WAY]
    scoring = asked[UNITS : UNITS + asked[SCORING]]
    excluding = asked[UNITS + asked[SCORING] :]
    order = np.empty(len(scoring), np.int64)
    by = np.empty(len(scoring), np.float64)
    for number in range(first_segment, last_segment):
        segment = table[number]
        count = 0
        for address in excluding:
            unit = longs_at(address, UNIT)
            starts = longs_at(unit[HELD_STARTS], 2 * number + 2)
            docs = shorts_at(unit[HELD_DOCS], unit[HELD])
            count = exclude(docs, starts[2 * number], starts[2 * number + 1], score, marks, touched, count)
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
                starts = longs_at(unit[HELD_STARTS], 2 * number + 2)
                least = np.float64(starts[2 * number + 1] - starts[2 * number])
            else:
                worths = doubles_at(unit[WORTHS], 2)
                least = -(worths[0] + worths[1])
                if asked[BOUNDED]:
                    rest += _most(number, unit, presence)
            at = which
            while at > 0 and by[at - 1] > least:
                by[at] = by[at - 1]
                order[at] = order[at - 1]
                at -= 1
            by[at] = least
            order[at] = scoring[which]
        filtered = segment[LIVE] != 0 or asked[FIRST_DAY] > NO_DAY or asked[LAST_DAY] < EVERY_DAY or len(chosen) > 0
        # Of alternatives what matches is added up first: what only gains is then added where something has matched.
        skipping = False
        for which in range(len(order)):
            unit = longs_at(order[which], UNIT)
            starts = longs_at(unit[HELD_STARTS], 2 * number + 3)
            first, last = starts[2 * number], starts[2 * number + 1]
            docs, gains = shorts_at(unit[HELD_DOCS], unit[HELD]), floats_at(unit[HELD_GAINS], unit[HELD])
            # Turtle and Flood (1995, "Query evaluation: strategies and optimizations"): once all that is left to read
            # cannot lift a new document among the best, only those already touched are read on.
            if way == ANY and asked[BOUNDED] and not skipping:
                reached = scores[0] if state[KEPT] == len(scores) else np.float32(0)
                if not filtered:
                    reached = max(reached, least_of(scores_of(score, touched, begin, count), len(scores)))
                # Scores are added up in 32 bits: what is nearly as much may be more.
                skipping = bool(rest * 1.0001 < reached)
                rest -= _most(number, unit, presence)
            if way == ANY and not skipping:
                count = accumulate(docs, gains, first, last, presence, score, touched, count)
            elif way == ANY:
                passed_over |= first < last
                enrich(docs, gains, first, last, presence, score, touched, begin, count)
            elif way == MASKED:
                last = starts[2 * number + 2]
                middle = starts[2 * number + 1]
                enrich_marked(docs, gains, first, middle, presence, score, marks, touched, begin, count)
                enrich_marked(docs, gains, middle, last, presence, score, marks, touched, begin, count)
            elif which == 0:
                count = select(docs, gains, first, last, presence, score, marks, touched, count)
            else:
                count = restrict(docs, gains, first, last, presence, score, marks, touched, begin, count)
        if way == ANY:
            for which in range(len(order)):
                unit = longs_at(order[which], UNIT)
                starts = longs_at(unit[HELD_STARTS], 2 * number + 3)
                docs, gains = shorts_at(unit[HELD_DOCS], unit[HELD]), floats_at(unit[HELD_GAINS], unit[HELD])
                first, last = starts[2 * number + 1], starts[2 * number + 2]
                enrich(docs, gains, first, last, presence, score, touched, begin, count)
        marked = way != ANY or begin > 0
        size = segment[DOCUMENTS]
        collect(
            score, marks, touched, count, marked,
            bytes_at(segment[LIVE], size if segment[LIVE] else 0),
            integers_at(segment[DAY], size), asked[FIRST_DAY], asked[LAST_DAY], chosen, chosen_at[number],
            asked[SCORED], longs_at(segment[INSTANT], size), asked[DIRECTION],
            asked[COUNTING], counts, counts_at[number],
            shorts_at(segment[ORDINALS], size), shorts_at(segment[ORDINALS + 1], size),
            shorts_at(segment[ORDINALS + 2], size), shorts_at(segment[ORDINALS + 3], size),
            segment[BASE], factors, scores, keys, documents, state,
        )  # fmt: skip
    if last_segment == len(table) and asked[ORDERED]:
        put_in_order(scores, keys, documents, state[KEPT])
    return passed_over
