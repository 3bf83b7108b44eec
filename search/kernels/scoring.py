"""Adding up what posting lists say: BM25F over weighted lists, one unit (a word in all its forms) after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.codec.layout import BLOCK, MANY, MAX_DOCUMENTS
from index.compilation import F32, F64, I64, U8, U16, Array, kernel, read, written
from search.kernels.lists import SEEK, seek
from search.kernels.units import BEGIN, END, FIELD, FORM, MATCHES

TOUCHED, MATCHED, EXCLUDED = 1, 2, 4
"""Bits of a document's mark."""

_LISTS = (
    read(U16),  # docs
    read(U8),  # freqs
    read(U16, 2),  # lengths [fields, documents]
    read(F32, 2),  # norms [fields, lengths]
    read(I64, 2),  # rows
    read(F32),  # weight of each row
)
_BUFFERS = (written(F32), written(F32), written(U8), written(U16))  # score, amount, marks, touched


@kernel(types.int64(U16, F32, F32, F32, F32, F32, F32, written(F32), written(U16), I64))
def _settle(
    document: int, whole: float, own: float, worth: float, exact: float, presence: float, k1: float,
    score: Array, touched: Array, count: int,
) -> Any:  # fmt: skip
    """Add to a document's score; touch the document where that is its first."""
    before = score[document]
    gain = presence + worth * whole / (whole + k1)
    if exact != 0:
        gain += exact * own / (own + k1)
    score[document] = before + gain
    touched[count] = document
    return count + (before == 0)


@kernel(types.int64(read(U16), read(I64, 2), I64, I64, U8, written(U8)))
def _mark(docs: Array, rows: Array, first: int, last: int, mark: int, marks: Array) -> int:
    """Mark all documents as touched, and as what ``mark`` says those that match."""
    for row in range(first, last):
        here = np.uint8(TOUCHED | mark if rows[row, MATCHES] else TOUCHED)
        for at in range(rows[row, BEGIN], rows[row, END]):
            marks[docs[at]] |= here
    return 0


@kernel(types.int64(*_LISTS, I64, I64, F32, F32, F32, F32, types.boolean, *_BUFFERS, written(U16), I64))
def accumulate(
    docs: Array, freqs: Array, lengths: Array, norms: Array, rows: Array, weights: Array,
    first: int, last: int, worth: float, exact: Any, presence: float, k1: float, marking: bool,
    score: Array, amount: Array, marks: Array, touched: Array, fresh: Array, count: int,
) -> int:  # fmt: skip
    """Add the unit of the rows ``first`` to ``last`` to every document it stands in; return how many are touched.

    ``worth``, which is above 0: what the unit's saturated frequency amount/(amount + k1) is multiplied by; ``exact``
    the same for the word itself without its other forms; ``presence``: what its standing there at all is worth. A
    document is touched when it is first given a score. Marks are kept only where ``marking``. ``fresh`` is room for
    every document.
    """
    if marking:
        _mark(docs, rows, first, last, MATCHED, marks)
    others = first
    while others < last and rows[others, FORM] == 0:
        others += 1
    kin = others < last
    if not kin:
        worth += exact
        exact = np.float32(0)
    # The other forms are added up by document. The word's own lists, one or two, are then walked side by side and
    # finish their documents; what the other forms have besides is finished last. Where there are more (they are parted
    # by vocalisation), they are added up as well, before the others.
    met = 0
    zero = np.float32(0)
    walked = others - first <= 2
    for row in range(others if walked else first, last):
        if row == others and not walked:
            for number in range(met):
                own = amount[fresh[number]]
                count = _settle(fresh[number], zero, own, zero, exact, zero, k1, score, touched, count)
        norm = norms[rows[row, FIELD]]
        length = lengths[rows[row, FIELD]]
        weight = weights[row]
        for at in range(rows[row, BEGIN], rows[row, END]):
            document = docs[at]
            before = amount[document]
            amount[document] = before + weight * np.float32(freqs[at]) * norm[length[document]]
            fresh[met] = document
            met += before == 0
    if walked and others > first:
        short = first
        long = others - 1
        if rows[short, END] - rows[short, BEGIN] > rows[long, END] - rows[long, BEGIN]:
            short, long = long, short
        here = rows[short, BEGIN] if short != long else rows[short, END]
        there = rows[long, BEGIN]
        here_end = rows[short, END]
        there_end = rows[long, END]
        here_norm = norms[rows[short, FIELD]]
        here_length = lengths[rows[short, FIELD]]
        norm = norms[rows[long, FIELD]]
        length = lengths[rows[long, FIELD]]
        weight = weights[long]
        while True:
            limit = np.int64(docs[here]) if here < here_end else MAX_DOCUMENTS
            while there < there_end and docs[there] < limit:
                document = docs[there]
                own = weight * np.float32(freqs[there]) * norm[length[document]]
                whole = own
                if kin:
                    whole += amount[document]
                    amount[document] = 0
                count = _settle(document, whole, own, worth, exact, presence, k1, score, touched, count)
                there += 1
            if here == here_end:
                break
            document = docs[here]
            own = weights[short] * np.float32(freqs[here]) * here_norm[here_length[document]]
            if there < there_end and docs[there] == document:
                own += weight * np.float32(freqs[there]) * norm[length[document]]
                there += 1
            whole = own
            if kin:
                whole += amount[document]
                amount[document] = 0
            count = _settle(document, whole, own, worth, exact, presence, k1, score, touched, count)
            here += 1
    for number in range(met):
        document = fresh[number]
        whole = amount[document]
        if whole != 0:
            amount[document] = 0
            count = _settle(document, whole, zero, worth, zero, presence, k1, score, touched, count)
    return count


@kernel(types.int64(read(U16), read(I64, 2), I64, I64, U8, written(U8), written(U16), I64))
def select(
    docs: Array, rows: Array, first: int, last: int, mark: int, marks: Array, touched: Array, count: int
) -> int:  # fmt: skip
    """Touch the documents that the unit matches and that are not touched yet; return how many are touched then."""
    for row in range(first, last):
        if rows[row, MATCHES] == 0:
            continue
        for at in range(rows[row, BEGIN], rows[row, END]):
            document = docs[at]
            if marks[document] == 0:
                marks[document] = mark
                touched[count] = document
                count += 1
    return count


@kernel(types.int64(written(F32), written(U8), written(U16), I64, I64))
def keep(score: Array, marks: Array, touched: Array, begin_at: int, count: int) -> int:
    """Of the documents touched from ``begin_at`` to ``count``, keep those that matched; return where they end.

    Excluded ones go. Those that stay are touched and no longer matched, so that the next unit may match them.
    """
    kept = begin_at
    for number in range(begin_at, count):
        document = touched[number]
        if marks[document] & np.uint8(MATCHED | EXCLUDED) == np.uint8(MATCHED):
            marks[document] = TOUCHED
            touched[kept] = document
            kept += 1
        else:
            marks[document] &= np.uint8(EXCLUDED)
            score[document] = 0
    return kept


@kernel(types.void(*_LISTS, I64, I64, F32, F32, F32, F32, *_BUFFERS, I64, I64))
def enrich(
    docs: Array, freqs: Array, lengths: Array, norms: Array, rows: Array, weights: Array,
    first: int, last: int, worth: float, exact: Any, presence: float, k1: float,
    score: Array, amount: Array, marks: Array, touched: Array, begin_at: int, count: int,
) -> None:  # fmt: skip
    """Add the unit's worth to the documents touched from ``begin_at`` to ``count``, and to no others.

    Those that it matches are marked so. Those before ``begin_at`` are excluded ones.
    """
    candidates = np.uint8(TOUCHED | MATCHED)
    for row in range(first, last):
        if exact != 0 and rows[row, FORM] != 0:  # what has been added up so far is of the word itself
            for number in range(begin_at, count):
                own = amount[touched[number]]
                score[touched[number]] += exact * own / (own + k1)
            exact = np.float32(0)
        begin = rows[row, BEGIN]
        end = rows[row, END]
        norm = norms[rows[row, FIELD]]
        length = lengths[rows[row, FIELD]]
        weight = weights[row]
        mark = np.uint8(MATCHED if rows[row, MATCHES] else 0)
        if end - begin > SEEK * (count - begin_at):
            at = begin
            before = 0
            for number in range(begin_at, count):
                document = touched[number]
                if document < before:
                    at = begin
                before = document
                at = seek(docs, at, end, document)
                if at < end and docs[at] == document:
                    amount[document] += weight * np.float32(freqs[at]) * norm[length[document]]
                    marks[document] |= mark
        else:
            for at in range(begin, end):
                document = docs[at]
                if marks[document] & candidates:
                    amount[document] += weight * np.float32(freqs[at]) * norm[length[document]]
                    marks[document] |= mark
    worth += exact
    for number in range(begin_at, count):
        document = touched[number]
        whole = amount[document]
        if whole != 0:
            amount[document] = 0
            score[document] += presence + worth * whole / (whole + k1)


@kernel(types.float64(read(U8), read(U16), read(F32, 2), read(I64, 2), read(F32), I64, I64, F64, F64, F64, F32))
def ceiling(
    block_freq: Array, block_length: Array, norms: Array, rows: Array, weights: Array,
    first: int, last: int, worth: float, exact: Any, presence: float, k1: float,
) -> Any:  # fmt: skip
    """Return what the unit of the rows ``first`` to ``last`` can add to a score at most.

    No document has more of a word than the most frequent and the shortest of its block of postings would have together.
    """
    amount = 0.0
    own = 0.0
    for row in range(first, last):
        most = 0.0
        norm = norms[rows[row, FIELD]]
        for block in range(rows[row, BEGIN] // BLOCK, (rows[row, END] - 1) // BLOCK + 1):
            if block_freq[block] == MANY:
                return presence + worth + exact
            most = max(most, np.float64(block_freq[block]) * norm[block_length[block]])
        amount += weights[row] * most
        if rows[row, FORM] == 0:
            own += weights[row] * most
    if amount == 0:
        return 0.0
    return presence + worth * amount / (amount + k1) + exact * own / (own + k1)
