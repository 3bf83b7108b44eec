"""Reading Whoosh's postings a block at a time into arrays.

Whoosh hands postings out one by one, and its scorers work so, in Python; a block at a time numpy does the work.
This module is the only one that reaches into a matcher of the pinned release, and it changes nothing there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Documents: TypeAlias = NDArray[np.int32]
Counts: TypeAlias = NDArray[np.float32]

POSITION = np.dtype(np.uintc)
"""How positions are written; see ``index.formats``."""

_CHECK_EVERY = 128
"""Terms of a prefix between two looks at the clock."""


class Deadline:
    """The moment after which a query stops reading. ``passed`` remembers that it did, so that the answer can say so."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` from now; 0 is no limit."""
        self._end = time.monotonic() + seconds if seconds else float("inf")
        self.passed = False

    def check(self) -> bool:
        """Tell whether time is up."""
        if not self.passed and time.monotonic() >= self._end:
            self.passed = True
        return self.passed


@dataclass(frozen=True, slots=True)
class Postings:
    """The documents of one term in ascending order, and how often each holds it."""

    documents: Documents
    counts: Counts


EMPTY = Postings(np.empty(0, np.int32), np.empty(0, np.float32))


class Leaves:
    """The segments of one open reader as one sequence of documents."""

    def __init__(self, reader: Any) -> None:
        # An index without articles has one reader, which is of no segment.
        self.segments: list[tuple[Any, int]] = [
            (leaf, base) for leaf, base in reader.leaf_readers() if leaf.doc_count_all()
        ]

    def postings(self, field: str, term: str, deadline: Deadline) -> Postings:
        """Return a term's postings over all segments, those that could be read in time."""
        key = term.encode("utf-8", "replace")
        documents: list[Documents] = []
        counts: list[Counts] = []
        for leaf, base in self.segments:
            if (field, key) in leaf:
                _read_blocks(_matcher(leaf, field, key), base, documents, counts, deadline)
        if not documents:
            return EMPTY
        return Postings(np.concatenate(documents), np.concatenate(counts))

    def document_count(self, field: str, term: str) -> int:
        """Return how many documents hold a term, deleted ones counted, without reading its postings."""
        key = term.encode("utf-8", "replace")
        return sum(leaf.doc_frequency(field, key) for leaf, _ in self.segments)

    def phrase(self, field: str, terms: Sequence[str], deadline: Deadline) -> Postings:
        """Return the documents that hold the terms at successive positions, and how often."""
        keys = [term.encode("utf-8", "replace") for term in terms]
        documents: list[Documents] = []
        counts: list[Counts] = []
        for leaf, base in self.segments:
            if all((field, key) in leaf for key in keys):
                found = _phrase(leaf, field, keys, deadline)
                documents.append(found.documents + np.int32(base))
                counts.append(found.counts)
        return Postings(np.concatenate(documents), np.concatenate(counts)) if documents else EMPTY

    def terms_with_prefix(self, field: str, prefix: str, deadline: Deadline) -> list[tuple[str, int]]:
        """Return the terms that begin with ``prefix`` and how many documents hold each, in no order."""
        start = prefix.encode("utf-8", "replace")
        found: dict[bytes, int] = {}
        for leaf, _ in self.segments:
            for number, term in enumerate(leaf.expand_prefix(field, start)):
                if number % _CHECK_EVERY == 0 and deadline.check():
                    break
                found[term] = found.get(term, 0) + leaf.doc_frequency(field, term)
        return [(term.decode("utf-8"), count) for term, count in found.items()]


def _matcher(leaf: Any, field: str, key: bytes) -> Any:
    """Return the matcher of a term's blocks, deleted documents included; ``leaf.postings`` would filter them."""
    return leaf._terms.matcher(field, key, leaf.schema[field].format)


def _blocks(matcher: Any, deadline: Deadline) -> Iterator[tuple[Documents, Any, Any]]:
    """Yield the documents, weights and values of each block, until time is up."""
    while matcher.is_active() and not deadline.check():
        matcher._read_data()
        deltas, weights, values = matcher._data
        yield np.cumsum(np.array(deltas, np.int32), dtype=np.int32), weights, values
        matcher._next_block()


def _read_blocks(matcher: Any, base: int, documents: list[Documents], counts: list[Counts], deadline: Deadline) -> None:
    for numbers, weights, _ in _blocks(matcher, deadline):
        documents.append(numbers + np.int32(base))
        # W3 writes one number, or none, where all weights of a block are the same.
        same = 1.0 if weights is None else weights
        size = len(numbers)
        counts.append(np.full(size, same, np.float32) if isinstance(same, float) else np.array(same, np.float32))


def _phrase(leaf: Any, field: str, keys: Sequence[bytes], deadline: Deadline) -> Postings:
    """Find the phrase in one segment: first the documents that hold all its terms, then where it starts in each."""
    places: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    read: list[tuple[Documents, list[bytes], list[int]]] = []
    common: Documents | None = None
    for key, offsets in places.items():
        numbers: list[Documents] = []
        values: list[bytes] = []
        for block, _, positions in _blocks(_matcher(leaf, field, key), deadline):
            numbers.append(block)
            values += positions
        if not numbers:
            return EMPTY
        documents = np.concatenate(numbers)
        common = documents if common is None else np.intersect1d(common, documents, assume_unique=True)
        read.append((documents, values, offsets))
    if common is None or not len(common):
        return EMPTY
    starts: NDArray[np.int64] | None = None
    for documents, values, offsets in read:
        wanted = [values[at] for at in np.searchsorted(documents, common).tolist()]
        owners, positions = _positions(wanted)
        for offset in offsets:
            # A start is one number: the document's place in ``common`` above, the position below.
            here = (owners << 32) + positions - offset
            here = here[positions >= offset]
            starts = here if starts is None else np.intersect1d(starts, here, assume_unique=True)
    owners = (starts if starts is not None else np.empty(0, np.int64)) >> 32
    counts = np.bincount(owners, minlength=len(common)).astype(np.float32)
    return Postings(common[counts > 0], counts[counts > 0])


def _positions(values: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions that ``index.formats.WordPositions`` wrote, and the place in ``values`` of each."""
    sizes = np.fromiter(map(len, values), np.int64, count=len(values)) // POSITION.itemsize
    positions = np.frombuffer(b"".join(values), POSITION).astype(np.int64)
    return np.repeat(np.arange(len(values)), sizes), positions
