"""The measures of judged queries: one value a query, means with bootstrap intervals, and the comparison of two runs.

The values are those of ir_measures, the resampling is SciPy's. An interval says how far a mean would move had other
queries of the same kind been judged: the percentile bootstrap (Efron and Tibshirani 1993, "An Introduction to the
Bootstrap", chapter 13) over queries. For two runs it is taken of the differences query by query (Sakai 2006,
"Evaluating Evaluation Metrics Based on the Bootstrap"), and is much narrower than the two intervals side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ir_measures import RR, R, Success, iter_calc, nDCG
from numpy.typing import NDArray

DEPTH = 100
"""How many hits of each query are looked at."""

_MEASURES = {"MRR@10": RR @ 10, "nDCG@10": nDCG @ 10, "recall@100": R @ DEPTH, "success@1": Success @ 1}
MEASURES: tuple[str, ...] = tuple(_MEASURES)
"""What is measured, by name; all are 0–1, and the more the better."""

CONFIDENCE = 0.95
RESAMPLES = 10_000
_SEED = 20240229
_AT_ONCE = 100
"""Resamples that are held in memory together."""

Qrels = Mapping[str, Mapping[str, int]]
"""Query id → article id → relevance; 0 and less is not relevant."""

Run = Mapping[str, Mapping[str, float]]
"""Query id → article id → score; the higher the score, the earlier the article comes."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean's interval of confidence ``CONFIDENCE``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What one run has over another by one measure.

    ``mean``: of the differences query by query, above 0 where the first run is better. ``interval``: None where there
    are fewer than two queries. ``won``, ``lost``, ``tied``: queries in which the first run is better, worse, the same.
    """

    mean: float
    interval: Interval | None
    won: int
    lost: int
    tied: int


class Values:
    """Every measure of every judged query, in the order of ``qrels``. A query that the run does not hold counts 0."""

    def __init__(self, qrels: Qrels, run: Run) -> None:
        self._places = {query: place for place, query in enumerate(qrels)}
        self._table = np.zeros((len(qrels), len(MEASURES)))
        columns = {measure: column for column, measure in enumerate(_MEASURES.values())}
        wanted = {query: dict(judged) for query, judged in qrels.items()}
        found = {query: dict(run[query]) for query in qrels if run.get(query)}
        if not found:  # the library cannot measure an empty run
            return
        for each in iter_calc(columns, wanted, found):
            self._table[self._places[each.query_id], columns[each.measure]] = each.value

    def row(self, query: str) -> dict[str, float]:
        """Return the values of one query by measure."""
        return dict(zip(MEASURES, self._table[self._places[query]].tolist(), strict=True))

    def means(self) -> dict[str, float]:
        """Return the mean of each measure."""
        return dict(zip(MEASURES, self._table.mean(axis=0).tolist(), strict=True))

    def intervals(self) -> dict[str, Interval] | None:
        """Return the interval of each mean; None where there are fewer than two queries."""
        return _intervals(self._table)

    def against(self, other: Values) -> dict[str, Difference]:
        """Return, for each measure, what this run has over another of the same queries."""
        differences = self._table - other._table
        intervals = _intervals(differences)
        return {
            name: Difference(
                mean=float(column.mean()),
                interval=intervals[name] if intervals else None,
                won=int(np.count_nonzero(column > 0)),
                lost=int(np.count_nonzero(column < 0)),
                tied=int(np.count_nonzero(column == 0)),
            )
            for name, column in zip(MEASURES, differences.T, strict=True)
        }


def _intervals(table: NDArray[np.float64]) -> dict[str, Interval] | None:
    """Resample the rows of a table (queries × measures), all measures by the same draws."""
    if len(table) < 2:
        return None
    from scipy.stats import bootstrap  # slow to import, and needed by no other command

    found = bootstrap(
        (table,), np.mean, axis=0, n_resamples=RESAMPLES, batch=_AT_ONCE, confidence_level=CONFIDENCE,
        method="percentile", rng=np.random.default_rng(_SEED),
    ).confidence_interval  # fmt: skip
    bounds = zip(np.atleast_1d(found.low).tolist(), np.atleast_1d(found.high).tolist(), strict=True)
    return {name: Interval(low, high) for name, (low, high) in zip(MEASURES, bounds, strict=True)}


def first_relevant(judged: Mapping[str, int], ranked: Sequence[str]) -> int | None:
    """Return the place of the first relevant article, counted from 1; None where there is none."""
    return next((place for place, each in enumerate(ranked, start=1) if judged.get(each, 0) > 0), None)
