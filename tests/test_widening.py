"""``match=auto``: articles with all words first, those with some behind them, over pages as in one list."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import ask, build_segments, engine_on

from index.article import Article
from search.embedded import EmbeddedEngine
from search.parser import parse
from search.request import Filters, SearchRequest
from search.results import SearchResults
from search.widening import widened, widening_note

WORDS = ("مدينة", "بحر", "نهر", "جبل", "سفينة", "قلعة", "في", "قطار")
DATES = ("", "1999-12-31", "2024-05-03", "2024-05-04")


def some_articles() -> list[Article]:
    chance = random.Random(4)
    return [
        Article(
            f"{number}",
            " ".join(chance.choices(WORDS, k=chance.randrange(3))),
            " ".join(chance.choices(WORDS, weights=(9, 6, 4, 3, 2, 1, 8, 0), k=chance.randrange(1, 5))),
            category=chance.choice(("", "أ", "ب")),
            published=chance.choice(DATES),
        )
        for number in range(60)
    ]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedEngine, PlainSearch]:
    directory = tmp_path_factory.mktemp("widening")
    articles = some_articles()
    documents = build_segments(directory, [articles[:25], articles[25:]], deleted={"3", "40"})
    return engine_on(directory), PlainSearch(documents)


def ids(results: SearchResults) -> list[str]:
    return [hit.article.id for hit in results.hits]


plain_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
questions = st.one_of(
    plain_words,
    st.builds(
        "{} {}".format,
        plain_words,
        st.sampled_from(['"في بحر"', "-نهر", "title:مدينة", "(بحر نهر)", "جبل أو قلعة", "سف*", '"بحر" -"نهر جبل"']),
    ),
)
requests = st.builds(
    SearchRequest,
    text=questions,
    filters=st.sampled_from((Filters(), Filters(), Filters(category=("أ",)))),
    sort=st.sampled_from(("relevance", "newest", "oldest")),
    per_page=st.integers(1, 12),
    total=st.sampled_from(("exact", "exact", "bound")),
    highlight=st.just(False),
)


@given(requests)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_hold_each_hit_once_and_those_with_all_words_first(
    searched: tuple[EmbeddedEngine, PlainSearch], request: SearchRequest
) -> None:
    engine, plain = searched
    first = engine.search(request)
    pages = [engine.search(replace(request, page=page)) for page in range(1, 60 // request.per_page + 3)]
    listed = [name for page in pages for name in ids(page)]
    assert len(listed) == len(set(listed))
    strict = ids(engine.search(replace(request, match="all", per_page=100)))
    assert {page.match for page in pages} == {first.match}
    assert len({tuple(page.notes) for page in pages}) == 1
    if request.total == "exact":
        assert {page.total for page in pages} == {len(listed)}
        assert all(page.facets == first.facets for page in pages)
        assert sum(value.count for value in first.facets["category"]) <= first.total
    if first.match == "all":
        assert listed == strict
        return
    assert len(strict) < request.per_page
    assert listed[: len(strict)] == strict
    assert len(listed) > len(strict)
    expected = plain.answer(request)
    numbers = {document.article.id: n for n, document in enumerate(plain.documents)}
    assert {numbers[name] for name in listed} == {number for _, number in expected.hits}
    if set(request.text.split()) <= set(WORDS):
        union = engine.search(replace(request, match="any", per_page=100, page=1))
        assert set(listed) == set(ids(union))


@given(requests.map(lambda request: replace(request, per_page=100, total="exact")))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_are_those_of_plain_loops(searched: tuple[EmbeddedEngine, PlainSearch], request: SearchRequest) -> None:
    engine, plain = searched
    assert_same(plain, ask(engine, request), request)


def test_it_is_widened_where_fewer_than_a_page_have_all(searched: tuple[EmbeddedEngine, PlainSearch]) -> None:
    engine, _ = searched
    total = engine.search(SearchRequest("مدينة بحر", match="all")).total
    assert total > 3
    assert engine.search(SearchRequest("مدينة بحر", per_page=total)).match == "all"
    wide = engine.search(SearchRequest("مدينة بحر", per_page=total + 1))
    assert (wide.match, [note.code for note in wide.notes]) == ("any", ["widened"])
    assert str(total) in wide.notes[0].text
    assert engine.search(SearchRequest("مدينة بحر", per_page=total + 1, match="all")).notes == ()
    nothing_more = engine.search(SearchRequest("زقزوق زقزوقستان"))
    assert (nothing_more.match, nothing_more.total, nothing_more.notes) == ("all", 0, ())


def test_what_the_reader_marked_stays_binding(tmp_path: Path) -> None:
    build_segments(
        tmp_path,
        [
            [
                Article("both", "قمة المناخ", "اجتماع في دبي"),
                Article("phrase", "قمة المناخ", "اجتماع في باريس"),
                Article("apart", "المناخ", "قمة جبل في دبي"),
                Article("city", "دبي", "برج", author="سالم"),
            ]
        ],
    )
    engine = engine_on(tmp_path)

    def found(text: str) -> list[str]:
        return ids(engine.search(SearchRequest(text)))

    assert found('"قمة المناخ" دبي') == ["both", "phrase"]
    assert sorted(found("قمة المناخ دبي")) == ["apart", "both", "city", "phrase"]
    assert sorted(found("قمة المناخ دبي -باريس")) == ["apart", "both", "city"]
    assert found("كاتب:سالم قمة") == ["city"]
    assert found("(باريس أو برج) قمة") == ["phrase", "city"]
    assert found('"قمة المناخ" "برج"') == []
    assert found("دبي زقزوق") == found("دبي")


@pytest.mark.parametrize(
    ("text", "binding"),
    [
        ("قمة", None),
        ("قمة في", None),  # a stop word decides nothing
        ("قمة مناخ", 0),
        ("قمة منا*", 0),
        ('"قمة"', None),
        ('"قمة" مناخ', 1),
        ('"قمة" "مناخ"', None),
        ("title:قمة مناخ -بحر", 2),
        ("(قمة مناخ)", None),
        ("قمة أو مناخ", None),
        ("-قمة", None),
        ("", None),
    ],
)
def test_plain_words_become_optional(text: str, binding: int | None) -> None:
    found = widened(parse(text).root)
    assert (None if found is None else len(found.clauses)) == binding


def test_notes_count_in_arabic() -> None:
    beginnings = {
        0: "لا مقال يجمع", 1: "مقال واحد يجمع", 2: "مقالان يجمعان", 3: "3 مقالات تجمع", 10: "10 مقالات تجمع",
        11: "11 مقالًا تجمع", 99: "99 مقالًا تجمع",
    }  # fmt: skip
    for count, text in beginnings.items():
        assert widening_note(count).text.startswith(text)


def test_the_second_run_is_made_only_where_it_is_needed(
    searched: tuple[EmbeddedEngine, PlainSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    run = __import__("search.execution").execution.Execution.run

    def counted(self: object, match: str, *given: object, **named: object) -> object:
        runs.append(match)
        return run(self, match, *given, **named)

    monkeypatch.setattr("search.execution.Execution.run", counted)
    engine, _ = searched
    engine.search(SearchRequest("مدينة بحر", per_page=2))
    engine.search(SearchRequest("مدينة", per_page=100))
    engine.search(SearchRequest('"مدينة"', per_page=100))
    assert runs == ["all"] * 3
    engine.search(SearchRequest("مدينة بحر", per_page=100))
    assert runs == ["all"] * 4 + ["any"]
