"""Newer articles and some sources preferred: the factors of scores, in both engines, day after day."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from scripted import build_mixed
from segmented import ask, build_segments, view_of

from index import embedded
from index.article import Article, written_day
from index.generations import Generations
from index.settings import Settings, SettingsError, weights_by_source
from search.embedded import EmbeddedEngine
from search.ranking import RANKING
from search.request import Match, SearchRequest, Sort
from search.results import Factor, SearchResults
from web import create_app

TODAY = date(2024, 5, 10)
HALF_LIFE = 30.0
WEIGHTS = {"الجريدة": 2.0, "المدونة": 0.5, "لا أحد": 7.0}
WRITTEN = "الجريدة=2; المدونة = 0.5 ;\nلا أحد=7"


def factor(article: Article) -> float:
    """Return what an article's score is multiplied by, from the README's sentence."""
    weight = WEIGHTS.get(article.source, 1.0)
    if not article.published:
        return weight
    age = max(0, (TODAY - written_day(article.published)).days)
    return weight * (0.75 + 0.5 * 0.5 ** (age / HALF_LIFE))


def some_articles() -> list[Article]:
    chance = random.Random(9)
    words = ("مدينة", "بحر", "نهر", "جبل", "سفينة")
    return [
        Article(
            f"{number}",
            chance.choice(("", "مدينة", "بحر")),
            " ".join(chance.choices(words, k=chance.randrange(1, 6))),
            source=chance.choice(("", "الجريدة", "المدونة", "الوكالة")),
            published=chance.choice(("", (TODAY - timedelta(days=chance.randrange(-5, 400))).isoformat())),
        )
        for number in range(120)
    ]


def settings_of(directory: Path, **given: float | str) -> Settings:
    return replace(Settings(index=directory, time_budget=0.0), **given)  # type: ignore[arg-type]


def engine_of(directory: Path, today: date = TODAY, **given: float | str) -> EmbeddedEngine:
    return EmbeddedEngine(settings_of(directory, **given), today=lambda: today)


def ids(results: SearchResults) -> list[str]:
    return [hit.article.id for hit in results.hits]


def test_answers_are_those_of_plain_loops(tmp_path: Path) -> None:
    articles = some_articles()
    documents = build_segments(tmp_path, [articles[:50], articles[50:]], deleted={"7"})
    engine = engine_of(tmp_path, recency_half_life=HALF_LIFE, source_weights=WRITTEN)
    plain = PlainSearch(documents, factor=factor)
    matches: tuple[Match, ...] = ("all", "any", "auto")
    sorts: tuple[Sort, ...] = ("relevance", "newest")
    for text in ("مدينة", "مدينة بحر نهر", '"بحر" مدينة', "(نهر أو جبل) مدينة -سفينة", "مد*", "", "-بحر"):
        for match in matches:
            for sort in sorts:
                request = SearchRequest(text, match=match, sort=sort, per_page=200, highlight=False)
                assert_same(plain, ask(engine, request), request)
            whole = ids(engine.search(SearchRequest(text, match=match, per_page=200)))
            bound = engine.search(SearchRequest(text, match=match, per_page=200, total="bound"))
            assert ids(bound) == whole
            if match != "auto":
                best = engine.search(SearchRequest(text, match=match, per_page=3, total="bound"))
                assert ids(best) == whole[:3]


def test_the_formula() -> None:
    assert RANKING.recency == 0.5
    old = Article("", published="1990-01-01")
    assert factor(Article("", published=TODAY.isoformat())) == 1.25
    assert factor(Article("", published="2030-01-01")) == 1.25
    assert factor(Article("", published=(TODAY - timedelta(days=30)).isoformat())) == 1.0
    assert factor(Article("")) == 1.0
    assert math.isclose(factor(old), 0.75, rel_tol=1e-9)


def test_newer_articles_come_first_and_each_day_counts_anew(tmp_path: Path) -> None:
    build_segments(
        tmp_path,
        [[Article("old", "", "نهر", published="2020-01-01"), Article("none", "", "نهر")],
         [Article("new", "", "نهر", published="2024-05-01"), Article("long", "", "نهر نهر", published="2020-01-01")]],
    )  # fmt: skip
    days = [TODAY]
    engine = EmbeddedEngine(settings_of(tmp_path, recency_half_life=30.0), today=lambda: days[0])
    request = SearchRequest("نهر", explain=True)
    first = {hit.article.id: hit for hit in engine.search(request).hits}
    assert [name for name in ids(engine.search(request)) if name != "long"] == ["new", "none", "old"]
    view = view_of(engine)
    assert engine._preferences.of(view) is engine._preferences.of(view)
    days[0] = date(2026, 1, 1)
    later = {hit.article.id: hit for hit in engine.search(request).hits}
    assert later["new"].score < later["none"].score == first["none"].score
    # What an add brings has a place as well.
    embedded.add(Generations(tmp_path), [Article("added", "", "نهر", published="2026-01-01")], memory=32)
    assert ids(engine.search(request))[0] == "added"


def test_nothing_is_reckoned_where_nothing_is_preferred(tmp_path: Path) -> None:
    build_segments(tmp_path, [[Article("a", "", "نهر", published="2020-01-01")]])
    engine = EmbeddedEngine(settings_of(tmp_path), today=lambda: pytest.fail("asked for the day"))
    assert engine.search(SearchRequest("نهر", explain=True)).hits[0].factors == ()


def test_scores_are_the_sum_of_their_parts_times_the_factors(tmp_path: Path) -> None:
    build_segments(tmp_path, [some_articles()])
    given = {"recency_half_life": HALF_LIFE, "source_weights": WRITTEN}
    for hit in engine_of(tmp_path, **given).search(SearchRequest("مدينة بحر", explain=True, per_page=100)).hits:
        product = math.prod(each.factor for each in hit.factors)
        assert product == pytest.approx(factor(hit.article), rel=1e-5)
        assert hit.score == pytest.approx(product * sum(reason.score for reason in hit.reasons), rel=1e-5)
        assert [(each.kind, each.text) for each in hit.factors] == [
            ("recency", hit.article.published), ("source", hit.article.source)
        ]  # fmt: skip
    only = engine_of(tmp_path, source_weights="الوكالة=3").search(SearchRequest("مدينة", explain=True)).hits
    assert only[0].factors == (Factor("source", "الوكالة", 3.0),)
    client = create_app(settings_of(tmp_path, source_weights="الوكالة=3")).test_client()
    answer = client.get("/api/search", query_string={"q": "مدينة", "explain": "1"}).json
    assert answer["hits"][0]["factors"] == [{"kind": "source", "text": "الوكالة", "factor": 3.0}]


def test_the_engine_of_last_resort_prefers_the_same(tmp_path: Path) -> None:
    build_mixed(tmp_path)
    plain = EmbeddedEngine(settings_of(tmp_path), today=lambda: TODAY)
    source = plain.search(SearchRequest("")).facets["source"][0].value
    engine = engine_of(tmp_path, recency_half_life=900.0, source_weights=f"{source}=3")
    before = {hit.article.id: hit for hit in plain.search(SearchRequest("مدينة", match="all", per_page=100)).hits}
    results = engine.search(SearchRequest("مدينة", match="all", per_page=100, explain=True))
    assert set(ids(results)) == set(before)
    for hit in results.hits:
        product = math.prod(each.factor for each in hit.factors)
        assert hit.score == pytest.approx(before[hit.article.id].score * product, rel=1e-5)
    assert [hit.score for hit in results.hits] == sorted((hit.score for hit in results.hits), reverse=True)
    assert len({round(hit.factors[0].factor, 3) for hit in results.hits}) > 3
    newest = SearchRequest("مدينة", sort="newest", per_page=100)
    assert ids(engine.search(newest)) == ids(plain.search(newest))


def test_weights_are_read() -> None:
    assert weights_by_source(WRITTEN) == WEIGHTS
    assert weights_by_source("a=b=2;;") == {"a=b": 2.0}
    assert weights_by_source("") == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FIHRIS_SOURCE_WEIGHTS", "الجريدة", "FIHRIS_SOURCE_WEIGHTS: 'الجريدة' is not written as name=1.2"),
        ("FIHRIS_SOURCE_WEIGHTS", "=2", "'=2' is not written as name=1.2"),
        ("FIHRIS_SOURCE_WEIGHTS", "أ=2;ب=x", "the weight of 'ب' must be a number from 0.01 to 100.0, not 'x'"),
        ("FIHRIS_SOURCE_WEIGHTS", "أ=0", "the weight of 'أ' must be"),
        ("FIHRIS_SOURCE_WEIGHTS", "أ=nan", "the weight of 'أ' must be"),
        ("FIHRIS_SOURCE_WEIGHTS", "أ=-1", "the weight of 'أ' must be"),
        ("FIHRIS_SOURCE_WEIGHTS", "أ=inf", "the weight of 'أ' must be"),
        ("FIHRIS_SOURCE_WEIGHTS", "أ=2;أ=3", "'أ' has two weights"),
        ("FIHRIS_RECENCY_HALF_LIFE", "-1", "FIHRIS_RECENCY_HALF_LIFE: must be 0 (off) to 36500 days"),
        ("FIHRIS_RECENCY_HALF_LIFE", "nan", "FIHRIS_RECENCY_HALF_LIFE: must be 0 (off) to 36500 days"),
        ("FIHRIS_RECENCY_HALF_LIFE", "شهر", "FIHRIS_RECENCY_HALF_LIFE: 'شهر' is not a number"),
    ],
)
def test_bad_settings_are_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert sentence in str(caught.value)


@given(st.text(alphabet="أب=;\n1.2 ,-e"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        weights = weights_by_source(text)
    except SettingsError:
        return
    assert all(name.strip() == name and 0.01 <= weight <= 100 for name, weight in weights.items())
