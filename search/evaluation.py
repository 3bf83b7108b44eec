"""How good the ranking is on judged queries: the measures of the field, by the library of the field (ir_measures)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ir_measures import RR, R, Success, calc_aggregate, nDCG

from search.engine import Engine
from search.request import SearchRequest

DEPTH = 100
"""How many hits of each query are looked at."""

_MEASURES = {"MRR@10": RR @ 10, "nDCG@10": nDCG @ 10, "recall@100": R @ 100, "success@1": Success @ 1}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``measures``: name → mean over the judged queries (0–1). ``queries``: how many were judged.

    ``unjudged``: queries without judgements, which are left out.
    """

    measures: Mapping[str, float]
    queries: int
    unjudged: int


def evaluate(engine: Engine, queries: Mapping[str, str], qrels: Mapping[str, Mapping[str, int]]) -> Evaluation:
    """Ask every judged query of the engine with ``match=any``, as ``/api/search`` would, and measure the answers.

    A judged query without any hit counts 0. Raises ValueError where no query has a judgement.
    """
    judged = {qid: text for qid, text in queries.items() if qrels.get(qid)}
    if not judged:
        raise ValueError("no query has a judgement: do the query ids of the two files agree?")
    run = {qid: _ranked(engine, text) for qid, text in judged.items()}
    wanted = {qid: dict(qrels[qid]) for qid in judged}
    found = calc_aggregate(_MEASURES.values(), wanted, run)
    return Evaluation(
        measures={name: float(found[measure]) for name, measure in _MEASURES.items()},
        queries=len(judged),
        unjudged=len(queries) - len(judged),
    )


def _ranked(engine: Engine, text: str) -> dict[str, float]:
    request = SearchRequest(text, match="any", per_page=DEPTH, highlight=False)
    hits = engine.search(request).hits
    # Scores may tie and the library breaks ties by id: what counts is the order in which a reader sees the hits.
    return {hit.article.id: float(len(hits) - place) for place, hit in enumerate(hits)}
