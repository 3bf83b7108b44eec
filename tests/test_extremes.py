"""The executor at its limits: nothing at all, very many words, very long texts, full segments, the deepest page."""

from __future__ import annotations

import random
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from plain_search import PlainSearch, assert_same
from segmented import ask, build_segments, engine_on

from index import embedded
from index.article import Article
from index.codec.layout import MAX_DOCUMENTS
from index.generations import Generations
from search.request import MAX_DEPTH, Filters, SearchRequest, Sort, Total

SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")
TOTALS: tuple[Total, ...] = ("exact", "bound")


def test_more_different_words_than_a_machine_word_has_bits(tmp_path: Path) -> None:
    many = [f"{a}{b}" for a in "abcdefghijk" for b in "0123456789"]
    parts = [[Article(f"{n}", body=" ".join(many[n : n + 80]), published=f"20{n:02}-01-01") for n in range(s, s + 15)]
             for s in (0, 15)]  # fmt: skip
    documents = build_segments(tmp_path, parts)
    plain, engine = PlainSearch(documents), engine_on(tmp_path)
    for chosen in (many[:70], many[10:109], many[::2], [f"-{word}" for word in many[40:108]]):
        for match in ("all", "any"):
            request = SearchRequest(" ".join(chosen), match=match, per_page=100, highlight=False)
            assert_same(plain, ask(engine, request), request)
    nested = SearchRequest(f"({' '.join(many[:60])}) أو ({' '.join(many[20:90])})", match="all", per_page=100)
    assert_same(plain, ask(engine, nested), nested)


def test_a_text_longer_than_sixteen_bits_count(tmp_path: Path) -> None:
    """Positions take 32 bits, and phrases are found on both sides of the border and across it."""
    filler = [f"ح{number % 500}" for number in range(70_000)]
    for at in (10, 65_534, 65_535, 65_536, 69_990):
        filler[at : at + 2] = ["صدر", "بيت"] if at != 65_535 else filler[at : at + 2]
    filler[65_532:65_538] = ["شرق", "غرب", "شمل", "جنب", "شرق", "غرب"]
    long = Article("long", "عنوان", " ".join(filler))
    short = [Article(f"s{n}", "عنوان", body) for n, body in enumerate(("صدر بيت", "بيت صدر", "شرق غرب شمل", "ح1 ح2"))]
    documents = build_segments(tmp_path, [[short[0], long, short[1]], short[2:]])
    plain, engine = PlainSearch(documents), engine_on(tmp_path)
    for text in ('"صدر بيت"', '"بيت صدر"', '"شمل جنب شرق غرب"', '"غرب شمل جنب"', '"شرق غرب"', "صدر", "ح1 ح499", "ح1*",
                 f'"{" ".join(filler[69_980:69_990])}"', f'"{" ".join(filler[-6:])}"'):  # fmt: skip
        request = SearchRequest(text, match="all", per_page=100, highlight=False)
        assert_same(plain, ask(engine, request), request)
        assert engine.search(request).total
    reasons = engine.search(SearchRequest("صدر", explain=True, highlight=False)).hits[-1].reasons
    assert {each.length for reason in reasons for each in reason.evidence} == {65_535}


EVERY_KIND = ("", "بحر", "بحر نهر", '"بحر نهر"', "بح*", "-بحر", "بحر أو -نهر", "(بحر نهر) أو خبر", "title:بحر")


@pytest.mark.parametrize("text", EVERY_KIND)
@pytest.mark.parametrize("filters", [Filters(), Filters(source=("أ",)), Filters(published_from=date(2000, 1, 1))])
def test_nothing_is_found_where_there_is_nothing(tmp_path: Path, text: str, filters: Filters) -> None:
    gone = [Article(str(number), "بحر نهر", "خبر", source="أ", published="2024-01-01") for number in range(3)]
    embedded.rebuild(Generations(tmp_path / "empty"), [], jobs=1, memory=32, force=True)
    build_segments(tmp_path / "deleted", [gone[:2], gone[2:]], deleted={"0", "1", "2"})
    for directory in (tmp_path / "empty", tmp_path / "deleted"):
        engine = engine_on(directory)
        for total, sort in product(TOTALS, SORTS):
            results = engine.search(SearchRequest(text, filters, sort=sort, total=total, explain=True))
            assert (results.total, results.hits, results.total_relation) == (0, (), "eq")
            assert set(results.facets.values()) == {()}
        assert engine.article("0") is None


def test_equal_hits_stand_by_date_and_then_as_they_came(tmp_path: Path) -> None:
    chance = random.Random(3)
    days = ["", "2020-01-01", "2021-01-01", "2019-06-01T00:00:00Z", "1950-01-01"]
    everything = [Article(str(n), "خبر", published=chance.choice(days)) for n in range(500)]
    chance.shuffle(everything)
    build_segments(tmp_path, [everything[:200], everything[200:201], everything[201:]])
    engine = engine_on(tmp_path)
    newest = ["2021-01-01", "2020-01-01", "2019-06-01T00:00:00Z", "1950-01-01", ""]
    orders: dict[Sort, list[str]] = {"relevance": newest, "newest": newest, "oldest": [*newest[3::-1], ""]}
    for sort, order in orders.items():
        expected = [article.id for article in sorted(everything, key=lambda article: order.index(article.published))]
        for depth in (1, 2, 3, 99, 100, 250, 499, 500, 501):
            results = engine.search(SearchRequest("خبر", sort=sort, per_page=depth, highlight=False))
            assert [hit.article.id for hit in results.hits] == expected[:depth]


def test_paging_reaches_the_deepest_hit_and_no_further(tmp_path: Path) -> None:
    chance = random.Random(4)
    total = MAX_DEPTH + 500
    parts = [
        [
            Article(f"{part}-{n}", "خبر", "نص " * chance.randrange(6), published=f"{2000 + n % 20}-01-01")
            for n in range(size)
        ]
        for part, size in enumerate((total - 2000, 2000))
    ]
    build_segments(tmp_path, parts)
    engine = engine_on(tmp_path)
    whole = engine.search(SearchRequest("خبر", per_page=MAX_DEPTH, highlight=False)).hits
    assert len({hit.article.id for hit in whole}) == MAX_DEPTH
    assert [hit.score for hit in whole] == sorted((hit.score for hit in whole), reverse=True)
    for page in (1, 2, 57, MAX_DEPTH // 100):
        results = engine.search(SearchRequest("خبر", page=page, per_page=100, highlight=False))
        assert results.hits == whole[100 * (page - 1) : 100 * page]
        assert results.total == total
    assert engine.search(SearchRequest("خبر", page=MAX_DEPTH // 100 + 1, per_page=100, highlight=False)).hits == ()


def test_a_full_segment_is_numbered_to_its_end(tmp_path: Path) -> None:
    """65,536 documents: the last is number 65,535, and none is noted twice."""
    rare = {0: "أول", 65_535: "آخر", 40_000: "أول آخر"}
    full = [Article(f"{n}", "خبر", f"نهر {rare.get(n, '')}") for n in range(MAX_DOCUMENTS)]
    build_segments(tmp_path, [full, [Article("after", "خبر", "آخر")]])
    engine = engine_on(tmp_path)
    totals = {
        "خبر": 65_537, "خبر نهر": 65_536, '"نهر آخر"': 1, "خبر -نهر": 1, "خبر أو نهر -أول": 65_535, "-خبر": 0,
        "": 65_537,
        "آخر": 3, "أول آخر": 1, "خبر -آخر": 65_534, "خب*": 65_537, "(نهر أول) أو آخر": 4, "(خبر نهر) أو -خبر": 65_536,
    }  # fmt: skip
    for text, total in totals.items():
        for bound in TOTALS:
            results = ask(engine, SearchRequest(text, match="all", per_page=5, total=bound, highlight=False))
            assert results.total == total or (bound == "bound" and results.total < total), text
            assert len(results.hits) == min(total, 5)
            assert results.total_relation == "eq" or bound == "bound"
    assert {hit.article.id for hit in engine.search(SearchRequest("آخر")).hits} == {"40000", "65535", "after"}
