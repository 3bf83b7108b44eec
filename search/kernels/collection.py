"""From marks and scores to the hits: which documents match, how many, of which facet values, and the best of them."""

from __future__ import annotations

import numpy as np
from numba import types

from index.compilation import F32, I32, I64, U8, U16, Array, kernel, read, written
from index.schema import NO_DAY, NO_INSTANT
from search.kernels.scoring import EXCLUDED, least_of

EVERY_DAY = 1 << 31
"""A last day that every day is before."""

_MANY = 8
"""Times more documents than hits that are kept, from which on it is worth knowing beforehand what the best reach."""

TOTAL, KEPT = 0, 1
"""Places in the state of a collection: how many documents matched, and how many of them are kept."""


@kernel(types.boolean(F32, I64, I64, F32, I64, I64))
def _before(score: float, key: int, document: int, other_score: float, other_key: int, other: int) -> bool:
    """Tell whether one hit stands before another in the order of results."""
    if score != other_score:
        return score > other_score
    if key != other_key:
        return key > other_key
    return document < other


@kernel(types.void(written(F32), written(I64), written(I64), I64, I64))
def sink(scores: Array, keys: Array, documents: Array, place: int, size: int) -> None:
    """Restore the heap, whose first is the last in order, below a place."""
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        if child + 1 < size and _before(
            scores[child], keys[child], documents[child], scores[child + 1], keys[child + 1], documents[child + 1]
        ):
            child += 1
        if _before(scores[child], keys[child], documents[child], scores[place], keys[place], documents[place]):
            return
        scores[place], scores[child] = scores[child], scores[place]
        keys[place], keys[child] = keys[child], keys[place]
        documents[place], documents[child] = documents[child], documents[place]
        place = child


@kernel(types.int64(F32, I64, I64, written(F32), written(I64), written(I64), I64))
def _offer(
    score: float, key: int, document: int, scores: Array, keys: Array, documents: Array, kept: int
) -> int:  # fmt: skip
    """Put a hit into the heap if it is among the best; return how many are kept then."""
    capacity = len(scores)
    if kept < capacity:
        # Sift the new one up from the heap's end.
        at = kept
        while at > 0:
            parent = (at - 1) >> 1
            if not _before(scores[parent], keys[parent], documents[parent], score, key, document):
                break
            scores[at] = scores[parent]
            keys[at] = keys[parent]
            documents[at] = documents[parent]
            at = parent
        scores[at] = score
        keys[at] = key
        documents[at] = document
        return kept + 1
    if capacity and _before(score, key, document, scores[0], keys[0], documents[0]):
        scores[0] = score
        keys[0] = key
        documents[0] = document
        sink(scores, keys, documents, 0, capacity)
    return kept


@kernel(
    types.void(
        written(F32), written(U8), read(U16), I64, types.boolean, read(U8),  # … marked, live
        read(I32), I64, I64, read(U8), read(I64),  # days, first_day, last_day, chosen, chosen_at
        I64, read(I64), I64,  # scored, instants, direction
        I64, written(I64), read(I64), read(U16), read(U16), read(U16), read(U16),  # counting, counts, counts_at, facets
        I64, read(F32), written(F32), written(I64), written(I64), written(I64),  # base, factors, heap, state
    )
)  # fmt: skip
def collect(
    score: Array, marks: Array, touched: Array, count: int, marked: bool, live: Array,
    days: Array, first_day: int, last_day: int, chosen: Array, chosen_at: Array,
    scored: int, instants: Array, direction: int,
    counting: int, counts: Array, counts_at: Array, first: Array, second: Array, third: Array, fourth: Array,
    base: int, factors: Array, scores: Array, keys: Array, documents: Array, state: Array,
) -> None:  # fmt: skip
    """Take the hits among the touched documents, and leave score and marks 0.

    A document is a hit if it is not marked as EXCLUDED (``marked``: whether marks were kept), if it is ``live`` (empty:
    all are), of the days asked for, and of a value that is ``chosen`` in each of the first three
    facets (``chosen_at`` says where a facet's values begin there; -1: any will do).

    The order is by score where ``scored``, which is multiplied by the document's place in ``factors`` (a place for each
    document of the view; empty: not multiplied), then by instant, the latest first (``direction`` 1) or the earliest
    (-1), undated ones last, then by number. ``scores``, ``keys`` and ``documents`` (numbers from ``base`` on) are the
    heap of the best so far, of which ``state`` knows how many there are; its place TOTAL counts the hits. Where
    ``counting``, the values of the four facets are counted from ``counts_at`` on.
    """
    capacity = len(scores)
    kept = state[KEPT]
    total = state[TOTAL]
    by_day = first_day > NO_DAY or last_day < EVERY_DAY
    by_value = chosen_at[0] >= 0 or chosen_at[1] >= 0 or chosen_at[2] >= 0
    weighted = scored != 0 and len(factors) > 0
    plain = not weighted and not marked and len(live) == 0 and not by_day and not by_value and not counting and scored
    if plain:  # nearly every question: nothing to look at but scores
        total += count
        # What the best reach is known before the first is taken: many would be taken, and driven out again.
        worths = np.empty(count, np.float32)
        for number in range(count):
            worths[number] = score[touched[number]]
            score[touched[number]] = 0
        reached = least_of(worths, capacity) if count > _MANY * capacity else np.float32(0)
        for number in range(count):
            if worths[number] >= reached and (kept < capacity or (capacity and worths[number] >= scores[0])):
                document = touched[number]
                kept = _offer(worths[number], instants[document], document + base, scores, keys, documents, kept)
        count = 0
    for number in range(count):
        document = touched[number]
        worth = score[document] if scored else np.float32(0)
        score[document] = 0
        if weighted:
            worth *= factors[base + document]
        if marked:
            mark = marks[document]
            marks[document] = 0
            if mark == EXCLUDED:
                continue
        if len(live) and live[document] == 0:
            continue
        if by_day and (days[document] < first_day or days[document] > last_day):
            continue
        if by_value and (
            (chosen_at[0] >= 0 and chosen[chosen_at[0] + first[document]] == 0)
            or (chosen_at[1] >= 0 and chosen[chosen_at[1] + second[document]] == 0)
            or (chosen_at[2] >= 0 and chosen[chosen_at[2] + third[document]] == 0)
        ):
            continue
        total += 1
        if counting:
            counts[counts_at[0] + first[document]] += 1
            counts[counts_at[1] + second[document]] += 1
            counts[counts_at[2] + third[document]] += 1
            counts[counts_at[3] + fourth[document]] += 1
        if kept < capacity or (capacity and worth >= scores[0]):
            key = instants[document]
            if direction < 0 and key != NO_INSTANT:
                key = -key
            kept = _offer(worth, key, document + base, scores, keys, documents, kept)
    state[TOTAL] = total
    state[KEPT] = kept


@kernel(types.void(written(F32), written(I64), written(I64), I64))
def put_in_order(scores: Array, keys: Array, documents: Array, size: int) -> None:
    """Make of a heap of hits a list in the order of results."""
    for last in range(size - 1, 0, -1):
        scores[0], scores[last] = scores[last], scores[0]
        keys[0], keys[last] = keys[last], keys[0]
        documents[0], documents[last] = documents[last], documents[0]
        sink(scores, keys, documents, 0, last)
