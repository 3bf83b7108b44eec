"""The executor against plain loops: whatever is asked of whatever articles, in whatever segments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from crowd import COMMON, CROWD_QUERIES, crowd, random_articles
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import ask, build_segments, documents_of, engine_on, indexed, view_of

from index import embedded
from index.article import Article
from index.generations import Generations
from search import execution
from search.ranking import RANKING
from search.remembered import Remembered
from search.request import Filters, Match, SearchRequest

MATCHES: tuple[Match, ...] = ("all", "any", "auto")

WORDS = (
    "مدينة", "المدينة", "مدينتها", "بحر", "البحر", "بحرها", "كلمة", "كلمات", "خبر", "نهر", "في", "من", "أو", "gps",
    "2024", "مد", "بح",
)  # fmt: skip


SOURCES = ("", "أ", "ب", "ج")


DATES = ("", "1969-07-20", "1999-12-31", "2024-05-03", "2024-05-03T12:00:00+03:00", "2024-05-03T09:00:00", "0800-12-25")


texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


articles = st.builds(
    Article,
    id=st.just(""),
    title=texts,
    body=texts,
    source=st.sampled_from(SOURCES),
    author=st.sampled_from(("", "بحر", "خبر مدينة")),
    category=st.sampled_from(("", "ق")),
    published=st.sampled_from(DATES),
)


leaf_texts = st.one_of(
    st.sampled_from((*WORDS, "زقزوق")),
    st.lists(st.sampled_from((*WORDS[:11], "زقزوق")), min_size=1, max_size=4).map(lambda some: f'"{" ".join(some)}"'),
    st.sampled_from(("مد*", "بح*", "كلم*", "ال*", "زق*", "في*", "20*")),
)


@st.composite
def _clauses(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    signs = st.sampled_from(("", "", "", "-", "title:", "مصدر:", "كاتب:", "-title:"))
    some = draw(st.lists(children, min_size=1, max_size=4))
    joined = "".join(f"{draw(signs)}{each}{draw(st.sampled_from((' ', ' ', ' أو ')))}" for each in some)
    return joined.removesuffix(" أو ").strip()


query_texts = _clauses(
    st.recursive(leaf_texts, lambda children: _clauses(children).map(lambda text: f"({text})"), max_leaves=5)
)


filters = st.builds(
    Filters,
    source=st.sampled_from(((), (), ("أ",), ("أ", "ب"), ("لا أحد",))),
    author=st.sampled_from(((), (), ("بحر",))),
    published_from=st.sampled_from((None, None, date(1999, 12, 31))),
    published_to=st.sampled_from((None, None, date(2024, 5, 3), date(1999, 12, 31))),
)


requests = st.builds(
    SearchRequest,
    text=query_texts,
    filters=st.one_of(st.just(Filters()), filters),
    match=st.sampled_from(("auto", "all", "any")),
    sort=st.sampled_from(("relevance", "relevance", "newest", "oldest")),
    per_page=st.just(100),
    highlight=st.just(False),
)


segments = st.lists(st.lists(articles, min_size=1, max_size=8), min_size=1, max_size=4)


def numbered(parts: Sequence[Sequence[Article]]) -> list[list[Article]]:
    """Give articles the ids 0, 1, 2 …"""
    ids = iter(range(1_000_000))
    return [
        [
            Article(str(next(ids)), each.title, each.body, "", each.source, each.author, each.category, each.published)
            for each in part
        ]
        for part in parts
    ]


@given(segments, st.lists(requests, min_size=1, max_size=12), st.sets(st.integers(0, 31)), st.integers(0, 2))
@example([[Article("", "بحر")]], [SearchRequest("", per_page=100), SearchRequest("؟", per_page=100)], {0}, 0)
@example([[Article("", "", "من في")], [Article("", "", "في")]], [SearchRequest("في من", per_page=100)], set(), 1)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_answers_are_those_of_plain_loops(
    parts: list[list[Article]], asked: list[SearchRequest], deleted: set[int], added: int
) -> None:
    parts = numbered(parts)
    with indexed(parts, {str(number) for number in deleted}, min(added, len(parts) - 1)) as (engine, documents):
        plain = PlainSearch(documents)
        for request in asked:
            assert_same(plain, ask(engine, request), request)


@given(segments, st.lists(st.tuples(requests, st.integers(1, 7)), min_size=1, max_size=5))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_pages_are_pieces_of_the_whole(parts: list[list[Article]], asked: list[tuple[SearchRequest, int]]) -> None:
    with indexed(numbered(parts)) as (engine, _):
        for request, per_page in asked:
            if request.match == "auto":  # whether it is widened depends on the size of a page
                continue
            whole = [(hit.article.id, hit.score) for hit in engine.search(request).hits]
            found = []
            for page in range(1, len(whole) // per_page + 3):
                results = engine.search(SearchRequest(
                    request.text, request.filters, request.match, request.sort, page, per_page, highlight=False
                ))  # fmt: skip
                assert results.total == len(whole)
                found += [(hit.article.id, hit.score) for hit in results.hits]
            assert found == whole


@pytest.mark.parametrize("text", CROWD_QUERIES)
def test_a_crowd_is_answered_as_by_plain_loops(text: str) -> None:
    engine, plain = crowd()
    sources = Filters(source=("1", "3"), published_from=date(1970, 1, 1))
    cases: list[tuple[Match, Filters]] = [("all", Filters()), ("any", Filters()), ("any", sources)]
    for match, chosen in cases:
        request = SearchRequest(text, chosen, match, per_page=2000, highlight=False)
        assert_same(plain, ask(engine, request), request)


@pytest.mark.parametrize("room", [0, 20_000])
def test_a_word_that_was_forgotten_is_found_again(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Even where the next word of one question drives out the last, or nothing is remembered at all."""
    engine, plain = crowd()
    units = view_of(engine).units
    monkeypatch.setattr(units, "_remembered", Remembered(room))
    first, second, third = COMMON[:3]
    for text in (f"{first} {second} {first}", f'"{first} {second}" {third}', f"({first} أو {second}) {first} {third}"):
        request = SearchRequest(text, per_page=2000)
        assert_same(plain, ask(engine, request), request)
        assert units._remembered.size <= room


def test_kin_that_do_not_match_add_to_the_score_alone(tmp_path: Path) -> None:
    ranking = replace(RANKING, kinds={"exact": 1.0, "lemma": 0.3, "stem": 0.3})
    chance = random.Random(5)
    forms = ("كتاب", "الكتاب", "كتابها", "نهر", "النهر", "في")
    everything = [Article(f"{n}", body=" ".join(chance.choices(forms, k=chance.randrange(6)))) for n in range(200)]
    plain = PlainSearch(build_segments(tmp_path, [everything[:150], everything[150:]]), ranking)
    engine = engine_on(tmp_path, ranking)
    for text in ("كتاب", "كتاب نهر", "نهر -كتاب", "(كتاب نهر) أو -الكتاب", "كتاب -النهر", '"كتاب نهر" كتابها'):
        for match in MATCHES:
            whole = SearchRequest(text, match=match, per_page=300, highlight=False)
            assert_same(plain, ask(engine, whole), whole)
            expected = [score for score, _ in plain.answer(whole).hits]
            for depth in (1, 3, 20):
                best = ask(engine, SearchRequest(text, match=match, per_page=depth, highlight=False, total="bound"))
                assert [hit.score for hit in best.hits] == pytest.approx(expected[:depth], rel=1e-5)
                assert best.total <= len(expected)


def test_a_long_list_is_searched_for_few_articles_to_both_its_ends(tmp_path: Path) -> None:
    rare = {0: "أول", 700: "وسط", 1499: "آخر"}
    everything = [Article(f"{n}", "خبر" * (n % 2), f"نهر البحر {rare.get(n, '')}") for n in range(1500)]
    plain, engine = PlainSearch(build_segments(tmp_path, [everything])), engine_on(tmp_path)
    for text in ("نهر أول", "وسط نهر", "آخر بحر خبر", "بحر (أول أو آخر)", "آخر -نهر", "(آخر أو وسط) -خبر"):
        request = SearchRequest(text, match="all", per_page=100, highlight=False)
        assert_same(plain, ask(engine, request), request)
        request = SearchRequest(text, match="any", per_page=2, highlight=False, total="bound")
        expected = [score for score, _ in plain.answer(request).hits[:2]]
        assert [hit.score for hit in ask(engine, request).hits] == pytest.approx(expected, rel=1e-5)


def test_a_word_of_one_segment_is_found_among_many(tmp_path: Path) -> None:
    parts = [[Article(f"{part}", body=f"خبر {word}")] for part, word in enumerate(("بحر", "نهر", "gps", "مدينة"))]
    documents = build_segments(tmp_path, parts)
    plain, engine = PlainSearch(documents), engine_on(tmp_path)
    for text in ("خبر gps", "gps", "gps بحر", '"خبر gps"', "gp*", "خبر -gps", "title:gps", "author:gps", "gps أو نهر"):
        for match in ("all", "any"):
            request = SearchRequest(text, match=match, per_page=100)
            assert_same(plain, ask(engine, request), request)


def test_after_rebuild_add_replace_and_delete(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    everything = list(random_articles(2, 260))
    embedded.rebuild(generations, everything[:200], jobs=1, memory=32)
    engine = engine_on(tmp_path)
    for step in range(6):
        fresh = everything[200 + 10 * step : 210 + 10 * step]
        replaced = [Article(f"r{n}", "كبد كبد", f"كحش بحر{step} البحر") for n in range(step, 60, 13)]
        embedded.add(generations, [*fresh, *replaced], memory=32)
        embedded.delete(generations, [f"r{n}" for n in range(step, 200, 17)])
        documents = documents_of(engine)
        plain = PlainSearch(documents)
        assert plain.answer(SearchRequest("بحرها")).hits
        for text in ("", "كبد كحش", "كبد", '"كبد كبذ"', "كح*", "بحرها", "بحر0", "-كبد", "(كبد أو كحش) -كبذ"):
            request = SearchRequest(text, match="any", per_page=300, highlight=False)
            assert_same(plain, ask(engine, request), request)
    assert len(view_of(engine).segments) > 1


def test_after_an_error_in_the_middle_the_next_question_finds_clean_buffers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = build_segments(tmp_path, [[Article("1", "خبر"), Article("2", "خبر نهر")]])
    plain, engine = PlainSearch(documents), engine_on(tmp_path)

    def fail(*arguments: Any) -> bool:
        score, amount, marks, touched = arguments[-4:]
        score[:2], amount[:2], marks[:2], touched[0] = 7.0, 7.0, 3, 1
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(execution, "rank", fail)
        with pytest.raises(MemoryError):
            engine.search(SearchRequest("خبر"))
    for text in ("خبر", "خبر نهر", "-نهر"):
        request = SearchRequest(text, match="all", per_page=100)
        assert_same(plain, ask(engine, request), request)
