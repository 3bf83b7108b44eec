"""Reading Whoosh's postings a block at a time into arrays.

Whoosh hands postings out one by one, and its scorers work so; that is some twenty times slower than a block at a time.
This module is the only one that reaches into a matcher of the pinned release, and it changes nothing there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Documents: TypeAlias = NDArray[np.int32]
Counts: TypeAlias = NDArray[np.float32]

_CHECK_EVERY = 128
"""Documents of a phrase between two looks at the clock."""


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
        self._reader = reader
        self.segments: list[tuple[Any, int]] = list(reader.leaf_readers())

    def postings(self, field: str, term: str, deadline: Deadline) -> Postings:
        """Return a term's postings over all segments, those that could be read in time."""
        key = term.encode("utf-8", "replace")
        documents: list[Documents] = []
        counts: list[Counts] = []
        for leaf, base in self.segments:
            if (field, key) in leaf:
                _read_blocks(leaf.postings(field, key), base, documents, counts, deadline)
        if not documents:
            return EMPTY
        return Postings(np.concatenate(documents), np.concatenate(counts))

    def phrase(self, field: str, terms: Sequence[str], deadline: Deadline) -> Postings:
        """Return the documents that hold the terms at successive positions, and how often."""
        keys = [term.encode("utf-8", "replace") for term in terms]
        documents: list[int] = []
        counts: list[int] = []
        for leaf, base in self.segments:
            if all((field, key) in leaf for key in keys):
                for document, count in _phrase_counts(leaf, field, keys, deadline):
                    documents.append(document + base)
                    counts.append(count)
        return Postings(np.array(documents, np.int32), np.array(counts, np.float32))

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


def _read_blocks(matcher: Any, base: int, documents: list[Documents], counts: list[Counts], deadline: Deadline) -> None:
    while matcher.is_active() and not deadline.check():
        matcher._read_data()
        deltas, weights, _ = matcher._data
        documents.append(np.cumsum(np.array(deltas, np.int32), dtype=np.int32) + np.int32(base))
        size = len(deltas)
        if weights is None:
            counts.append(np.ones(size, np.float32))
        elif isinstance(weights, float):
            counts.append(np.full(size, weights, np.float32))
        else:
            counts.append(np.array(weights, np.float32))
        matcher._next_block()


def _phrase_counts(leaf: Any, field: str, keys: Sequence[bytes], deadline: Deadline) -> list[tuple[int, int]]:
    """Walk the terms' postings together and count the phrase in each document that holds them all."""
    # Each distinct term is read once, with all the places that it has in the phrase; the rarest leads.
    places: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    matchers = [
        (leaf.postings(field, key), offsets)
        for key, offsets in sorted(places.items(), key=lambda item: leaf.doc_frequency(field, item[0]))
    ]
    first = matchers[0][0]
    found: list[tuple[int, int]] = []
    steps = 0
    while first.is_active():
        steps += 1
        if steps % _CHECK_EVERY == 1 and deadline.check():
            break
        document = first.id()
        for matcher, _ in matchers[1:]:
            matcher.skip_to(document)
            if not matcher.is_active():
                return found
            if matcher.id() != document:
                first.skip_to(matcher.id())
                break
        else:
            count = _starts(matchers)
            if count:
                found.append((document, count))
            first.next()
    return found


def _starts(matchers: Sequence[tuple[Any, list[int]]]) -> int:
    """Count the positions at which the whole phrase starts in the current document."""
    starts: set[int] | None = None
    for matcher, offsets in matchers:
        positions = matcher.value_as("positions")
        for offset in offsets:
            here = {position - offset for position in positions}
            starts = here if starts is None else starts & here
            if not starts:
                return 0
    return len(starts or ())
