"""What an index with segments in any codec says of its documents and words, read through Whoosh's own reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import IndexReader

from index.arabic.kinship import Kinship
from index.codec.layout import Strings, open_segment
from index.codec.lookup import find
from index.codec.segment import ArraySegment
from index.families import Families, FamilyTable, published, table_arrays
from index.schema import FACETS, NO_DAY, TEXTS
from search.request import Filters
from search.selection import Selection
from search.view import FacetTable


class Columns:
    """Dates and facet values of all documents.

    ``days`` and ``instants``: see ``index.schema``. ``facets``: for each facet the numbers of the documents' values in
    its table. Deleted documents have a place as well; ``live`` tells them.
    """

    def __init__(self, reader: IndexReader, facets: Mapping[str, FacetTable]) -> None:
        """Read the columns; values that ``facets`` lack are added there."""
        self._tables = facets
        self._size: int = reader.doc_count_all()
        self.live = np.zeros(self._size, np.bool_)
        self.live[np.fromiter(reader.all_doc_ids(), np.int64)] = True
        self.days = self._numbers(reader, "day")
        self.instants = self._numbers(reader, "instant")
        self.facets = {name: self._ordinals(name, self._values(reader, f"{name}_value")) for name in FACETS}
        years = {day: _year(day).encode() for day in np.unique(self.days).tolist()}
        self.facets["year"] = self._ordinals("year", [years[day] for day in self.days.tolist()])

    def _numbers(self, reader: IndexReader, name: str) -> NDArray[np.int64]:
        return np.fromiter(self._values(reader, name), np.int64, self._size)

    def _values(self, reader: IndexReader, name: str) -> list[Any]:
        columns = (leaf.column_reader(name, translate=False) for leaf, _ in reader.leaf_readers())
        return [value for column in columns for value in column.load()]

    def _ordinals(self, name: str, values: Sequence[bytes]) -> NDArray[np.int64]:
        distinct = list(dict.fromkeys(values))
        numbers = dict(zip(distinct, self._tables[name].numbers(distinct).tolist(), strict=True))
        return np.fromiter(map(numbers.__getitem__, values), np.int64, self._size)

    def selected(self, filters: Filters) -> NDArray[np.bool_]:
        """Return which documents are there and are let through by the filters."""
        selected = self.live.copy()
        days = Selection(filters)
        selected &= (self.days >= days.first_day) & (self.days <= days.last_day)
        for name in FACETS:
            wanted = frozenset(getattr(filters, name))
            if wanted:
                chosen = np.array([value in wanted for value in self._tables[name].values], np.bool_)
                selected &= chosen[self.facets[name]]
        return selected


def _year(day: int) -> str:
    return "" if day == NO_DAY else str(date.fromordinal(day).year)


def families_of(directory: Path, reader: IndexReader) -> Families:
    """Return the word families of all segments; raises as ``Container.open`` does.

    A segment in another codec brought no table for the words that the generation's lacks: theirs is made here.
    """
    tables = [published(directory)]
    counts: Counter[bytes] = Counter()
    for leaf, _ in reader.leaf_readers():
        segment = leaf.segment()
        if isinstance(segment, ArraySegment):
            table = FamilyTable.in_segment(open_segment(segment.file(directory)))
            if table:
                tables.append(table)
        else:
            for (field, word), info in leaf:
                if field in TEXTS:
                    counts[word] += info.doc_frequency()
    missing = _missing(counts, tables)
    kinship = tables[0].kinship
    if kinship and len(missing):
        tables.append(_table(missing, counts, kinship))
    return Families(tables)


def _missing(words: Iterable[bytes], tables: Iterable[FamilyTable]) -> Strings:
    """Return those of some words that are in no table."""
    missing = Strings.of(sorted(words))
    for table in tables:
        there = find(table.words, missing) >= 0
        missing = Strings.of([word for word, known in zip(missing.to_list(), there.tolist(), strict=True) if not known])
    return missing


def _table(words: Strings, counts: Mapping[bytes, int], kinship: Kinship) -> FamilyTable:
    counted = np.array([counts[word] for word in words.to_list()], np.uint32)
    return FamilyTable(table_arrays(words, counted, kinship))
