"""Merging segments: one new segment of all their documents that are not deleted, in the order they come.

The result is what a builder would have written of these documents, but for where blocks of stored articles end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.blocks import starts_of_positions
from index.codec.builder import Extras, no_extras
from index.codec.container import ContainerWriter, DamagedFileError
from index.codec.layout import (
    COUNTED,
    MAX_DOCUMENTS,
    Dictionary,
    Documents,
    FacetColumn,
    Postings,
    SegmentArrays,
    document_numbers,
    open_segment,
    put_documents,
    put_postings,
)
from index.codec.segment import ArraySegment
from index.codec.stored import StoredWriter
from index.codec.transfer import GONE, copy, count
from index.codec.unions import Union
from index.schema import TEXTS, VOCALISED

_MOST_U16 = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """A segment to merge: its arrays, which documents are live, and their numbers in the merged segment."""

    arrays: SegmentArrays
    live: NDArray[np.bool_]
    numbers: NDArray[np.int32]


def merge(directory: Path, segments: Sequence[ArraySegment], extras: Extras = no_extras) -> ArraySegment | None:
    """Write the live documents of segments into one new segment of the same directory, and return it.

    Returns None, and writes nothing, where no document is live. Raises ValueError where there are more than a segment
    holds, and as ``open_segment`` does.
    """
    sources = _sources(directory, segments)
    size = sum(int(source.live.sum()) for source in sources)
    if size > MAX_DOCUMENTS:
        raise ValueError(f"{size} documents do not fit into one segment, which holds {MAX_DOCUMENTS}")
    if not size:
        return None
    merged = ArraySegment(documents=size)
    with ContainerWriter(merged.file(directory)) as writer:
        stored = StoredWriter(writer)
        for source in sources:
            stored.add_live(source.arrays.stored, source.live)
        stored.finish()
        lengths = _live_columns([source.arrays.documents.lengths for source in sources], sources)
        postings, words = _merge_postings(sources)
        documents = _merge_documents(sources, words, lengths)
        put_postings(writer, postings)
        put_documents(writer, documents)
        for name, array in extras(postings).items():
            writer.put(name, array)
        writer.complete(document_numbers(documents))
    return merged


def _sources(directory: Path, segments: Sequence[ArraySegment]) -> list[_Source]:
    sources = []
    first = 0
    for segment in segments:
        arrays = open_segment(segment.file(directory))
        live = segment.live()
        if len(live) != arrays.size:
            raise DamagedFileError(f"{arrays.path} is damaged: it holds {arrays.size} documents, not {len(live)}")
        numbers = np.full(len(live), GONE, np.int32)
        numbers[live] = np.arange(first, first + int(live.sum()), dtype=np.int32)
        first += int(live.sum())
        sources.append(_Source(arrays, live, numbers))
    return sources


def _live_columns(columns: Sequence[NDArray[Any]], sources: Sequence[_Source]) -> NDArray[Any]:
    """Join columns, one of each source, without the entries of deleted documents (along the last axis)."""
    joined = np.concatenate([each[..., source.live] for each, source in zip(columns, sources, strict=True)], axis=-1)
    return np.ascontiguousarray(joined)


def _merge_postings(sources: Sequence[_Source]) -> tuple[Postings, dict[str, int]]:
    """Merge the posting lists, those of all fields as one sequence of lists; count the words of each field."""
    dictionaries = [source.arrays.postings.dictionaries() for source in sources]
    unions = [Union.of([dictionary.terms for dictionary in of_field]) for of_field in zip(*dictionaries, strict=True)]
    firsts = np.cumsum([0, *(union.size for union in unions)])  # of each field, the first list
    lists = [_lists(source.arrays.postings, number, unions, firsts) for number, source in enumerate(sources)]

    counts = np.zeros((2, int(firsts[-1])), np.int64)
    for (starts, places), source in zip(lists, sources, strict=True):
        given = source.arrays.postings
        count(
            starts, places, given.positioned(), given.docs, given.freqs, given.big, source.numbers, counts[0], counts[1]
        )
    begins = np.zeros((2, int(firsts[-1]) + 1), np.int64)
    np.cumsum(counts, axis=1, out=begins[:, 1:])
    size, occurrences = begins[:, -1].tolist()

    docs, freqs = np.empty(size, np.uint16), np.empty(size, np.uint8)
    narrow = all(source.arrays.postings.positions.dtype == np.uint16 for source in sources)
    positions: NDArray[Any] = np.empty(occurrences, np.uint16 if narrow else np.uint32)
    most_big = sum(len(source.arrays.postings.big) for source in sources)
    big_at, big = np.empty(most_big, np.uint32), np.empty(most_big, np.uint32)
    filled = 0
    to = begins[:, :-1].copy()
    for (starts, places), source in zip(lists, sources, strict=True):
        given = source.arrays.postings
        filled = copy(
            starts, places, given.positioned(), given.docs, given.freqs, given.big, given.positions, source.numbers,
            to[0], to[1], docs, freqs, positions, big_at, big, filled,
        )  # fmt: skip
    order = np.argsort(big_at[:filled])
    big_at, big = big_at[order], big[order]
    if not narrow and positions.max(initial=0) <= _MOST_U16:  # the long text was deleted
        positions = positions.astype(np.uint16)

    merged = []
    for union, first in zip(unions, firsts.tolist(), strict=False):
        # A list that lost its last posting begins where the next one does: the others' starts stay as they are.
        kept = counts[0, first : first + union.size] > 0
        begin = begins[0, first : first + union.size + 1]
        merged.append(Dictionary(union.strings(kept), np.append(begin[:-1][kept], begin[-1]).astype(np.uint32)))
    position_starts = starts_of_positions(freqs, big, int(begins[0, firsts[len(TEXTS)]]))
    words = dict(zip(TEXTS, np.diff(begins[1, firsts]).tolist(), strict=False))
    fields = dict(zip(TEXTS, merged, strict=False))
    vocalised = dict(zip(VOCALISED, merged[len(TEXTS) :], strict=True))
    return Postings(docs, freqs, big_at, big, positions, position_starts, fields, vocalised), words


def _lists(
    postings: Postings, number: int, unions: Sequence[Union], firsts: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return where the lists of source ``number`` start, and into which of the merged lists each goes."""
    starts = [dictionary.starts[:-1] for dictionary in postings.dictionaries()]
    end = np.array([len(postings.docs)], np.uint32)
    places = [union.places[number] + first for union, first in zip(unions, firsts.tolist(), strict=False)]
    return np.concatenate([*starts, end]), np.concatenate(places)


def _merge_documents(sources: Sequence[_Source], words: Mapping[str, int], lengths: NDArray[np.uint16]) -> Documents:
    given = [source.arrays.documents for source in sources]
    ids = Union.of([each.ids for each in given])
    id_docs = np.concatenate([source.numbers[each.id_docs] for each, source in zip(given, sources, strict=True)])
    packed, order = ids.ordered(id_docs != GONE)
    return Documents(
        lengths=lengths,
        words=words,
        ids=packed,
        id_docs=id_docs[order].astype(np.uint16),
        day=_live_columns([each.day for each in given], sources),
        instant=_live_columns([each.instant for each in given], sources),
        facets={name: _merge_facet([each.facets[name] for each in given], sources) for name in COUNTED},
    )


def _merge_facet(columns: Sequence[FacetColumn], sources: Sequence[_Source]) -> FacetColumn:
    union = Union.of([column.values for column in columns])
    places = np.concatenate(
        [
            here[column.ordinals[source.live]]
            for here, column, source in zip(union.places, columns, sources, strict=True)
        ]
    )
    used = np.bincount(places, minlength=union.size) > 0
    ordinals = (np.cumsum(used) - 1)[places].astype(np.uint16)
    return FacetColumn(ordinals, union.strings(used))
