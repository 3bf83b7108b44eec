"""What an operator prefers whatever is asked: newer articles, and some sources before others.

Both are off unless they are set. An article's score is multiplied by

* recency: 1 + r · (2^(−age / half-life) − ½), where r is ``Ranking.recency`` and age the days from the article's to
  today, 0 for a day to come. Between 1 − r/2 and 1 + r/2; exactly 1 for an article that is one half-life old, and for
  one without a date.
* source: the weight that its source was given, 1 for any other.

Only the order by relevance is affected, never what matches.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.schema import NO_DAY
from index.settings import Settings, weights_by_source
from search.ranking import Ranking
from search.results import Factor
from search.view import FacetTable


class Columns(Protocol):
    """What a view knows of its documents, as arrays with a place for each."""

    def days(self) -> NDArray[np.integer]:
        """Return the day of each, see ``index.schema``."""
        ...

    def sources(self) -> NDArray[np.integer]:
        """Return the number of each one's source in the facets' table."""
        ...


class Preference:
    """What is preferred among the documents of one view on one day. ``factors``: of each document's score."""

    def __init__(
        self, columns: Columns, names: list[str], weights: Mapping[str, float], half_life: float, amplitude: float,
        today: int,
    ) -> None:  # fmt: skip
        self._names = names
        self._days, self._sources = columns.days(), columns.sources()
        self._recency: NDArray[np.float32] | None = None
        self._weights: NDArray[np.float32] | None = None
        self.factors = np.ones(len(self._days), np.float32)
        if half_life:
            ages = np.maximum(0, today - self._days.astype(np.float64))
            recency = 1 + amplitude * (np.exp2(-ages / half_life) - 0.5)
            self._recency = np.where(self._days == NO_DAY, 1, recency).astype(np.float32)
            self.factors *= self._recency
        if weights:
            self._weights = np.array([weights.get(name, 1.0) for name in names], np.float32)
            self.factors *= self._weights[self._sources]

    def explain(self, number: int) -> tuple[Factor, ...]:
        """Return what a document's score is multiplied by, one after the other."""
        factors = []
        if self._recency is not None:
            day = int(self._days[number])
            text = "" if day == NO_DAY else date.fromordinal(day).isoformat()
            factors.append(Factor("recency", text, float(self._recency[number])))
        if self._weights is not None:
            source = int(self._sources[number])
            factors.append(Factor("source", self._names[source], float(self._weights[source])))
        return tuple(factors)


class Preferences:
    """What the settings prefer, reckoned once for each view and day; may be shared by threads."""

    def __init__(
        self, settings: Settings, ranking: Ranking, sources: FacetTable, today: Callable[[], date] = date.today
    ) -> None:
        self._half_life = settings.recency_half_life
        self._weights = weights_by_source(settings.source_weights)
        self._amplitude = ranking.recency
        self._sources = sources
        self._today = today
        self._known: tuple[weakref.ref[Columns], int, Preference] | None = None

    def of(self, view: Columns) -> Preference | None:
        """Return what is preferred among the documents of a view today; None where nothing is."""
        if not self._half_life and not self._weights:
            return None
        known, today = self._known, self._today().toordinal()
        if known is not None and known[0]() is view and known[1] == today:
            return known[2]
        made = Preference(view, self._sources.values.copy(), self._weights, self._half_life, self._amplitude, today)
        self._known = weakref.ref(view), today, made
        return made
