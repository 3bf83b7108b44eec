"""Posting lists that a query makes for itself: of an exact phrase, and of all words with one beginning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.codec.layout import BLOCK, MANY
from index.compilation import I64, U8, U16, U32, U64, Array, kernel, read, written


@kernel(types.int64(read(U32), I64))
def _lower(values: Array, wanted: int) -> Any:
    low = 0
    high = len(values)
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@kernel(types.int64(read(U8), read(U32), read(U32), I64))
def frequency(freqs: Array, big_at: Array, big: Array, posting: int) -> Any:
    """Return how often the word of a posting stands in its document."""
    found = np.int64(freqs[posting])
    return found if found != MANY else np.int64(big[_lower(big_at, posting)])


_EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONES = np.uint64(0x0101010101010101)
_HIGHEST = np.uint64(0x8080808080808080)
_PAIRS = np.uint64(0x00FF00FF00FF00FF)
_SUMMED = np.uint64(0x0001000100010001)
_BYTE, _LAST_PAIR = np.uint64(8), np.uint64(48)


@kernel(U64(U64, I64), inline="always")
def _first(freqs: int, count: int) -> Any:
    """Return the first ``count`` of eight frequencies, 0 in the place of the others."""
    return np.uint64(0) if count <= 0 else freqs & (_EVERY >> np.uint64(64 - 8 * min(count, 8)))


@kernel(types.int64(read(U64), read(U32), read(U32), read(U32), I64))
def place_of(eights: Array, big_at: Array, big: Array, position_starts: Array, posting: int) -> Any:
    """Return where the positions of a posting begin.

    ``eights``: the frequencies, eight in one number each. A block's are two of them, whose bytes are added up side by
    side and without a loop, which would be over so few that its beginning and end are most of it.
    """
    block = posting // BLOCK
    place = posting % BLOCK
    low, high = _first(eights[2 * block], place), _first(eights[2 * block + 1], place - 8)
    pairs = (low & _PAIRS) + ((low >> _BYTE) & _PAIRS) + (high & _PAIRS) + ((high >> _BYTE) & _PAIRS)
    start = np.int64(position_starts[block]) + np.int64((pairs * _SUMMED) >> _LAST_PAIR)
    # A byte is 255 where its complement is 0 (the test for a zero byte of "Hacker's Delight", 6-1).
    if (((~low - _ONES) & low) | ((~high - _ONES) & high)) & _HIGHEST:
        at = _lower(big_at, block * BLOCK)
        while at < len(big_at) and big_at[at] < posting:
            start += np.int64(big[at]) - MANY
            at += 1
    return start


@kernel(types.int64(read(U16), I64, I64, I64))
def seek(docs: Array, begin: int, end: int, document: int) -> Any:
    """Return the first posting of an ascending list that is of ``document`` or a later one."""
    if begin >= end or docs[begin] >= document:
        return begin
    # Documents ascend by one at least, so that it stands no further on than its number is higher. In a list of nearly
    # all documents that is nearly the place: it is looked for from there back, in others from the beginning on.
    low: Any = begin
    high: Any = min(end, begin + document - np.int64(docs[begin]))
    step = 1
    if 4 * (end - begin) > 3 * (np.int64(docs[end - 1]) - np.int64(docs[begin])):
        while high - step > low and docs[high - step] >= document:
            high -= step
            step <<= 1
        low = max(low, high - step)
    else:
        while low + step < high and docs[low + step] < document:
            low += step
            step <<= 1
        high = min(high, low + step)
    while high - low > 1:
        middle = (low + high) >> 1
        if docs[middle] < document:
            low = middle
        else:
            high = middle
    return high


SEEK = 16
"""A list this many times longer than the documents in question is searched for each of them, not read through."""


@kernel(types.int64(read(U16), read(I64, 2), written(U8), written(U32, 2)))
def _together(docs: Array, lists: Array, marks: Array, postings: Array) -> Any:
    """Write the postings of the documents that hold all words, a row a word; return how many there are.

    ``marks``: a zero for each document, and so again in the end.
    """
    size = len(lists)
    rarest = 0
    for word in range(size):
        if lists[word, 1] - lists[word, 0] < lists[rarest, 1] - lists[rarest, 0]:
            rarest = word
    # What is left of the rarest word's documents is written down without a branch, for each other word anew.
    left = lists[rarest, 1] - lists[rarest, 0]
    for number in range(left):
        postings[rarest, number] = lists[rarest, 0] + number
    for word in range(size):
        if word == rarest:
            continue
        begin = lists[word, 0]
        end = lists[word, 1]
        found = 0
        if end - begin > SEEK * left:
            at = begin
            for number in range(left):
                document = docs[postings[rarest, number]]
                at = seek(docs, at, end, document)
                if at == end:
                    break
                for earlier in range(size):
                    postings[earlier, found] = postings[earlier, number]
                postings[word, found] = at
                found += docs[at] == document
        else:
            for number in range(left):
                marks[docs[postings[rarest, number]]] = 1
            for at in range(begin, end):
                postings[word, found] = at
                mark = marks[docs[at]]
                marks[docs[at]] = mark << 1
                found += mark
            kept = 0
            for number in range(left):
                document = docs[postings[rarest, number]]
                for earlier in range(size):
                    if earlier != word:
                        postings[earlier, kept] = postings[earlier, number]
                kept += marks[document] >> 1
                marks[document] = 0
        left = found
    return left


_FIND_POSITIONS = [
    types.void(
        read(U64), read(U8), read(U32), read(U32), read(positions), read(U32), read(U32), I64, written(U32),
        written(U32), written(U32),
    )
    for positions in (U16, U32)
]  # fmt: skip


@kernel(*_FIND_POSITIONS)
def _find_positions(
    eights: Array, freqs: Array, big_at: Array, big: Array, positions: Array, position_starts: Array, postings: Array,
    size: int, begins: Array, ends: Array, firsts: Array,
) -> None:  # fmt: skip
    """Write where the positions of postings begin and end, and the first of each."""
    for number in range(size):
        here = np.int64(postings[number])
        start = place_of(eights, big_at, big, position_starts, here)
        begins[number] = start
        ends[number] = start + frequency(freqs, big_at, big, here)
        firsts[number] = positions[start]


_FEW = 32
"""Of at most so many positions of a word all are compared: nothing is foretold then, as on the way from one to the
next."""

_TIMES = [types.int64(read(positions), written(I64), read(I64)) for positions in (U16, U32)]


@kernel(*_TIMES)
def _times(positions: Array, cursor: Array, ends: Array) -> Any:
    """Count how often words follow one another; the positions of each are those from ``cursor`` to ``ends``."""
    fewest = 0
    most = 0
    for word in range(len(ends)):
        if ends[word] - cursor[word] < ends[fewest] - cursor[fewest]:
            fewest = word
        most = max(most, ends[word] - cursor[word])
    times: Any = 0
    for place in range(cursor[fewest], ends[fewest]):
        start = np.int64(positions[place]) - fewest
        together: Any = start >= 0
        for word in range(len(ends)):
            if word == fewest:
                continue
            if most <= _FEW:
                stands: Any = False
                for here in range(cursor[word], ends[word]):
                    stands |= positions[here] == start + word
                together &= stands
                continue
            here = cursor[word]
            while here < ends[word] and positions[here] < start + word:
                here += 1
            cursor[word] = here
            if here == ends[word]:
                return times
            if positions[here] != start + word:
                together = False
                break
        times += together
    return times


_PHRASE = [
    types.int64(
        read(U16), read(U64), read(U8), read(U32), read(U32), read(positions), read(U32), read(I64, 2), written(U8),
        written(U16), written(U8),
    )
    for positions in (U16, U32)
]  # fmt: skip


@kernel(*_PHRASE)
def phrase(
    docs: Array, eights: Array, freqs: Array, big_at: Array, big: Array, positions: Array, position_starts: Array,
    lists: Array, marks: Array, out_docs: Array, out_freqs: Array,
) -> int:  # fmt: skip
    """Write the documents in which the words of ``lists`` (first posting and end of each) follow one another.

    Return how many there are; ``out_freqs``, which is as long as the shortest list, says how often, 255 at most.
    ``eights``: see ``place_of``. ``marks``: a zero for each document, and so again in the end.
    """
    size = len(lists)
    room = len(out_freqs) + 1
    postings = np.empty((size, room), np.uint32)
    held = _together(docs, lists, marks, postings)
    # First the places of all positions, then the positions: what is not in the cache is fetched side by side.
    begins = np.empty((size, held), np.uint32)
    ends = np.empty((size, held), np.uint32)
    firsts = np.empty((size, held), np.uint32)
    for word in range(size):
        _find_positions(
            eights, freqs, big_at, big, positions, position_starts, postings[word], held,
            begins[word], ends[word], firsts[word],
        )  # fmt: skip
    cursor = np.empty(size, np.int64)
    cursor_ends = np.empty(size, np.int64)
    found = 0
    for number in range(held):
        once: Any = True
        follows: Any = True
        for word in range(size):
            cursor[word] = begins[word, number]
            cursor_ends[word] = ends[word, number]
            once &= ends[word, number] - begins[word, number] == 1
            follows &= firsts[word, number] == firsts[0, number] + word
        times = np.int64(follows) if once else _times(positions, cursor, cursor_ends)
        if times:
            out_docs[found] = docs[postings[0, number]]
            out_freqs[found] = min(times, MANY)
            found += 1
    return found


@kernel(types.int64(read(U16), read(U8), I64, I64, I64, written(U32), written(U16), written(U8)))
def gather(
    docs: Array, freqs: Array, begin: int, end: int, documents: int,
    counts: Array, out_docs: Array, out_freqs: Array,
) -> int:  # fmt: skip
    """Write the documents of the postings ``begin`` to ``end``, of any number of lists, as one list.

    Return how many there are; ``out_freqs`` adds up to 255 at most. ``counts`` has a zero for each document, and has
    again in the end.
    """
    for at in range(begin, end):
        counts[docs[at]] += freqs[at]
    found = 0
    for document in range(documents):
        times = counts[document]
        if times:
            out_docs[found] = document
            out_freqs[found] = min(times, MANY)
            counts[document] = 0
            found += 1
    return found
