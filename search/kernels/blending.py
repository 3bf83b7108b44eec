"""Making one list of a unit's many: of a word in all its forms and fields, the documents and what each of them gains.

What a word adds to a document's score does not depend on the other words of a query. So it is reckoned once, when the
unit is made, and remembered with it: BM25F over the weighted lists, their frequencies added up before saturation. A
question then adds up one number a document and word, however many forms the word has.

A unit's blended list has two parts in each segment: the documents that match by it, and those that do not and may only
gain (``starts`` says where each part begins, and the end):

``docs``   u16  the documents, in each part ascending
``gains``  f32  what the unit adds to their scores, above 0
``where``  u32  in which of its rows a document stands that matches: bit n for rows n, n + 31, … of those whose places
                are looked at (``located``); for those of all segments, one after the other; empty where nobody asks

``most`` f32 is the largest amount in each segment.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.addresses import doubles_at, floats_at, longs_at, table_at
from index.codec.layout import FIELD_NUMBER
from index.compilation import F32, I64, U16, U32, Array, kernel, read, several, written
from search.kernels.segments import DOCUMENTS, lengths_of
from search.kernels.units import (
    BEGIN,
    END,
    FIELD,
    FORM,
    HELD,
    HELD_DOCS,
    HELD_GAINS,
    HELD_MOST,
    HELD_STARTS,
    HELD_WHERE,
    LIST,
    MATCHES,
    OWN_SIZE,
    ROWS,
    SIZE,
    STARTS,
    WEIGHTS,
    WORTHS,
    docs_of,
    freqs_of,
)

BITS = 31
"""How many rows have a bit of their own in ``where``."""

_MATCHES = np.uint32(1 << BITS)
"""The bit that tells that a document matches, while rows are added up."""

_TITLE, _BODY = FIELD_NUMBER["title"], FIELD_NUMBER["body"]
_SCATTERED = 4
"""Where a segment has this many times more documents than a list, the list is sorted; else all documents are gone
through in their order."""


@kernel(types.boolean(read(I64), F32, F32))
def located(row: Array, weight: float, least: float) -> Any:
    """Tell whether the places of a row's words are looked at in the second pass."""
    return weight >= least and (row[FIELD] == _BODY or row[FIELD] == _TITLE)


@kernel(types.int64(written(U16), I64, written(U16)))
def _sort(numbers: Array, size: int, room: Array) -> int:
    """Sort the first ``size`` numbers, unless they ascend already: by their low bytes, then by the high ones."""
    at = 1
    while at < size and numbers[at - 1] < numbers[at]:
        at += 1
    if at >= size:
        return 0
    for shift in (0, 8):
        places = np.zeros(257, np.int64)
        for number in range(size):
            places[((numbers[number] >> shift) & 255) + 1] += 1
        for value in range(256):
            places[value + 1] += places[value]
        for number in range(size):
            value = (numbers[number] >> shift) & 255
            room[places[value]] = numbers[number]
            places[value] += 1
        numbers, room = room, numbers
    return 1


@kernel(several(written(U16), written(F32))(written(U16), written(F32), I64, I64))
def _grown(docs: Array, gains: Array, used: int, size: int) -> tuple[Array, Array]:
    """Return arrays of a size with what is used of these."""
    new_docs, new_gains = np.empty(size, np.uint16), np.empty(size, np.float32)
    new_docs[:used] = docs[:used]
    new_gains[:used] = gains[:used]
    return new_docs, new_gains


@kernel(written(U32)(written(U32), I64, I64))
def _grown_where(where: Array, used: int, size: int) -> Array:
    larger = np.empty(size, np.uint32)
    larger[:used] = where[:used]
    return larger


@kernel(
    types.int64(
        read(I64), read(I64), I64, I64, read(F32, 2), F32, F32, written(F32), written(F32), written(U32), written(U16)
    )
)  # fmt: skip
def _add_up(
    segment: Array, unit: Array, first: int, last: int, norms: Array, k1: float, least: float,
    amount: Array, score: Array, seen: Array, touched: Array,
) -> int:  # fmt: skip
    """Add up the rows ``first`` to ``last`` by document; return how many documents have any.

    ``amount``: of all rows; ``score``: what the word itself gains besides; ``seen``: as ``where``, and whether the
    document matches; ``touched``: the documents. ``least``: see ``located``; above 1 nobody asks.
    """
    docs, freqs = docs_of(segment, unit), freqs_of(segment, unit)
    lengths = lengths_of(segment)
    rows, weights = table_at(unit[ROWS], unit[SIZE], LIST), floats_at(unit[WEIGHTS], unit[SIZE])
    exact = np.float32(doubles_at(unit[WORTHS], 2)[1])
    count = 0
    bit = 0
    for row in range(first, last):
        if exact != 0 and rows[row, FORM] != 0:  # what has been added up so far is of the word itself
            for number in range(count):
                own = amount[touched[number]]
                score[touched[number]] = exact * own / (own + k1)
            exact = np.float32(0)
        norm, length = norms[rows[row, FIELD]], lengths[rows[row, FIELD]]
        weight = weights[row]
        here = _MATCHES if rows[row, MATCHES] else np.uint32(0)
        if located(rows[row], weight, least):
            here |= np.uint32(1) << np.uint32(bit % BITS)
            bit += 1
        for at in range(rows[row, BEGIN], rows[row, END]):
            document = docs[at]
            before = amount[document]
            amount[document] = before + weight * np.float32(freqs[at]) * norm[length[document]]
            seen[document] |= here
            touched[count] = document
            count += before == 0
    if exact != 0:
        for number in range(count):
            own = amount[touched[number]]
            score[touched[number]] = exact * own / (own + k1)
    return count


@kernel(
    several(written(U16), written(F32), written(U32))(
        read(I64, 2), written(I64), read(F32, 2), F32, F32, written(I64), written(F32),
        written(F32), written(F32), written(U32), written(U16), written(U16),
    )
)  # fmt: skip
def blend(
    table: Array, unit: Array, norms: Array, k1: float, least: float, starts: Array, most: Array,
    amount: Array, score: Array, seen: Array, touched: Array, room: Array,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Blend the lists of a unit; write into it where the blended list lies, and return that: see the module.

    ``table``: see ``segments``. ``norms``: [fields, lengths], what a frequency is multiplied by. ``least``: the least
    weight of rows whose places are looked at; above 1 nobody asks for ``where``. ``starts``, ``most``: room for these.
    ``amount`` … ``room``: buffers with a place for each document of a segment and one more, zero before and after but
    for the last two.
    """
    first_rows = longs_at(unit[STARTS], len(table) + 1)
    rows = table_at(unit[ROWS], unit[SIZE], LIST)
    worth = np.float32(doubles_at(unit[WORTHS], 2)[0])
    asked = least <= 1 and unit[OWN_SIZE] < 0  # postings made for the query have no places
    lowest: Any = least if asked else np.float32(2)
    docs, gains, where = np.empty(0, np.uint16), np.empty(0, np.float32), np.empty(0, np.uint32)
    used = 0
    told = 0
    for number in range(len(table)):
        first, last = first_rows[number], first_rows[number + 1]
        starts[2 * number] = starts[2 * number + 1] = used
        most[number] = 0
        postings = 0
        for row in range(first, last):
            postings += rows[row, END] - rows[row, BEGIN]
        if not postings:
            continue
        documents = table[number, DOCUMENTS]
        count = _add_up(table[number], unit, first, last, norms, k1, lowest, amount, score, seen, touched)
        if used + count > len(docs):
            size = used + count if number == len(table) - 1 else max(2 * len(docs), used + count)
            docs, gains = _grown(docs, gains, used, size)
        if count * _SCATTERED < documents:
            _sort(touched, count, room)
        else:
            count = 0
            for document in range(documents):
                touched[count] = document
                count += amount[document] != 0
        matching = used
        for at in range(count):
            matching += seen[touched[at]] >> np.uint32(BITS)
        starts[2 * number + 1] = matching
        if asked and told + matching - used >= len(where):  # one more is written over again and again
            size = told + matching - used + 1
            where = _grown_where(where, told, size if number == len(table) - 1 else max(2 * len(where), size))
        best: Any = np.float32(0)
        for at in range(count):
            document = touched[at]
            whole = amount[document]
            gain = worth * whole / (whole + k1) + score[document]
            best = max(best, gain)
            # Without a branch, which nobody could foretell.
            matches: Any = np.int64(seen[document] >> np.uint32(BITS))
            place = matching + (used - matching) * matches
            docs[place] = document
            gains[place] = gain
            if asked:
                where[told] = seen[document] & ~_MATCHES
                told += matches
            used += matches
            matching += 1 - matches
            amount[document] = 0
            score[document] = 0
            seen[document] = 0
        most[number] = best
        used = matching
    starts[2 * len(table)] = used
    if used < len(docs):
        docs, gains = _grown(docs, gains, used, used)
    if told < len(where):
        where = _grown_where(where, told, told)
    unit[HELD_STARTS] = starts.ctypes.data
    unit[HELD] = used
    unit[HELD_DOCS] = docs.ctypes.data
    unit[HELD_GAINS] = gains.ctypes.data
    unit[HELD_WHERE] = where.ctypes.data if asked else 0
    unit[HELD_MOST] = most.ctypes.data
    return docs, gains, where
