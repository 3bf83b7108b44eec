"""From texts as word numbers to posting lists: a counting sort by field and word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.codec.blocks import block_arrays
from index.codec.layout import LONG, MANY, U16, Dictionary, Postings, Strings
from index.compilation import I32, I64, U8, U32, Array, kernel, read, written
from index.compilation import U16 as U16_TYPE
from index.schema import TEXTS

_SHORT = 1 << 16
"""Longest text, in words, whose positions take 16 bits."""

# What is known of a word while a field is inverted.
_LAST, _POSTING, _POSITION, _BIG = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class ReadTexts:
    """Some documents' texts, read: all of the first field, then all of the next.

    ``words`` i32: word numbers, text after text. ``counts`` i32 [fields, documents]: how many each text has.
    """

    words: NDArray[np.int32]
    counts: NDArray[np.int32]


def lengths_of(counts: NDArray[np.int32]) -> U16:
    """Return a segment's ``lengths`` of the exact ``counts`` [fields, documents]."""
    return np.minimum(counts, LONG).astype(np.uint16)


def invert(texts: Sequence[ReadTexts], words: Sequence[bytes]) -> Postings:
    """Return the posting lists of all texts. The documents are numbered from 0, through all of ``texts``.

    ``words``: each word number's word, in UTF-8; all are distinct.
    """
    counts = np.concatenate([piece.counts for piece in texts], axis=1)
    total = int(counts.sum(dtype=np.int64))
    order = np.array(sorted(range(len(words)), key=words.__getitem__), np.int64)
    docs = np.empty(total, np.uint16)  # there are no more postings than words, and what stays empty takes no memory
    freqs = np.empty(total, np.uint8)
    positions: NDArray[Any] = np.empty(total, np.uint32 if counts.max(initial=0) > _SHORT else np.uint16)
    big = np.empty((2, total // MANY), np.uint32)
    postings = placed = bigs = 0
    fields = {}
    field_ends = []
    for field, name in enumerate(TEXTS):
        state = np.zeros((len(words), 4), np.int32)
        slices = _slices(texts, field)
        for first, numbers, lengths in slices:
            _count(numbers, lengths, first, state)
        used = order[state[order, _POSTING] > 0]
        starts = postings + _running(state[used, _POSTING])
        begins = placed + _running(state[used, _POSITION])
        state[used, _LAST] = -1
        state[used, _POSTING] = starts[:-1] - 1
        state[used, _POSITION] = begins[:-1]
        for first, numbers, lengths in slices:
            bigs = _place(numbers, lengths, first, state, docs, freqs, positions, big[0], big[1], bigs)
        postings, placed = int(starts[-1]), int(begins[-1])
        field_ends.append(postings)
        fields[name] = Dictionary(Strings.of([words[word] for word in used.tolist()]), starts.astype(np.uint32))
    docs, freqs = docs[:postings], freqs[:postings]
    ascending = np.argsort(big[0, :bigs])
    big_at, big_freqs = big[0, ascending], big[1, ascending]
    blocks = block_arrays(docs, freqs, big_at, big_freqs, lengths_of(counts), field_ends)
    return Postings(docs, freqs, big_at, big_freqs, positions, *blocks, fields)


def _running(counts: NDArray[np.int32]) -> NDArray[np.int64]:
    sums = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=sums[1:])
    return sums


def _slices(texts: Sequence[ReadTexts], field: int) -> list[tuple[int, NDArray[np.int32], NDArray[np.int32]]]:
    """Return one field's part of all texts: first document, word numbers, and how many each document has."""
    slices = []
    first = 0
    for piece in texts:
        begin = int(piece.counts[:field].sum())
        lengths = piece.counts[field]
        slices.append((first, piece.words[begin : begin + int(lengths.sum())], lengths))
        first += len(lengths)
    return slices


@kernel(types.void(read(I32), read(I32), I64, written(I32, 2)))
def _count(words: Array, lengths: Array, first: int, state: Array) -> None:
    """Count each word's documents and occurrences. ``state`` [words, 4] is 0 at first; _LAST is 1 + the document."""
    place = 0
    for document in range(len(lengths)):
        for _ in range(lengths[document]):
            word = words[place]
            place += 1
            state[word, _POSITION] += 1
            if state[word, _LAST] != first + document + 1:
                state[word, _LAST] = first + document + 1
                state[word, _POSTING] += 1


def _placing(positions: Any) -> Any:
    return I64(
        read(I32), read(I32), I64, written(I32, 2), written(U16_TYPE), written(U8), written(positions), written(U32),
        written(U32), I64,
    )  # fmt: skip


@kernel(_placing(U16_TYPE), _placing(U32))
def _place(
    words: Array,
    lengths: Array,
    first: int,
    state: Array,
    docs: Array,
    freqs: Array,
    positions: Array,
    big_at: Array,
    big: Array,
    bigs: int,
) -> int:
    """Write postings and positions; return how many postings have a place in ``big_at``, of which ``bigs`` had.

    ``state`` [words, 4]: the document that a word stood in last (-1: none), its posting in that (before the first: one
    less than where its list starts), where its next position goes, and the place in ``big`` of its last big posting.
    """
    place = 0
    for document in range(len(lengths)):
        for position in range(lengths[document]):
            word = words[place]
            place += 1
            positions[state[word, _POSITION]] = position
            state[word, _POSITION] += 1
            if state[word, _LAST] != first + document:
                state[word, _LAST] = first + document
                state[word, _POSTING] += 1
                docs[state[word, _POSTING]] = first + document
                freqs[state[word, _POSTING]] = 1
                continue
            posting = state[word, _POSTING]
            if freqs[posting] < MANY:
                freqs[posting] += 1
                if freqs[posting] == MANY:
                    state[word, _BIG] = bigs
                    big_at[bigs] = posting
                    big[bigs] = MANY
                    bigs += 1
            else:
                big[state[word, _BIG]] += 1
    return bigs
