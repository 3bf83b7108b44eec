"""Posting lists that a query makes for itself: of an exact phrase, and of all words with one beginning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.codec.layout import BLOCK, MANY
from index.compilation import I64, U8, U16, U32, Array, kernel, read, written


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


@kernel(types.int64(read(U8), read(U32), read(U32), I64, I64))
def positions_of(freqs: Array, big_at: Array, big: Array, begin: int, end: int) -> Any:
    """Count the positions of the postings ``begin`` to ``end``."""
    total: Any = 0
    many = False
    for posting in range(begin, end):
        total += np.int64(freqs[posting])
        many |= freqs[posting] == MANY
    if many:
        at = _lower(big_at, begin)
        while at < len(big_at) and big_at[at] < end:
            total += np.int64(big[at]) - MANY
            at += 1
    return total


@kernel(types.int64(read(U16), I64, I64, I64))
def seek(docs: Array, begin: int, end: int, document: int) -> int:
    """Return the first posting of an ascending list that is of ``document`` or a later one, galloping."""
    step = 1
    while begin + step < end and docs[begin + step] < document:
        step <<= 1
    low = begin + (step >> 1)
    high = min(begin + step, end)
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < document:
            low = middle + 1
        else:
            high = middle
    return low


_PHRASE = [
    types.int64(
        read(U16), read(U8), read(U32), read(U32), read(positions), read(U32), read(I64, 2), written(U16), written(U8)
    )
    for positions in (U16, U32)
]  # fmt: skip


@kernel(*_PHRASE)
def phrase(
    docs: Array, freqs: Array, big_at: Array, big: Array, positions: Array, position_starts: Array,
    lists: Array, out_docs: Array, out_freqs: Array,
) -> int:  # fmt: skip
    """Write the documents in which the words of ``lists`` (first posting and end of each) follow one another.

    Return how many there are; ``out_freqs`` says how often, 255 at most.
    """
    size = len(lists)
    rarest = 0
    for word in range(size):
        if lists[word, 1] - lists[word, 0] < lists[rarest, 1] - lists[rarest, 0]:
            rarest = word
    at = lists[:, 0].copy()
    cursor = np.zeros(size, np.int64)
    ends = np.zeros(size, np.int64)
    # Where the positions of some posting of each word begin: those of a later one are counted on from there.
    known = np.full(size, -1, np.int64)
    starts = np.zeros(size, np.int64)
    found = 0
    for posting in range(lists[rarest, 0], lists[rarest, 1]):
        document = docs[posting]
        at[rarest] = posting
        together = True
        for word in range(size):
            if word != rarest:
                if at[word] < lists[word, 1] and docs[at[word]] < document:
                    at[word] = seek(docs, at[word], lists[word, 1], document)
                if at[word] >= lists[word, 1]:
                    return found
                if docs[at[word]] != document:
                    together = False
                    break
        if not together:
            continue
        for word in range(size):
            here = at[word]
            if known[word] < here // BLOCK * BLOCK:
                known[word] = here // BLOCK * BLOCK
                starts[word] = position_starts[here // BLOCK]
            starts[word] += positions_of(freqs, big_at, big, known[word], here)
            known[word] = here
            cursor[word] = starts[word]
            ends[word] = starts[word] + frequency(freqs, big_at, big, here)
        times = 0
        exhausted = False
        for place in range(cursor[rarest], ends[rarest]):
            start = positions[place] - rarest
            together = start >= 0
            for word in range(size):
                if word == rarest:
                    continue
                wanted = start + word
                here = cursor[word]
                while here < ends[word] and positions[here] < wanted:
                    here += 1
                cursor[word] = here
                if here == ends[word]:
                    exhausted = True
                    together = False
                    break
                if positions[here] != wanted:
                    together = False
                    break
            times += together
            if exhausted:
                break
        if times:
            out_docs[found] = document
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
