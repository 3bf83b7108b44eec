"""One state of the index as questions see it: its segments, their statistics, and what is known of every document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex

from index.article import Article
from index.codec.layout import COUNTED, SegmentArrays, open_segment
from index.codec.segment import ArraySegment
from index.codec.stored import StoredReader
from index.codec.subsets import Subset
from index.families import Families, FamilyTable, published
from index.schema import FACETS, SCORED, TEXTS
from search.expansion import Expansion
from search.kernels.segments import COLUMNS, described
from search.ranking import Ranking
from search.resolution import Units

_NO_DAYS = np.zeros(0, np.int32)
_NO_NUMBERS = np.zeros(0, np.int64)


class FacetTable:
    """The values of one facet over all segments that an engine ever had open, each with a number that stays."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._numbers: dict[str, int] = {}
        self._ranks: NDArray[np.int64] | None = None

    def numbers(self, values: Sequence[bytes]) -> NDArray[np.int64]:
        """Return the numbers of some distinct values."""
        for value in map(bytes.decode, values):
            if value not in self._numbers:
                self._numbers[value] = len(self.values)
                self.values.append(value)
        return np.array([self._numbers[value.decode()] for value in values], np.int64)

    def ranks(self) -> NDArray[np.int64]:
        """Return each number's place in the alphabetical order of values."""
        ranks = self._ranks
        # Another thread may give numbers meanwhile; ranks of fewer values than there are have been overtaken.
        if ranks is None or len(ranks) < len(self.values):
            values = self.values.copy()
            ranks = np.empty(len(values), np.int64)
            ranks[sorted(range(len(values)), key=values.__getitem__)] = np.arange(len(values))
            self._ranks = ranks
        return ranks


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """A segment of a view.

    ``base``: number of its first document. ``live``: 1 for documents that are not deleted; empty where none is.
    ``facet_numbers``: for each facet the numbers of the segment's values in its table. ``subsets``: by field,
    which words of the published vocabulary it has.
    """

    arrays: SegmentArrays
    base: int
    live: NDArray[np.uint8]
    stored: StoredReader
    facet_numbers: Mapping[str, NDArray[np.int64]]
    subsets: Mapping[str, Subset]

    def find(self, key: bytes) -> int:
        """Return the document of an id, or -1 where it is missing or deleted."""
        documents = self.arrays.documents
        place = documents.ids.find(key)
        number = int(documents.id_docs[place]) if place >= 0 else -1
        return -1 if number >= 0 and len(self.live) and not self.live[number] else number


class View:
    """All segments of one commit; may be shared by threads.

    ``closeness``: the constants of the second pass; see ``search.kernels.closeness``.
    ``table``: see ``search.kernels.segments``. ``units``: the posting lists of its words. ``counts_at``: for each
    segment and facet the place of its first value among ``counts`` values in all; ``values``: by facet, one more than
    the highest number of a value. ``all_chosen``: by segment and facet, that every value will do. ``norms``: by field
    and length, what a frequency is multiplied by: the field's weight over 1 − b + b · length / average length.
    """

    def __init__(
        self, segments: Sequence[OpenSegment], expansion: Expansion, ranking: Ranking,
        norms: NDArray[np.float32] | None = None,
    ) -> None:  # fmt: skip
        """``norms``: those of a larger collection, of which this view is a part; else they are its own."""
        self.segments = segments
        self.size = sum(segment.arrays.size for segment in segments)
        self.ranking = ranking
        self.expansion = expansion
        self.constants = np.array(
            [max(1, self.size), ranking.exact, ranking.kinds["exact"] + ranking.exact, ranking.k1]
        )
        self.closeness = np.array(
            [ranking.k1, ranking.located, ranking.early, ranking.early_words, ranking.proximity], np.float64
        )
        self.table = np.array(
            [described(segment.arrays, segment.base, segment.live, segment.subsets) for segment in segments], np.int64
        ).reshape(-1, COLUMNS)
        self.norms = norms_of(average_lengths(segments), ranking) if norms is None else norms
        self.units = Units(
            self.table, self.constants, self.norms, self.expansion, [segment.arrays for segment in segments], ranking
        )
        self.all_chosen = np.full((len(segments), len(FACETS)), -1, np.int64)
        self.counts_at = np.zeros((len(segments), len(COUNTED)), np.int64)
        places = np.cumsum([0, *(len(facet) for each in segments for facet in each.facet_numbers.values())])
        self.counts_at[:] = places[:-1].reshape(self.counts_at.shape)
        self.counts = int(places[-1])
        self.values = {
            name: 1 + max((int(each.facet_numbers[name].max(initial=-1)) for each in segments), default=-1)
            for name in COUNTED
        }

    def place(self, number: int) -> tuple[OpenSegment, int]:
        """Return the segment of a document, and its number there."""
        for segment in reversed(self.segments):
            if number >= segment.base:
                return segment, number - segment.base
        raise IndexError(number)

    def days(self) -> NDArray[np.integer]:
        """Return the day of each document, see ``index.schema``."""
        return np.concatenate([_NO_DAYS, *(segment.arrays.documents.day for segment in self.segments)])

    def sources(self) -> NDArray[np.integer]:
        """Return the number of each document's source in the facets' table."""
        of_segments = (
            each.facet_numbers["source"][each.arrays.documents.facets["source"].ordinals] for each in self.segments
        )
        return np.concatenate([_NO_NUMBERS, *of_segments])

    def article(self, number: int) -> Article:
        """Return a stored article."""
        segment, place = self.place(number)
        return segment.stored.article(place)

    def find(self, article_id: str) -> int:
        """Return the document of an id, or -1."""
        key = article_id.encode("utf-8", "replace")
        for segment in self.segments:
            number = segment.find(key)
            if number >= 0:
                return segment.base + number
        return -1


def average_lengths(segments: Sequence[OpenSegment]) -> dict[str, float]:
    """Return how many words each field of the segments' documents has on average, 1 at least."""
    size = max(1, sum(segment.arrays.size for segment in segments))
    return {name: max(1.0, sum(segment.arrays.documents.words[name] for segment in segments) / size) for name in TEXTS}


def norms_of(lengths: Mapping[str, float], ranking: Ranking) -> NDArray[np.float32]:
    """Return by what a frequency is multiplied [fields, lengths], where fields have these average lengths; see View."""
    every = np.arange(1 << 16, dtype=np.float32)
    norms = np.empty((len(TEXTS), len(every)), np.float32)
    for number, name in enumerate(TEXTS):
        b = ranking.b.get(name, 0.0)
        norms[number] = ranking.weights.get(name, 1.0) / (1 - b + b / lengths[name] * every)
    return norms


class StockSegmentError(RuntimeError):
    """The index holds a segment that Whoosh wrote in another codec: only Whoosh's own searcher can read it."""


class _Known(NamedTuple):
    """What is made of a segment once; see ``OpenSegment``."""

    stored: StoredReader
    facet_numbers: Mapping[str, NDArray[np.int64]]
    subsets: Mapping[str, Subset]


class Views:
    """Opens views of one index directory, keeping what they have in common."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self._tables = {name: FacetTable() for name in COUNTED}
        self._segments: dict[Path, _Known] = {}
        self._families: tuple[Path, FamilyTable] | None = None

    @property
    def facets(self) -> Mapping[str, FacetTable]:
        """The tables of values that ``facet_numbers`` refer to."""
        return self._tables

    def open(self, directory: Path, index: FileIndex) -> View:
        """Open the latest commit; raises as ``Container.open`` does, and StockSegmentError. Not by two threads at once.

        Segments that an earlier view had open are not read again.
        """
        segments = index._segments()
        if not all(isinstance(segment, ArraySegment) for segment in segments):
            raise StockSegmentError(str(directory))
        opened = []
        tables = [self._published(directory)]
        base = 0
        for segment in segments:
            arrays = open_segment(segment.file(directory))
            table = FamilyTable.in_segment(arrays)
            if table:
                tables.append(table)
            if arrays.path not in self._segments:
                numbers: Mapping[str, NDArray[np.int64]] = {
                    name: self._tables[name].numbers(facet.values.to_list())
                    for name, facet in arrays.documents.facets.items()
                }
                subsets = _subsets(arrays, tables[0])
                self._segments[arrays.path] = _Known(StoredReader(arrays.stored), numbers, subsets)
            live = segment.live().astype(np.uint8) if segment.has_deletions() else np.zeros(0, np.uint8)
            opened.append(OpenSegment(arrays, base, live, *self._segments[arrays.path]))
            base += arrays.size
        kept = {segment.arrays.path for segment in opened}
        self._segments = {path: known for path, known in self._segments.items() if path in kept}
        return View(opened, Expansion(Families(tables), self._ranking), self._ranking)

    def _published(self, directory: Path) -> FamilyTable:
        if self._families is None or self._families[0] != directory:
            self._families = (directory, published(directory))
        return self._families[1]


def _subsets(arrays: SegmentArrays, published: FamilyTable) -> Mapping[str, Subset]:
    """Return which words of a generation's vocabulary stand in each field that scores."""
    fields = arrays.postings.fields
    return {
        name: Subset.of(fields[name].terms, published.words) if name in SCORED else Subset.untold() for name in TEXTS
    }
