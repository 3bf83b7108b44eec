"""Questions to an index to which somebody's script has written with Whoosh's own writer, in Whoosh's own codec."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scripted import build_mixed, ids, open_engine, rebuild, sample_articles, script
from texts import ARABIC_TEXT

from index.arabic import words
from index.article import Article, instant
from search.embedded import EmbeddedEngine
from search.request import Filters, SearchRequest
from search.results import SearchResults


@pytest.fixture(scope="module")
def stock_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("stock")
    build_mixed(directory)
    return directory


@pytest.fixture(scope="module")
def stock_engine(stock_index: Path) -> EmbeddedEngine:
    return open_engine(stock_index)


@pytest.fixture(scope="module")
def engine(sample_index: Path) -> EmbeddedEngine:
    return open_engine(sample_index)


QUERIES = [
    "", "؟ ***", "مدينة", "المدن", "طاقة شمسية", '"الطاقة الشمسية"', "طاقة -شمسية", 'طاقة -"الطاقة الشمسية"',
    "بحر أو نهر أو جبل", "(بحر أو نهر) مدينة", "مدينة (بحر أو نهر) -جسر", "مدينة -(بحر سفينة)", "مدينة أو -بحر",
    "(مدينة -بحر) (علم -كرة)", "ماء ((بحر -نهر) أو (جبل -مدينة))", "-مدينة -بحر", "-(مدينة أو -بحر)", "الم*",
    "مدين* بحر*", "علم -علم*", "title:مدينة", "title:(بحر أو نهر)", "title:مد*", "-title:مدينة مدينة",
    'author:"ليلى الحداد"', "كاتب:ليلى", "مصدر:مدارات", "قسم:(علوم أو صحة) ماء", "قسم:رياضة -كرة", "في من",
    "ما هي المدينة", '"في المدينة"', '"من"', "٢٠٢٤", "gps OR nature", "زقزوقستان", "زقزوقستان مدينة بحر",
    "كلمة؟ لا، توجد! (", "مَدِينَةٌ مَدِينَة",
]  # fmt: skip


def alike(stock: SearchResults, ours: SearchResults) -> None:
    """Assert that two engines say the same, but for scores and the order that follows from them."""
    assert (stock.total, stock.total_relation, stock.match, stock.notes) == (
        ours.total, "eq", ours.match, ours.notes
    )  # fmt: skip
    assert stock.facets == ours.facets
    expected = {hit.article.id: hit for hit in ours.hits}
    assert set(ids(stock)) == set(expected)
    assert len(stock.hits) == len(expected)
    for hit in stock.hits:
        assert hit.article == expected[hit.article.id].article
        assert hit.title == expected[hit.article.id].title
        assert bool(hit.body) == bool(hit.article.body)


@pytest.mark.parametrize("match", ["all", "any", "auto"])
@pytest.mark.parametrize("query", QUERIES)
def test_what_matches_is_the_same(stock_engine: EmbeddedEngine, engine: EmbeddedEngine, query: str, match: Any) -> None:
    request = SearchRequest(query, match=match, per_page=100)
    alike(stock_engine.search(request), engine.search(request))


WORDS = st.sampled_from(["مدينة", "بحر", "نهر", "ماء", "علم", "كرة", "جديدة", "في", '"كرة القدم"', "الم*", "زقزوق"])
CLAUSES = st.recursive(
    st.builds("{}{}{}".format, st.sampled_from(["", "", "", "-"]), st.sampled_from(["", "", "title:"]), WORDS),
    lambda inner: st.builds(
        "{}({})".format,
        st.sampled_from(["", "-", "title:"]),
        st.lists(inner, min_size=1, max_size=3).flatmap(lambda each: st.sampled_from([" ", " أو "]).map(
            lambda joint: joint.join(each)
        )),
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(CLAUSES, min_size=1, max_size=3).map(" ".join), st.sampled_from(["all", "any"]))
@settings(max_examples=150, deadline=None)
def test_nested_queries_match_the_same(
    stock_engine: EmbeddedEngine, engine: EmbeddedEngine, query: str, match: Any
) -> None:
    request = SearchRequest(query, match=match, per_page=100, highlight=False)
    stock, ours = stock_engine.search(request), engine.search(request)
    assert sorted(ids(stock)) == sorted(ids(ours))
    assert (stock.total, stock.facets) == (ours.total, ours.facets)


def forms(engine: EmbeddedEngine, text: str) -> list[set[bytes]]:
    """The words that each word of a text is found by."""
    return [set(engine._session().view.expansion.forms(word).words) for word in words(text)]


@given(ARABIC_TEXT)
@example("ست")
@example("مدينة")
@settings(max_examples=100, deadline=None)
def test_any_text_is_answered(stock_engine: EmbeddedEngine, engine: EmbeddedEngine, text: str) -> None:
    stock, ours = stock_engine.search(SearchRequest(text)), engine.search(SearchRequest(text))
    # A word that only the script's segment holds is a form of no other until the next reindex.
    if forms(stock_engine, text) == forms(engine, text):
        assert stock.total == ours.total
    assert stock_engine.article(text) is None


def test_filters_let_through_the_same(stock_engine: EmbeddedEngine, engine: EmbeddedEngine) -> None:
    everything = engine.search(SearchRequest("")).facets
    sources = [each.value for each in everything["source"]]
    chosen = [
        Filters(source=(sources[0], sources[1])),
        Filters(source=(sources[0],), category=(everything["category"][0].value,)),
        Filters(author=(everything["author"][0].value, "لا أحد")),
        Filters(source=("لا مصدر",)),
        Filters(source=("\ud800",)),
        Filters(published_from=date(2024, 6, 1)),
        Filters(published_to=date(2024, 6, 1)),
        Filters(category=(everything["category"][1].value,), published_from=date(2024, 2, 1), published_to=date.max),
    ]
    totals = set()
    for filters in chosen:
        for query in ("", "مدينة", "بحر أو -نهر"):
            request = SearchRequest(query, filters, match="all", per_page=100)
            alike(stock_engine.search(request), engine.search(request))
            totals.add(engine.search(request).total)
    assert len(totals) > 5


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("query", ["", "مدينة أو بحر"])
def test_order_by_date_is_the_same(stock_engine: EmbeddedEngine, engine: EmbeddedEngine, query: str, sort: Any) -> None:
    request = SearchRequest(query, sort=sort, per_page=100)
    stock, ours = stock_engine.search(request), engine.search(request)

    def dates(results: SearchResults) -> list[float | None]:
        found = [hit.article.published for hit in results.hits]
        return [instant(published).timestamp() if published else None for published in found]

    assert len(stock.hits) > 10
    assert dates(stock) == dates(ours)
    assert {hit.score for hit in stock.hits} == {0.0}


DATED = [
    Article("undated", body="خبر"),
    Article("old", body="خبر", published="1999-12-31"),
    Article("first", body="خبر", published="2024-05-03"),
    Article("new", body="خبر", published="2024-05-03T23:30:00-05:00"),
    Article("second", body="خبر", published="2024-05-03"),
]


def test_ties_go_by_date_and_then_by_place(tmp_path: Path) -> None:
    rebuild(tmp_path, [Article("other", body="نهر")])
    script(tmp_path, DATED)
    engine = open_engine(tmp_path)
    newest = ["new", "first", "second", "old", "undated"]
    assert ids(engine.search(SearchRequest("خبر"))) == newest
    assert ids(engine.search(SearchRequest("خبر", sort="newest"))) == newest
    assert ids(engine.search(SearchRequest("خبر", sort="oldest"))) == ["old", "first", "second", "new", "undated"]


def test_scores_prefer_the_spelling_the_title_and_frequent_words(tmp_path: Path) -> None:
    filler = " ".join(f"كلمة{number}" for number in range(40))
    rebuild(tmp_path, [Article(f"other-{number}", title="خبر", body=filler) for number in range(20)])
    by_script = [
        Article("form", title="خبر", body=f"{filler} مكتبات {filler}"),
        Article("exact", title="خبر", body=f"{filler} مكتبة {filler}"),
        Article("often", title="خبر", body=f"{filler} مكتبة مكتبة {filler}"),
        Article("title", title="مكتبة", body=f"{filler} {filler}"),
    ]
    script(tmp_path, by_script)
    results = open_engine(tmp_path).search(SearchRequest("مكتبة", explain=True))
    assert ids(results) == ["title", "often", "exact", "form"]
    assert [hit.reasons for hit in results.hits] == [()] * 4


def test_pages_cut_the_whole_order_and_end(stock_engine: EmbeddedEngine) -> None:
    for sort in ("relevance", "newest", "oldest"):
        whole = ids(stock_engine.search(SearchRequest("مدينة", sort=sort, per_page=100)))
        assert len(whole) > 14
        pages = [stock_engine.search(SearchRequest("مدينة", sort=sort, page=n, per_page=7)) for n in range(1, 20)]
        assert [article_id for page in pages for article_id in ids(page)] == whole
        assert {page.total for page in pages} == {len(whole)}
        assert ids(pages[-1]) == []


def test_only_what_is_asked_for_is_made(stock_engine: EmbeddedEngine) -> None:
    bare = stock_engine.search(SearchRequest("مدينة", highlight=False, facets=False, total="bound"))
    full = stock_engine.search(SearchRequest("مدينة"))
    assert (bare.facets, bare.total, ids(bare)) == ({}, full.total, ids(full))
    assert all((hit.title, hit.body) == ((), ()) for hit in bare.hits)
    assert all("<mark>" in "".join(part.html() for part in (*hit.title, *hit.body)) for hit in full.hits)


def test_every_article_is_found_by_its_id(stock_engine: EmbeddedEngine, engine: EmbeddedEngine) -> None:
    for article in sample_articles():
        assert stock_engine.article(article.id, "مدينة") == engine.article(article.id, "مدينة")
    assert stock_engine.article("gone 3") is None
    assert stock_engine.article("gone 15") is None
