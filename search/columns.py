"""What is known of every document without reading its text: dates, facet values, lengths, and whether it is live.

Loaded once a segment and kept as arrays, for filters, facet counts, orders and scores over thousands of hits at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.schema import FACETS, SCORED

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SegmentColumns:
    """The columns of one segment, which never change: deletions are kept elsewhere."""

    day: NDArray[np.int32]
    instant: NDArray[np.int64]
    lengths: Mapping[str, NDArray[np.int32]]
    values: Mapping[str, tuple[Sequence[str], NDArray[np.int32]]]
    """Facet → its distinct values, and for each document the place of its value among them."""


def load_segment(leaf: Any) -> SegmentColumns:
    """Read the columns of one segment's reader."""
    size = leaf.doc_count_all()

    def numbers(name: str, kind: type[np.generic]) -> Any:
        return np.fromiter(leaf.column_reader(name), kind, count=size)

    return SegmentColumns(
        day=numbers("day", np.int32),
        instant=numbers("instant", np.int64),
        lengths={name: numbers(f"{name}_length", np.int32) for name in SCORED},
        values={name: _distinct(leaf.column_reader(f"{name}_value"), size) for name in FACETS},
    )


def _distinct(column: Any, size: int) -> tuple[Sequence[str], NDArray[np.int32]]:
    places: dict[bytes, int] = {}
    ordinals = np.fromiter((places.setdefault(value, len(places)) for value in column), np.int32, count=size)
    return [value.decode("utf-8") for value in places], ordinals


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a facet over all segments, and for each document the place of its value among them."""

    values: Sequence[str]
    ordinals: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of all segments as one, in the order of their documents; ``live`` is false for deleted ones.

    ``average_lengths``: words of a field in an average document, 1 at least.
    """

    live: Mask
    day: NDArray[np.int32]
    instant: NDArray[np.int64]
    lengths: Mapping[str, NDArray[np.int32]]
    average_lengths: Mapping[str, float]
    facets: Mapping[str, Facet]

    @property
    def size(self) -> int:
        """How many documents there are, deleted ones counted."""
        return len(self.live)


def join_segments(segments: Sequence[tuple[Any, SegmentColumns]]) -> Columns:
    """Join the columns of an index's segments; each comes with its reader, which knows what is deleted."""
    live = [_live(leaf) for leaf, _ in segments]
    columns = [segment for _, segment in segments]
    lengths = {name: _joined([segment.lengths[name] for segment in columns], np.int32) for name in SCORED}
    return Columns(
        live=_joined(live, np.bool_),
        day=_joined([segment.day for segment in columns], np.int32),
        instant=_joined([segment.instant for segment in columns], np.int64),
        lengths=lengths,
        average_lengths={name: max(1.0, float(array.mean())) if len(array) else 1.0 for name, array in lengths.items()},
        facets={name: _facet([segment.values[name] for segment in columns]) for name in FACETS},
    )


def _joined(arrays: Sequence[Any], kind: type[np.generic]) -> Any:
    return np.concatenate(arrays) if arrays else np.empty(0, kind)


def _live(leaf: Any) -> Mask:
    live = np.ones(leaf.doc_count_all(), np.bool_)
    if leaf.has_deletions():
        live[list(leaf.segment().deleted_docs())] = False
    return live


def _facet(parts: Sequence[tuple[Sequence[str], NDArray[np.int32]]]) -> Facet:
    places: dict[str, int] = {}
    joined = []
    for values, ordinals in parts:
        places_here = np.array([places.setdefault(value, len(places)) for value in values], np.int32)
        joined.append(places_here[ordinals])
    return Facet(list(places), _joined(joined, np.int32))
