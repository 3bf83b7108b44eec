"""How good the ranking is on judged queries: they are asked of an engine, and the answers measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from search.engine import Engine
from search.judgements import JudgementError
from search.measures import DEPTH, MEASURES, Difference, Interval, Qrels, Run, Values, first_relevant
from search.request import SearchRequest
from search.runs import falling


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another run beside ours: its means by measure, what ours has over it, and how many judged queries it lacks."""

    measures: Mapping[str, float]
    differences: Mapping[str, Difference]
    missing: int


@dataclass(frozen=True, slots=True)
class Case:
    """How one judged query did.

    ``measures``: its values, ``other`` those in the run compared with (empty where there is none). ``place``: of the
    first relevant article among the first ``DEPTH``, from 1. ``relevant``: the articles judged relevant; ``top``: the
    first hit (empty: none).
    """

    query: str
    text: str
    measures: Mapping[str, float]
    other: Mapping[str, float]
    place: int | None
    relevant: Sequence[str]
    top: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    ``measures``: name → mean over the judged queries (0–1), ``intervals`` how sure these are (None for one query).
    ``queries``: how many were judged. ``unjudged``: queries without judgements, which are left out. ``unasked``: ids of
    judged queries that are not among the queries. ``hopeless``: judged queries without a relevant article; they
    count 0. ``unknown``: relevant articles that are not in the index. ``run``: what was found, with falling scores.
    """

    measures: Mapping[str, float]
    intervals: Mapping[str, Interval] | None
    queries: int
    unjudged: int
    unasked: int
    hopeless: int
    unknown: Sequence[str]
    compared: Comparison | None
    worst: Sequence[Case]
    run: Run = field(repr=False)


def evaluate(
    engine: Engine, queries: Mapping[str, str], qrels: Qrels, *, other: Run | None = None, worst: int = 0
) -> Evaluation:
    """Ask every judged query of the engine and measure the answers, ``other`` beside them where it is given.

    A judged query without any hit counts 0. ``worst``: so many of the queries that do worst are told; beside another
    run, of those that lose most against it. Raises JudgementError where no query has a judgement, or
    ``other`` holds none of those that have.
    """
    judged = {query: qrels[query] for query in queries if qrels.get(query)}
    if not judged:
        raise JudgementError("no query has a judgement: do the query ids of the two files agree?")
    if other is not None and not any(other.get(query) for query in judged):
        raise JudgementError("the run to compare with holds none of the judged queries: do the query ids agree?")
    run = ask(engine, {query: queries[query] for query in judged})
    values = Values(judged, run)
    beside = Values(judged, other) if other is not None else None
    return Evaluation(
        measures=values.means(),
        intervals=values.intervals(),
        queries=len(judged),
        unjudged=len(queries) - len(judged),
        unasked=sum(query not in queries for query in qrels),
        hopeless=sum(not _relevant(each) for each in judged.values()),
        unknown=_unknown(engine, judged, run),
        compared=None if beside is None or other is None else Comparison(
            beside.means(), values.against(beside), sum(not other.get(query) for query in judged)
        ),
        worst=_worst(queries, judged, run, values, beside)[:worst] if worst else (),
        run=run,
    )  # fmt: skip


def ask(engine: Engine, queries: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Ask each query as ``/api/search?match=any`` would, and return the best ``DEPTH`` hits of each in their order.

    Scores may tie, or say nothing where an empty query lists the newest articles: they are made to fall.
    """
    run: dict[str, dict[str, float]] = {}
    for query, text in queries.items():
        request = SearchRequest(text, match="any", per_page=DEPTH, highlight=False, facets=False)
        hits = engine.search(request).hits
        scores = falling(hit.score for hit in hits)
        run[query] = dict(zip((hit.article.id for hit in hits), scores, strict=True))
    return run


def _relevant(judged: Mapping[str, int]) -> list[str]:
    return [article for article, relevance in judged.items() if relevance > 0]


def _unknown(engine: Engine, judged: Qrels, run: Run) -> list[str]:
    """Return the relevant articles that the index does not hold, in the order of the judgements."""
    wanted = dict.fromkeys(article for each in judged.values() for article in _relevant(each))
    found = {article for scores in run.values() for article in scores}
    return [article for article in wanted if article not in found and engine.article(article) is None]


def _worst(
    queries: Mapping[str, str], judged: Qrels, run: Run, values: Values, other: Values | None
) -> list[Case]:  # fmt: skip
    """Return all cases, the worst first: by nDCG@10, then recall, and by the order of the queries."""
    cases = []
    for query, each in judged.items():
        beside = other.row(query) if other else {}
        place = first_relevant(each, list(run[query]))
        top = next(iter(run[query]), "")
        cases.append(Case(query, queries[query], values.row(query), beside, place, _relevant(each), top))

    def goodness(case: Case) -> list[float]:
        return [case.measures[name] - case.other.get(name, 0.0) for name in ("nDCG@10", *MEASURES)]

    return sorted(cases, key=goodness)
