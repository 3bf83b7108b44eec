"""From texts as word numbers to posting lists: a counting sort by field and word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.codec.blocks import starts_of_positions
from index.codec.layout import LONG, MANY, U16, Dictionary, Postings, Strings
from index.compilation import I32, I64, U8, U32, Array, kernel, read, written
from index.compilation import U16 as U16_TYPE
from index.schema import TEXTS, VOCALISED

_SHORT = 1 << 16
"""Longest text, in words, whose positions take 16 bits."""

# What is known of a word while a field is inverted.
_LAST, _POSTING, _POSITION, _BIG = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class ReadTexts:
    """Some documents' texts, read: all of the first field, then all of the next.

    ``words`` i32: word numbers, text after text. ``counts`` i32 [fields, documents]: how many each text has.
    ``vocalised``, ``vocalised_counts``: the same of the vocalised words, which have numbers of their own; of the fields
    that have them.
    """

    words: NDArray[np.int32]
    counts: NDArray[np.int32]
    vocalised: NDArray[np.int32]
    vocalised_counts: NDArray[np.int32]


def lengths_of(counts: NDArray[np.int32]) -> U16:
    """Return a segment's ``lengths`` of the exact ``counts`` [fields, documents]."""
    return np.minimum(counts, LONG).astype(np.uint16)


def invert(texts: Sequence[ReadTexts], words: Sequence[bytes], vocalised: Sequence[bytes]) -> Postings:
    """Return the posting lists of all texts. The documents are numbered from 0, through all of ``texts``.

    ``words``, ``vocalised``: each number's word, in UTF-8; all of one kind are distinct.
    """
    counts = np.concatenate([piece.counts for piece in texts], axis=1)
    lists = _Lists(counts, sum(len(piece.vocalised) for piece in texts))
    order = _ascending(words)
    fields = {}
    for field, name in enumerate(TEXTS):
        slices = _slices([(piece.words, piece.counts) for piece in texts], field)
        fields[name] = lists.add(slices, words, order, positioned=True)
    positioned = lists.postings
    order = _ascending(vocalised)
    vocalised_fields = {}
    for field, name in enumerate(VOCALISED):
        slices = _slices([(piece.vocalised, piece.vocalised_counts) for piece in texts], field)
        vocalised_fields[name] = lists.add(slices, vocalised, order, positioned=False)
    docs, freqs = lists.docs[: lists.postings], lists.freqs[: lists.postings]
    ascending = np.argsort(lists.big[0, : lists.bigs])
    big_at, big_freqs = lists.big[0, ascending], lists.big[1, ascending]
    starts = starts_of_positions(freqs, big_freqs, positioned)
    return Postings(docs, freqs, big_at, big_freqs, lists.positions, starts, fields, vocalised_fields)


def _ascending(words: Sequence[bytes]) -> NDArray[np.int64]:
    return np.array(sorted(range(len(words)), key=words.__getitem__), np.int64)


_Slices: TypeAlias = Sequence[tuple[int, NDArray[np.int32], NDArray[np.int32]]]
"""One field's part of all texts: first document, word numbers, and how many each document has."""


class _Lists:
    """Posting lists in the making, field after field."""

    def __init__(self, counts: NDArray[np.int32], vocalised: int) -> None:
        """``counts`` [fields, documents]: of words with positions; ``vocalised``: how many there are without."""
        placed = int(counts.sum(dtype=np.int64))
        total = placed + vocalised  # there are no more postings than words, and what stays empty takes no memory
        self.docs = np.empty(total, np.uint16)
        self.freqs = np.empty(total, np.uint8)
        self.positions: NDArray[Any] = np.empty(placed, np.uint32 if counts.max(initial=0) > _SHORT else np.uint16)
        self.big = np.empty((2, total // MANY), np.uint32)
        self.postings = self.placed = self.bigs = 0

    def add(self, slices: _Slices, words: Sequence[bytes], order: NDArray[np.int64], *, positioned: bool) -> Dictionary:
        """Append the lists of a field; ``order`` is that of the words."""
        state = np.zeros((len(words), 4), np.int32)
        for first, numbers, lengths in slices:
            _count(numbers, lengths, first, state)
        used = order[state[order, _POSTING] > 0]
        starts = self.postings + _running(state[used, _POSTING])
        begins = self.placed + _running(state[used, _POSITION])
        state[used, _LAST] = -1
        state[used, _POSTING] = starts[:-1] - 1
        state[used, _POSITION] = begins[:-1]
        for first, numbers, lengths in slices:
            self.bigs = _place(
                numbers, lengths, first, state, self.docs, self.freqs, self.positions, positioned, *self.big, self.bigs
            )
        self.postings = int(starts[-1])
        if positioned:
            self.placed = int(begins[-1])
        return Dictionary(Strings.of([words[word] for word in used.tolist()]), starts.astype(np.uint32))


def _running(counts: NDArray[np.int32]) -> NDArray[np.int64]:
    sums = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=sums[1:])
    return sums


def _slices(pieces: Sequence[tuple[NDArray[np.int32], NDArray[np.int32]]], field: int) -> _Slices:
    """Return a field's part of pieces, each word numbers and their counts [fields, documents]."""
    slices = []
    first = 0
    for numbers, counts in pieces:
        begin = int(counts[:field].sum())
        lengths = counts[field]
        slices.append((first, numbers[begin : begin + int(lengths.sum())], lengths))
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
        read(I32), read(I32), I64, written(I32, 2), written(U16_TYPE), written(U8), written(positions), types.boolean,
        written(U32), written(U32), I64,
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
    positioned: bool,
    big_at: Array,
    big: Array,
    bigs: int,
) -> int:
    """Write postings and, where ``positioned``, positions.

    Return how many postings have a place in ``big_at``, of which ``bigs`` had.

    ``state`` [words, 4]: the document that a word stood in last (-1: none), its posting in that (before the first: one
    less than where its list starts), where its next position goes, and the place in ``big`` of its last big posting.
    """
    place = 0
    for document in range(len(lengths)):
        for position in range(lengths[document]):
            word = words[place]
            place += 1
            if positioned:
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
