"""Adding up what posting lists say: BM25F over weighted lists, one unit (a word in all its forms) after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.codec.layout import BLOCK, MANY
from index.compilation import F32, F64, I64, U8, U16, Array, kernel, read, written

TOUCHED, MATCHED, EXCLUDED = 1, 2, 4
"""Bits of a document's mark."""

_LISTS = (
    read(U16),  # docs
    read(U8),  # freqs
    read(U16),  # docs made for the query
    read(U8),  # their freqs
    read(U16, 2),  # lengths [fields, documents]
    read(F32, 2),  # norms [fields, lengths]
    read(I64, 2),  # rows
    read(F32),  # weight of each row
)
_BUFFERS = (written(F32), written(F32), written(U8), written(U16))  # score, amount, marks, touched


@kernel(types.int64(*_LISTS, I64, I64, F32, F32, types.boolean, *_BUFFERS, I64))
def accumulate(
    docs: Array, freqs: Array, own_docs: Array, own_freqs: Array, lengths: Array, norms: Array, rows: Array,
    weights: Array, first: int, last: int, worth: float, k1: float, marking: bool,
    score: Array, amount: Array, marks: Array, touched: Array, count: int,
) -> int:  # fmt: skip
    """Add the unit of the rows ``first`` to ``last`` to every document it stands in; return how many are touched.

    ``worth``, which is above 0: what the unit's saturated frequency amount/(amount + k1) is multiplied by. A document
    is touched when it is first given a score. Marks are kept only where ``marking``.
    """
    largest = first
    for row in range(first, last):
        if rows[row, 1] - rows[row, 0] > rows[largest, 1] - rows[largest, 0]:
            largest = row
    # All lists but the largest are added up first; the largest then finishes its documents in one pass, and the rest of
    # what was added up is finished by a second look at the smaller ones.
    for row in range(first, last):
        source = own_docs if rows[row, 4] else docs
        begin = rows[row, 0]
        end = rows[row, 1]
        if marking:
            mark = np.uint8(TOUCHED | MATCHED if rows[row, 3] else TOUCHED)
            for at in range(begin, end):
                marks[source[at]] |= mark
        if row == largest:
            continue
        counts = own_freqs if rows[row, 4] else freqs
        norm = norms[rows[row, 2]]
        length = lengths[rows[row, 2]]
        weight = weights[row]
        for at in range(begin, end):
            document = source[at]
            amount[document] += weight * np.float32(counts[at]) * norm[length[document]]
    if largest < last:
        source = own_docs if rows[largest, 4] else docs
        counts = own_freqs if rows[largest, 4] else freqs
        norm = norms[rows[largest, 2]]
        length = lengths[rows[largest, 2]]
        weight = weights[largest]
        for at in range(rows[largest, 0], rows[largest, 1]):
            document = source[at]
            whole = amount[document] + weight * np.float32(counts[at]) * norm[length[document]]
            amount[document] = np.float32(0)
            before = score[document]
            score[document] = before + worth * whole / (whole + k1)
            touched[count] = document
            count += before == 0
    for row in range(first, last):
        if row == largest:
            continue
        source = own_docs if rows[row, 4] else docs
        for at in range(rows[row, 0], rows[row, 1]):
            document = source[at]
            whole = amount[document]
            if whole != 0:
                amount[document] = np.float32(0)
                before = score[document]
                score[document] = before + worth * whole / (whole + k1)
                touched[count] = document
                count += before == 0
    return count


_SEEK = 32
"""A list this many times longer than the documents in question is searched for each of them, not read through."""


@kernel(types.int64(read(U16), I64, I64, I64))
def _search(docs: Array, begin: int, end: int, document: int) -> int:
    """Return the posting of a document in a list, or -1."""
    low = begin
    high = end
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < document:
            low = middle + 1
        else:
            high = middle
    return low if low < end and docs[low] == document else -1


@kernel(types.int64(*_LISTS[:4], read(I64, 2), I64, I64, U8, U8, written(U8), written(U16), I64, I64))
def restrict(
    docs: Array, freqs: Array, own_docs: Array, own_freqs: Array, rows: Array, first: int, last: int,
    before: int, after: int, marks: Array, touched: Array, begin_at: int, count: int,
) -> int:  # fmt: skip
    """Keep of the touched documents, whose marks are ``before``, those that the unit matches; return where they end.

    They stand in ``touched`` from ``begin_at`` to ``count``. Their marks are ``after`` then, those of the others 0.
    """
    for row in range(first, last):
        if rows[row, 3] == 0:
            continue
        source = own_docs if rows[row, 4] else docs
        begin = rows[row, 0]
        end = rows[row, 1]
        if end - begin > _SEEK * (count - begin_at):
            for number in range(begin_at, count):
                document = touched[number]
                if marks[document] == before and _search(source, begin, end, document) >= 0:
                    marks[document] = after
        else:
            for at in range(begin, end):
                document = source[at]
                if marks[document] == before:
                    marks[document] = after
    kept = begin_at
    for number in range(begin_at, count):
        document = touched[number]
        if marks[document] == after:
            touched[kept] = document
            kept += 1
        else:
            marks[document] = 0
    return kept


@kernel(types.int64(*_LISTS[:4], read(I64, 2), I64, I64, U8, written(U8), written(U16), I64))
def select(
    docs: Array, freqs: Array, own_docs: Array, own_freqs: Array, rows: Array, first: int, last: int,
    mark: int, marks: Array, touched: Array, count: int,
) -> int:  # fmt: skip
    """Touch the documents that the unit matches and that are not touched yet; return how many are touched then."""
    for row in range(first, last):
        if rows[row, 3] == 0:
            continue
        source = own_docs if rows[row, 4] else docs
        for at in range(rows[row, 0], rows[row, 1]):
            document = source[at]
            if marks[document] == 0:
                marks[document] = mark
                touched[count] = document
                count += 1
    return count


@kernel(types.void(*_LISTS, I64, I64, F32, F32, *_BUFFERS, I64, I64))
def enrich(
    docs: Array, freqs: Array, own_docs: Array, own_freqs: Array, lengths: Array, norms: Array, rows: Array,
    weights: Array, first: int, last: int, worth: float, k1: float,
    score: Array, amount: Array, marks: Array, touched: Array, begin_at: int, count: int,
) -> None:  # fmt: skip
    """Add the unit's worth to the documents touched from ``begin_at`` to ``count``, and to no others.

    No mark changes. Those before ``begin_at`` are excluded ones.
    """
    for row in range(first, last):
        source = own_docs if rows[row, 4] else docs
        counts = own_freqs if rows[row, 4] else freqs
        begin = rows[row, 0]
        end = rows[row, 1]
        field = rows[row, 2]
        norm = norms[field]
        length = lengths[field]
        weight = weights[row]
        if end - begin > _SEEK * (count - begin_at):
            for number in range(begin_at, count):
                document = touched[number]
                at = _search(source, begin, end, document)
                if at >= 0:
                    amount[document] += weight * np.float32(counts[at]) * norm[length[document]]
        else:
            for at in range(begin, end):
                document = source[at]
                if marks[document] & np.uint8(TOUCHED | MATCHED):
                    amount[document] += weight * np.float32(counts[at]) * norm[length[document]]
    for number in range(begin_at, count):
        document = touched[number]
        whole = amount[document]
        if whole != 0:
            amount[document] = np.float32(0)
            score[document] += worth * whole / (whole + k1)


@kernel(types.float64(read(U8), read(U16), read(F32, 2), read(I64, 2), read(F32), I64, I64, F64, F32))
def ceiling(
    block_freq: Array, block_length: Array, norms: Array, rows: Array, weights: Array,
    first: int, last: int, worth: float, k1: float,
) -> Any:  # fmt: skip
    """Return what the unit of the rows ``first`` to ``last`` can add to a score at most.

    No document has more of a word than the most frequent and the shortest of its block of postings would have together.
    """
    amount = 0.0
    for row in range(first, last):
        begin = rows[row, 0]
        end = rows[row, 1]
        if begin == end:
            continue
        if rows[row, 4]:
            return worth
        most = 0.0
        norm = norms[rows[row, 2]]
        for block in range(begin // BLOCK, (end - 1) // BLOCK + 1):
            if block_freq[block] == MANY:
                return worth
            most = max(most, np.float64(block_freq[block]) * norm[block_length[block]])
        amount += weights[row] * most
    return worth * amount / (amount + k1)
