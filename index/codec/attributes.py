"""What a segment keeps of each document besides its text: id, dates, and values to count and filter by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.codec.inversion import lengths_of
from index.codec.layout import COUNTED, Documents, FacetColumn, Strings
from index.schema import FACETS, NO_DAY, TEXTS, day_of, instant_of

_PER_DOCUMENT = 300
"""Bytes that a document's entries take, about: its id and date as strings, and some numbers."""


class Attributes:
    """Takes documents in the order of their numbers."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._days: list[int] = []
        self._instants: list[int] = []
        self._ordinals: Mapping[str, list[int]] = {name: [] for name in COUNTED}
        self._values: Mapping[str, dict[str, int]] = {name: {} for name in COUNTED}
        self._dates: dict[str, tuple[int, int, int]] = {}
        self._value_characters = 0

    @property
    def size(self) -> int:
        """Bytes that are held, about."""
        return len(self._ids) * _PER_DOCUMENT + self._value_characters * 4

    def add(self, article: Article) -> None:
        """Take the next document; raises InvalidFieldError where its date is none."""
        published = article.published
        known = self._dates.get(published)
        if known is None:
            day = day_of(published)
            year = "" if day == NO_DAY else str(date.fromordinal(day).year)
            known = self._dates[published] = day, instant_of(published), self._ordinal("year", year)
        self._ids.append(article.id)
        self._days.append(known[0])
        self._instants.append(known[1])
        self._ordinals["year"].append(known[2])
        for name in FACETS:
            value = getattr(article, name)
            ordinal = self._values[name].get(value)
            self._ordinals[name].append(self._ordinal(name, value) if ordinal is None else ordinal)

    def _ordinal(self, name: str, value: str) -> int:
        """Return the place of a value in the order of appearance."""
        values = self._values[name]
        if value not in values:
            values[value] = len(values)
            self._value_characters += len(value)
        return values[value]

    def documents(self, counts: NDArray[np.int32]) -> Documents:
        """Return the columns of all documents; ``counts`` i32 [fields, documents]: the words of each text."""
        ids = [article_id.encode() for article_id in self._ids]
        id_docs = sorted(range(len(ids)), key=ids.__getitem__)
        return Documents(
            lengths=lengths_of(counts),
            words=dict(zip(TEXTS, counts.sum(axis=1, dtype=np.int64).tolist(), strict=True)),
            ids=Strings.of([ids[number] for number in id_docs]),
            id_docs=np.array(id_docs, np.uint16),
            day=np.array(self._days, np.int32),
            instant=np.array(self._instants, np.int64),
            facets={name: self._facet(name) for name in COUNTED},
        )

    def _facet(self, name: str) -> FacetColumn:
        values = [value.encode() for value in self._values[name]]
        order = sorted(range(len(values)), key=values.__getitem__)
        places = np.empty(len(values), np.uint16)
        places[order] = np.arange(len(values))
        return FacetColumn(places[self._ordinals[name]], Strings.of([values[number] for number in order]))
