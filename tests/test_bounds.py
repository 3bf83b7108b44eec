"""Where a bound on the total is enough: the best hits are the same, and what is passed over is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from crowd import CROWD_QUERIES, crowd
from plain_search import PlainSearch
from segmented import ask, build_segments, documents_of, engine_on

from index.article import Article
from search.embedded import EmbeddedEngine
from search.ranking import RANKING
from search.request import Filters, Match, SearchRequest, Sort, Total

MATCHES: tuple[Match, ...] = ("all", "any", "auto")
SORTS: tuple[Sort, ...] = ("newest", "oldest")


def top(
    engine: EmbeddedEngine, text: str, match: Match, depth: int, total: Total
) -> tuple[list[tuple[str, float]], int, str]:
    request = SearchRequest(text, Filters(), match, per_page=depth, highlight=False, total=total)
    results = ask(engine, request)
    assert sum(value.count for value in results.facets["source"]) == results.total
    return [(hit.article.id, hit.score) for hit in results.hits], results.total, results.total_relation


def test_a_bound_is_enough_for_the_same_best() -> None:
    engine, _ = crowd()
    fewer = 0
    for text, match, depth in product(CROWD_QUERIES, MATCHES, (1, 2, 5, 10, 50, 400)):
        exact, total, _ = top(engine, text, match, depth, "exact")
        bound, least, relation = top(engine, text, match, depth, "bound")
        assert [score for _, score in bound] == pytest.approx([score for _, score in exact], rel=1e-5)
        scores = dict(exact)
        last = exact[-1][1] if exact else 0.0
        for (name, score), (other, _) in zip(bound, exact, strict=True):
            # Where additions come in another order, hits that score the same but for rounding may change places.
            assert name == other or scores.get(name, last) == pytest.approx(score, rel=1e-5)
        if relation == "eq":
            assert least == total
        else:
            assert least <= total
            fewer += least < total
    assert fewer > 10


def exact_total(engine: EmbeddedEngine, text: str) -> int:
    return engine.search(SearchRequest(text, match="all", per_page=1)).total


def test_a_bound_is_exact_where_nothing_can_be_passed_over() -> None:
    engine, _ = crowd()
    alone, others = ('"كبد كبذ"', "كب*"), ("-كبد", "كبد كحش", "(كبد كبذ) أو -كحش", "")
    asked: list[tuple[str, Sort]] = [*product((*alone, *others), SORTS), *product(others, ("relevance",))]
    for text, sort in asked:
        results = engine.search(SearchRequest(text, match="all", sort=sort, per_page=1, total="bound"))
        whole = engine.search(SearchRequest(text, match="all", sort=sort, per_page=1))
        assert (results.total, results.total_relation, results.facets) == (whole.total, "eq", whole.facets)
    for text in alone:  # whole segments, none of whose articles can be the best
        results = engine.search(SearchRequest(text, match="all", per_page=1, total="bound"))
        assert (results.total < exact_total(engine, text)) == (results.total_relation == "gte")
    for sort in SORTS:
        assert top_by(engine, sort, "bound") == top_by(engine, sort, "exact")


def top_by(engine: EmbeddedEngine, sort: Sort, total: Total) -> tuple[list[str], int, str]:
    request = SearchRequest("كبد كبذ كحش", match="any", sort=sort, per_page=5, total=total)
    results = engine.search(request)
    return [hit.article.id for hit in results.hits], results.total, results.total_relation


def test_of_one_word_in_many_forms_nothing_is_passed_over(tmp_path: Path) -> None:
    """The word's own spelling is reckoned once more after all of its forms: then nothing new can come."""
    bodies = ["نهر"] * 200 + ["كتاب كتاب كتاب كتاب"] * 40 + ["الكتاب", "كتابها"]
    parts = [[Article(f"{part}-{n}", body=body) for n, body in enumerate(bodies)] for part in range(3)]
    build_segments(tmp_path, parts)
    results = engine_on(tmp_path).search(SearchRequest("كتاب", per_page=1, total="bound"))
    assert (results.total, results.total_relation) == (126, "eq")


def test_what_is_excluded_leaves_nothing_behind_where_documents_are_passed_over(tmp_path: Path) -> None:
    """Excluded articles hold the words that only those already found are looked up in."""
    common = [
        Article(f"c{n}", body="كبد " + ("كحش" if n % 7 == 0 else "") + (" كبذ" if n % 3 else "")) for n in range(600)
    ]
    build_segments(tmp_path, [common[:500], common[500:]])
    # Fewer than are otherwise looked at twice: what might be among those cannot be passed over.
    ranking = replace(RANKING, window=10)
    engine = engine_on(tmp_path, ranking)
    plain = PlainSearch(documents_of(engine), ranking)
    relations = set()
    for text in ("كحش كبد -كبذ", "كحش كبذ كبد -كبذ", "كحش كبذ -كبد"):
        for depth in (1, 10, 80):
            request = SearchRequest(text, match="any", per_page=depth, highlight=False, total="bound")
            results = ask(engine, request)
            relations.add(results.total_relation)
            expected = plain.answer(request)
            best = [score for score, _ in expected.hits[:depth]]
            assert [hit.score for hit in results.hits] == pytest.approx(best, rel=1e-5)
            assert results.total <= len(expected.hits)
    assert relations == {"eq", "gte"}
