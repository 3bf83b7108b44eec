"""The second pass: where the words of a query stand in the best articles, how early and how near one another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.addresses import bytes_at, doubles_at, floats_at, longs_at, shorts_at, table_at, words_at
from index.codec.layout import BLOCK, FIELD_NUMBER
from index.compilation import F32, F64, I64, Array, kernel, read, written
from search.kernels.blending import BITS, located
from search.kernels.collection import put_in_order, sink
from search.kernels.lists import place_of, seek
from search.kernels.segments import (
    BASE,
    BIG,
    BIG_AT,
    BIGS,
    DOCS,
    DOCUMENTS,
    FREQS,
    POSITION_STARTS,
    POSITIONS,
    POSTINGS,
    WIDE,
    eights_of,
)
from search.kernels.units import (
    BEGIN,
    END,
    FIELD,
    HELD,
    HELD_DOCS,
    HELD_STARTS,
    HELD_WHERE,
    LIST,
    ROWS,
    SIZE,
    STARTS,
    UNIT,
    WEIGHTS,
    WORTHS,
)

K1, LEAST, EARLY, HALF, PROXIMITY = range(5)
"""Places in the constants, for which see ``search.ranking``: ``k1``, ``located``, ``early``, ``early_words`` and
``proximity``."""

EARLINESS, NEARNESS = range(2)
"""Columns of what the second pass adds to a score."""

_BODY = FIELD_NUMBER["body"]
_NOWHERE = 1 << 40
"""A place that no text reaches."""
_BODY_AT = 1 << 32
"""Where the places of a body begin in keys, after those of the title."""
_PLACE = 20
"""A key's bits below its place: they tell the posting list."""

WHICH, POSTING, ROW, NEXT = range(4)
"""Columns of postings that were found: the unit's place in the query, the posting and its list, and the number of the
document's one before, -1 for none."""


@kernel(types.void(written(I64), I64))
def _sort(keys: Array, size: int) -> None:
    """Sort the first ``size`` keys: Shell (1959), with Knuth's gaps."""
    gap = 1
    while 3 * gap + 1 < size:
        gap = 3 * gap + 1
    while gap > 0:
        for begin in range(gap, size):
            key = keys[begin]
            at = begin
            while at >= gap and keys[at - gap] > key:
                keys[at] = keys[at - gap]
                at -= gap
            keys[at] = key
        gap //= 3


@kernel(written(I64, 2)(written(I64, 2), I64, I64))
def _grown(found: Array, used: int, wanted: int) -> Array:
    """Return a table with room for ``wanted`` more rows than are used."""
    if used + wanted <= len(found):
        return found
    larger = np.empty((2 * (used + wanted), NEXT + 1), np.int64)
    larger[:used] = found[:used]
    return larger


@kernel(
    written(I64, 2)(read(I64), I64, read(I64), F32, read(I64), I64, I64, written(I64), written(I64, 2))
)  # fmt: skip
def _find(
    segment: Array, number: int, units: Array, least: float, documents: Array, first: int, last: int, latest: Array,
    found: Array,
) -> Array:  # fmt: skip
    """Find the postings of all units in the documents ``first`` to ``last``, which are of a segment; return them.

    ``latest``: for each document its latest in ``found``. A document is sought in what a unit matches, which says in
    which rows it may stand, and then in these.
    """
    docs = shorts_at(segment[DOCS], segment[POSTINGS])
    base = segment[BASE]
    used = 0
    for which in range(len(units)):
        unit = longs_at(units[which], UNIT)
        if unit[HELD_WHERE] == 0:
            continue
        held_starts = longs_at(unit[HELD_STARTS], 2 * number + 3)
        held, where = shorts_at(unit[HELD_DOCS], unit[HELD]), words_at(unit[HELD_WHERE], unit[HELD])
        starts = longs_at(unit[STARTS], number + 2)
        rows = table_at(unit[ROWS], unit[SIZE], LIST)
        weights = floats_at(unit[WEIGHTS], unit[SIZE])
        at_rows = np.empty(starts[number + 1] - starts[number], np.int64)
        size = 0
        for row in range(starts[number], starts[number + 1]):
            if located(rows[row], weights[row], least):
                at_rows[size] = row
                size += 1
        cursors = np.empty(size, np.int64)
        for at in range(size):
            cursors[at] = rows[at_rows[at], BEGIN]
        place, end = held_starts[2 * number], held_starts[2 * number + 1]
        offset = -place
        for earlier in range(number):
            offset += held_starts[2 * earlier + 1] - held_starts[2 * earlier]
        for candidate in range(first, last):
            document = documents[candidate] - base
            place = seek(held, place, end, document)
            if place == end:
                break
            if held[place] != document:
                continue
            seen = where[place + offset]
            bit = 0
            found = _grown(found, used, size)
            while seen:
                if seen & np.uint32(1):
                    for at in range(bit, size, BITS):
                        row = at_rows[at]
                        posting = seek(docs, cursors[at], rows[row, END], document)
                        cursors[at] = posting
                        if posting < rows[row, END] and docs[posting] == document:
                            found[used, WHICH] = which
                            found[used, POSTING] = posting
                            found[used, ROW] = row
                            found[used, NEXT] = latest[candidate]
                            latest[candidate] = used
                            used += 1
                seen >>= np.uint32(1)
                bit += 1
    return found


@kernel(types.int64(read(I64), read(I64), read(I64, 2), I64, written(I64), written(I64)))
def _read(
    segment: Array, units: Array, found: Array, latest: int, keys: Array, firsts: Array
) -> Any:  # fmt: skip
    """Write where the postings of one document stand as keys, in no order; return how many they are.

    ``firsts``: for each unit, the first place in the body. What ``keys`` has no room for is counted and not written.
    """
    freqs = bytes_at(segment[FREQS], segment[POSTINGS])
    big_at = words_at(segment[BIG_AT], segment[BIGS])
    big = words_at(segment[BIG], segment[BIGS])
    eights = eights_of(segment)
    starts = words_at(segment[POSITION_STARTS], segment[POSTINGS] // BLOCK + 2)
    narrow = shorts_at(segment[POSITIONS], 0 if segment[WIDE] else _NOWHERE)
    wide = words_at(segment[POSITIONS], _NOWHERE if segment[WIDE] else 0)
    size = 0
    at = latest
    while at >= 0:
        posting = found[at, POSTING]
        unit = longs_at(units[found[at, WHICH]], UNIT)
        field = table_at(unit[ROWS], unit[SIZE], LIST)[found[at, ROW], FIELD]
        begin = place_of(eights, big_at, big, starts, posting)
        times = np.int64(freqs[posting])
        for position in range(begin, begin + times):
            place = np.int64(wide[position] if segment[WIDE] else narrow[position])
            if field == _BODY:
                firsts[found[at, WHICH]] = min(firsts[found[at, WHICH]], place)
                place += _BODY_AT
            if size < len(keys):
                keys[size] = place << _PLACE | at
            size += 1
        at = found[at, NEXT]
    return size


@kernel(types.float64(written(I64), I64, read(I64), read(I64, 2), read(F64), F64, written(F64)))
def _nearness(
    keys: Array, size: int, units: Array, found: Array, worths: Array, k1: float, near: Array
) -> Any:  # fmt: skip
    """Return how near one another the words of one document stand, whose places are sorted ``keys``.

    ``worths``: of the units. ``near``: zeros, one for each unit, and so again in the end.
    """
    before = -1
    before_place = np.int64(-1)
    before_weight = 0.0
    at = 0
    while at < size:
        # Of the words that stand at one place (two of a query may be of one family) the nearest form counts.
        place = keys[at] >> _PLACE
        which = -1
        weight = 0.0
        while at < size and keys[at] >> _PLACE == place:
            one = keys[at] & ((1 << _PLACE) - 1)
            unit = longs_at(units[found[one, WHICH]], UNIT)
            here = np.float64(floats_at(unit[WEIGHTS], unit[SIZE])[found[one, ROW]])
            if here > weight or (here == weight and found[one, WHICH] < which):
                which = found[one, WHICH]
                weight = here
            at += 1
        if before >= 0 and before != which and (place < _BODY_AT or before_place >= _BODY_AT):
            distance = np.float64(place - before_place)
            both = weight * before_weight / (distance * distance)
            near[before] += worths[which] * both
            near[which] += worths[before] * both
        before, before_place, before_weight = which, place, weight
    total = 0.0
    for which in range(len(units)):
        total += min(1.0, worths[which]) * near[which] * (k1 + 1) / (near[which] + k1)
        near[which] = 0
    return total


@kernel(types.void(read(I64, 2), read(I64), read(F64), read(I64), written(F64, 2)))
def look_closer(table: Array, units: Array, constants: Array, documents: Array, added: Array) -> None:
    """Write what the second pass adds to the scores of some documents, whose numbers ascend, into ``added`` [:, 2].

    ``table``: see ``segments``. ``units``: the addresses of those that score, in the order of the query. ``constants``:
    see K1 and after.
    """
    k1 = constants[K1]
    least = np.float32(constants[LEAST])
    worths = np.empty(len(units), np.float64)
    for which in range(len(units)):
        worths[which] = doubles_at(longs_at(units[which], UNIT)[WORTHS], 2)[0] / (k1 + 1)
    near = np.zeros(len(units), np.float64)
    firsts = np.empty(len(units), np.int64)
    latest = np.full(len(documents), -1, np.int64)
    found = np.empty((1024, NEXT + 1), np.int64)
    keys = np.empty(256, np.int64)
    first = 0
    for number in range(len(table)):
        segment = table[number]
        last = first
        while last < len(documents) and documents[last] < segment[BASE] + segment[DOCUMENTS]:
            last += 1
        if last == first:
            continue
        found = _find(segment, number, units, least, documents, first, last, latest, found)
        for candidate in range(first, last):
            firsts[:] = _NOWHERE
            size = _read(segment, units, found, latest[candidate], keys, firsts)
            if size > len(keys):
                keys = np.empty(2 * size, np.int64)
                _read(segment, units, found, latest[candidate], keys, firsts)
            early = 0.0
            for which in range(len(units)):
                if firsts[which] < _NOWHERE:
                    early += worths[which] * constants[HALF] / (constants[HALF] + firsts[which])
            added[candidate, EARLINESS] = constants[EARLY] * early
            _sort(keys, size)
            near_by = _nearness(keys, size, units, found, worths, k1, near)
            added[candidate, NEARNESS] = constants[PROXIMITY] * near_by
        first = last


@kernel(
    types.void(
        read(I64, 2), read(I64), read(F64), read(F32), written(F32), written(I64), written(I64), I64, I64
    )
)  # fmt: skip
def refine(
    table: Array, units: Array, constants: Array, factors: Array, scores: Array, keys: Array, documents: Array,
    kept: int, window: int,
) -> None:  # fmt: skip
    """Put hits in order, and then the first ``window`` of them again by what the second pass adds to their scores.

    ``scores``, ``keys``, ``documents``: a heap of ``kept`` hits, as ``collection.collect`` leaves it; ``factors``: see
    there. The rest: see ``look_closer``.
    """
    size = min(kept, window)
    if size < kept:
        put_in_order(scores, keys, documents, kept)
    order = np.empty(size, np.int64)
    for hit in range(size):
        order[hit] = documents[hit] << _PLACE | hit
    _sort(order, size)
    added = np.empty((size, 2), np.float64)
    look_closer(table, units, constants, order >> _PLACE, added)
    for at in range(size):
        more = np.float32(added[at, EARLINESS] + added[at, NEARNESS])
        if len(factors):
            more *= factors[order[at] >> _PLACE]
        scores[order[at] & ((1 << _PLACE) - 1)] += more
    for place in range(size // 2 - 1, -1, -1):
        sink(scores, keys, documents, place, size)
    put_in_order(scores, keys, documents, size)
