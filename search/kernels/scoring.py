"""Adding up what blended lists say, one unit (a word in all its forms) after the other; see ``blending``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.compilation import F32, I64, U8, U16, Array, kernel, read, written
from search.kernels.lists import SEEK, seek

TOUCHED, MET, EXCLUDED = 1, 2, 4
"""Bits of a document's mark: whether it may be a hit, whether the word in hand has it too, and whether it is none."""

_LIST = (read(U16), read(F32), I64, I64, F32)  # docs, gains, first posting and end, presence


@kernel(types.int64(*_LIST, written(F32), written(U16), I64))
def accumulate(
    docs: Array, gains: Array, first: int, last: int, presence: float, score: Array, touched: Array, count: int
) -> int:  # fmt: skip
    """Add a part of a list to every document of it; return how many are touched.

    ``presence``: what a word's standing in a document at all is worth. A document is touched when it is first given a
    score.
    """
    for at in range(first, last):
        document = docs[at]
        before = score[document]
        score[document] = before + (presence + gains[at])
        touched[count] = document
        count += before == 0
    return count


@kernel(types.void(*_LIST, written(F32), read(U16), I64, I64))
def enrich(
    docs: Array, gains: Array, first: int, last: int, presence: float, score: Array, touched: Array, begin: int,
    count: int,
) -> None:  # fmt: skip
    """Add a part of a list to those of its documents that have a score, which are touched from ``begin`` to ``count``.

    They may be touched in any order.
    """
    if last - first > SEEK * (count - begin):
        at = first
        before = 0
        for number in range(begin, count):
            document = touched[number]
            if document < before:
                at = first
            before = document
            at = seek(docs, at, last, document)
            if at < last and docs[at] == document:
                score[document] += presence + gains[at]
        return
    for at in range(first, last):  # without a branch, which nobody could foretell
        before = score[docs[at]]
        score[docs[at]] = before + np.float32(before != 0) * (presence + gains[at])


@kernel(types.void(*_LIST, written(F32), read(U8), read(U16), I64, I64))
def enrich_marked(
    docs: Array, gains: Array, first: int, last: int, presence: float, score: Array, marks: Array, touched: Array,
    begin: int, count: int,
) -> None:  # fmt: skip
    """Add a part of a list to the documents that are marked as touched; they ascend from ``begin`` to ``count``."""
    if last - first > SEEK * (count - begin):
        at = first
        for number in range(begin, count):
            at = seek(docs, at, last, touched[number])
            if at < last and docs[at] == touched[number]:
                score[docs[at]] += presence + gains[at]
        return
    for at in range(first, last):
        if marks[docs[at]] == TOUCHED:
            score[docs[at]] += presence + gains[at]


@kernel(types.int64(*_LIST, written(F32), written(U8), written(U16), I64))
def select(
    docs: Array, gains: Array, first: int, last: int, presence: float, score: Array, marks: Array, touched: Array,
    count: int,
) -> int:  # fmt: skip
    """Touch the documents of a part of a list that are not excluded; return how many are touched then."""
    for at in range(first, last):
        document = docs[at]
        if marks[document] == 0:
            marks[document] = TOUCHED
            score[document] = presence + gains[at]
            touched[count] = document
            count += 1
    return count


@kernel(types.int64(read(U16), I64, I64, written(F32), written(U8), written(U16), I64))
def exclude(docs: Array, first: int, last: int, score: Array, marks: Array, touched: Array, count: int) -> int:
    """Mark the documents of a part of a list as excluded; return how many are touched then.

    They are given a score, so that they are not touched again, and one that nothing can raise.
    """
    for at in range(first, last):
        document = docs[at]
        if marks[document] == 0:
            marks[document] = EXCLUDED
            score[document] = -np.inf
            touched[count] = document
            count += 1
    return count


@kernel(types.int64(*_LIST, written(F32), written(U8), written(U16), I64, I64))
def restrict(
    docs: Array, gains: Array, first: int, last: int, presence: float, score: Array, marks: Array, touched: Array,
    begin: int, count: int,
) -> int:  # fmt: skip
    """Of the documents touched from ``begin`` to ``count``, which ascend, keep those of a part of a list.

    What it adds to them is added; return where they end.
    """
    kept = begin
    if last - first > SEEK * (count - begin):
        at = first
        for number in range(begin, count):
            document = touched[number]
            at = seek(docs, at, last, document)
            if at < last and docs[at] == document:
                score[document] += presence + gains[at]
                touched[kept] = document
                kept += 1
            else:
                score[document] = 0
                marks[document] = 0
        return kept
    for at in range(first, last):
        document = docs[at]
        if marks[document] == TOUCHED:
            score[document] += presence + gains[at]
            marks[document] = TOUCHED | MET
    for number in range(begin, count):
        document = touched[number]
        if marks[document] & np.uint8(MET):
            marks[document] = TOUCHED
            touched[kept] = document
            kept += 1
        else:
            score[document] = 0
            marks[document] = 0
    return kept


@kernel(written(F32)(read(F32), read(U16), I64, I64))
def scores_of(score: Array, touched: Array, begin: int, count: int) -> Array:
    """Return the scores of the documents touched from ``begin`` to ``count``, side by side."""
    found = np.empty(count - begin, np.float32)
    for number in range(begin, count):
        found[number - begin] = score[touched[number]]
    return found


_TOGETHER = 16
"""Of so many scores at a time the highest is taken, where they are many: it is found without a branch."""


@kernel(written(F32)(read(F32), I64))
def _highest(scores: Array, size: int) -> Array:
    """Return the highest of every ``size``-th score, from each of the first ``size`` on."""
    best = scores[:size].copy()
    for row in range(1, _TOGETHER):
        for column in range(size):
            value = scores[row * size + column]
            best[column] = value if value > best[column] else best[column]
    return best


@kernel(types.float32(read(F32), I64))
def least_of(scores: Array, depth: int) -> Any:
    """Return a score that at least ``depth`` of these reach, and seldom many more; 0 where they are fewer."""
    if len(scores) < depth or depth == 0:
        return np.float32(0)
    if len(scores) >= 2 * _TOGETHER * depth:
        scores = _highest(scores, len(scores) // _TOGETHER)
    best = np.zeros(depth, np.float32)
    size = 0
    for value in scores:
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
    return best[0]
