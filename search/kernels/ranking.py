"""Running a query whose posting lists are known: segment after segment, to the hits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.codec.layout import BLOCK
from index.compilation import F32, F64, I64, U8, U16, Array, kernel, read, written
from index.schema import NO_DAY
from search.kernels.collection import EVERY_DAY, KEPT, collect
from search.kernels.resolution import BEGIN, END, FIRST_FIELD, FIRST_ROW, LAST_FIELD, LAST_ROW, MATCHES
from search.kernels.scoring import EXCLUDED, MATCHED, TOUCHED, accumulate, ceiling, enrich, restrict, select
from search.kernels.segments import (
    BASE,
    BLOCK_FREQ,
    BLOCK_LENGTH,
    DAY,
    DOCS,
    DOCUMENTS,
    FREQS,
    INSTANT,
    LIVE,
    ORDINALS,
    POSTINGS,
    bytes_at,
    integers_at,
    lengths_of,
    longs_at,
    shorts_at,
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


@kernel(types.float64(read(I64), read(F32, 2), read(I64, 2), read(F32), read(I64), read(F64), I64, F32))
def _most(
    segment: Array, norms: Array, lists: Array, weights: Array, leaf: Array, worths: Array, exact: int, k1: float
) -> Any:  # fmt: skip
    """Return what a leaf, or (``exact``) its word by itself, can add to a score in a segment at most."""
    if worths[exact] == 0:
        return 0.0
    first = leaf[FIRST_ROW]
    last = first + leaf[LAST_FIELD] - leaf[FIRST_FIELD] if exact else leaf[LAST_ROW]
    blocks = segment[POSTINGS] // BLOCK + 1
    return ceiling(
        bytes_at(segment[BLOCK_FREQ], blocks), shorts_at(segment[BLOCK_LENGTH], blocks), norms, lists, weights,
        first, last, worths[exact], k1,
    )  # fmt: skip


@kernel(
    types.boolean(
        read(I64, 2), I64, I64,  # table, first and last segment
        read(I64, 3), read(F32), read(U16), read(U8),  # rows, weights, own docs and freqs
        read(I64, 2), read(F64, 2), read(I64), read(I64), I64,  # leaves, worths, scoring, excluding, way
        read(F32, 2), F32,  # norms, k1
        read(U8), read(F32), read(U8), read(I64, 2),  # mask, factors, chosen, chosen_at
        read(I64), written(I64), read(I64, 2),  # options, counts, counts_at
        written(F32), written(I64), written(I64), written(I64),  # heap, state
        written(F32), written(F32), written(U8), written(U16),  # buffers
    )
)  # fmt: skip
def rank(
    table: Array, first_segment: int, last_segment: int,
    rows: Array, weights: Array, own_docs: Array, own_freqs: Array,
    leaves: Array, worths: Array, scoring: Array, excluding: Array, way: int, norms: Array, k1: float,
    mask: Array, factors: Array, chosen: Array, chosen_at: Array, options: Array, counts: Array, counts_at: Array,
    scores: Array, keys: Array, documents: Array, state: Array,
    score: Array, amount: Array, marks: Array, touched: Array,
) -> bool:  # fmt: skip
    """Take the hits of the segments ``first_segment`` to ``last_segment``; tell whether any may have been passed over.

    ``table``: see ``segments``. ``rows``, the lists made for the query, ``leaves`` and ``worths``: see ``resolution``.
    ``scoring``: the numbers of the leaves that score; ``excluding``: of those whose documents are no hits. ``mask``: a
    place for each document of the view (empty where ``way`` needs none). ``factors``, ``chosen``, ``chosen_at``: see
    ``collect``, the last by segment and facet. ``counts_at``: by segment and facet where the counts of its values
    begin. ``scores`` … ``state``: see ``collect``.
    """
    passed_over = False
    order = np.empty(len(scoring), np.int64)
    sizes = np.empty(len(scoring), np.int64)
    for number in range(first_segment, last_segment):
        segment = table[number]
        docs = shorts_at(segment[DOCS], segment[POSTINGS])
        freqs = bytes_at(segment[FREQS], segment[POSTINGS])
        lengths = lengths_of(segment)
        lists = rows[number]
        count = 0
        for leaf in excluding:
            count = select(
                docs, freqs, own_docs, own_freqs, lists, leaves[leaf, FIRST_ROW], leaves[leaf, LAST_ROW], EXCLUDED,
                marks, touched, count,
            )  # fmt: skip
        begin = count
        needed = np.uint8(TOUCHED)
        skipping = False
        filtered = segment[LIVE] != 0 or options[FIRST_DAY] > NO_DAY or options[LAST_DAY] < EVERY_DAY or len(chosen) > 0
        if way == MASKED:
            offset = segment[BASE]
            for document in range(segment[DOCUMENTS]):
                if mask[offset + document] and marks[document] == 0:
                    marks[document] = TOUCHED
                    touched[count] = document
                    count += 1
        elif way == ALL:
            for which in range(len(scoring)):
                size = 0
                for row in range(leaves[scoring[which], FIRST_ROW], leaves[scoring[which], LAST_ROW]):
                    size += lists[row, END] - lists[row, BEGIN]
                at = which
                while at > 0 and sizes[at - 1] > size:
                    sizes[at] = sizes[at - 1]
                    order[at] = order[at - 1]
                    at -= 1
                sizes[at] = size
                order[at] = scoring[which]
            before = np.uint8(TOUCHED)
            after = np.uint8(MATCHED)
            for at in range(len(order)):
                first = leaves[order[at], FIRST_ROW]
                last = leaves[order[at], LAST_ROW]
                if at == 0:
                    count = select(
                        docs, freqs, own_docs, own_freqs, lists, first, last, before,
                        marks, touched, count,
                    )  # fmt: skip
                elif count > begin:
                    count = restrict(
                        docs, freqs, own_docs, own_freqs, lists, first, last, before, after,
                        marks, touched, begin, count,
                    )  # fmt: skip
                    before, after = after, before
            needed = before
        marking = way != ANY or options[MARKING] != 0 or options[BOUNDED] != 0 or count > 0
        if way == ANY:
            needed = np.uint8(MATCHED if marking else 0)
            rest = 0.0
            for which in range(len(scoring)):
                leaf = scoring[which]
                if options[BOUNDED]:
                    rest += _most(segment, norms, lists, weights, leaves[leaf], worths[leaf], 0, k1)
                    rest += _most(segment, norms, lists, weights, leaves[leaf], worths[leaf], 1, k1)
                # The most telling first: they decide soonest what can be passed over.
                at = which
                while at > 0 and worths[order[at - 1], 0] < worths[leaf, 0]:
                    order[at] = order[at - 1]
                    at -= 1
                order[at] = leaf
        if way == MASKED:
            order[:] = scoring
        for leaf in order:
            first = leaves[leaf, FIRST_ROW]
            for exact in range(2):
                worth = worths[leaf, exact]
                if worth == 0:
                    continue
                width = leaves[leaf, LAST_FIELD] - leaves[leaf, FIRST_FIELD]
                last = first + width if exact else leaves[leaf, LAST_ROW]
                # Turtle and Flood (1995, "Query evaluation: strategies and optimizations"): once all that is left to
                # read cannot lift a new document among the best, only those already touched are read on.
                if way == ANY and not skipping and options[BOUNDED]:
                    least = scores[0] if state[KEPT] == len(scores) else np.float32(0)
                    if not filtered:
                        least = max(least, _least(score, marks, touched, begin, count, len(scores)))
                    # Scores are added up in 32 bits: what is nearly as much may be more.
                    skipping = bool(rest * 1.0001 < least)
                if way == ANY and not skipping:
                    if options[BOUNDED]:
                        rest -= _most(segment, norms, lists, weights, leaves[leaf], worths[leaf], exact, k1)
                    count = accumulate(
                        docs, freqs, own_docs, own_freqs, lengths, norms, lists, weights, first, last, worth, k1,
                        marking, score, amount, marks, touched, count,
                    )  # fmt: skip
                    continue
                if way == ANY and not exact:
                    for row in range(first, last):
                        passed_over |= lists[row, MATCHES] != 0 and lists[row, END] > lists[row, BEGIN]
                if count > begin:
                    enrich(
                        docs, freqs, own_docs, own_freqs, lengths, norms, lists, weights, first, last, worth, k1,
                        score, amount, marks, touched, begin, count,
                    )  # fmt: skip
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
