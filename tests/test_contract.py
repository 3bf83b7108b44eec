"""What every engine answers: spellings, order, pages, filters, limits; the same questions to each."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from contract import Place
from hypothesis import HealthCheck, given, settings
from texts import ARABIC_TEXT

from index.article import Article
from search.engine import Engine
from search.request import MAX_QUERY_LENGTH, Filters, SearchRequest
from search.results import SearchResults


def ids(results: SearchResults) -> list[str]:
    return [hit.article.id for hit in results.hits]


SPELLINGS = [
    ("إعلان", "اعلان", "أعلان", "إِعْلَانٌ", "اعـــلان", "\u200fإعلان\u200f"),
    ("مسؤول", "مسوول", "مَسْؤُولٌ"),
    ("المدينة", "المدينه", "الـمـديـنـة", "ٱلمدينة"),
    ("على", "علي", "علی"),
    ("كرة", "کرة", "كره", "ﻛﺮﺓ"),
    ("2024", "٢٠٢٤", "۲۰۲۴"),
    ("آثار", "أثار", "اثار", "ءاثار"),
    ('"كأس العالم"', '"كاس العالم"', "«كأسُ العالَم»"),
    ("1,234.5", "١٬٢٣٤٫٥", "1234.5"),
    ("GPS", "gps", "Gps"),
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings[0])
def test_every_spelling_finds_the_same(each_engine: Engine, spellings: tuple[str, ...]) -> None:
    first, *others = (each_engine.search(SearchRequest(text, per_page=100)) for text in spellings)
    for other in others:
        assert ids(other) == ids(first)
        assert other.total == first.total


def test_a_text_is_found_by_every_spelling_of_it(here: Place) -> None:
    texts = [text for group in SPELLINGS for text in group]
    engine = here.holding(*(Article(str(number), body=text) for number, text in enumerate(texts)))
    for group in SPELLINGS:
        wanted = {str(texts.index(text)) for text in group}
        for text in group:
            assert wanted <= set(ids(engine.search(SearchRequest(text, per_page=100))))


def test_phrases_take_no_other_forms_and_words_do(here: Place) -> None:
    engine = here.holding(
        Article("forms", body="اجتماعات للدولة"),
        Article("order", body="الدولة في اجتماع"),
        Article("exact", body="عُقد اجتماع الدولة أمس"),
        Article("apart", title="اجتماع", body="الدولة"),
    )
    assert set(ids(engine.search(SearchRequest('"اجتماع الدولة"')))) == {"exact"}
    assert set(ids(engine.search(SearchRequest("اجتماع الدولة")))) == {"forms", "order", "exact", "apart"}
    assert set(ids(engine.search(SearchRequest("اجتماعا")))) == {"forms", "order", "exact", "apart"}


def test_a_phrase_may_repeat_a_word_and_hold_stop_words(here: Place) -> None:
    engine = here.holding(
        Article("yes", body="قال يدا بيد يدا بيد ومضى"),
        Article("no", body="يدا بيد ومضى ثم يدا بيد"),
        Article("stop", body="ما بين النهرين"),
        Article("other", body="النهرين ما بين"),
    )
    assert ids(engine.search(SearchRequest('"يدا بيد يدا بيد"'))) == ["yes"]
    assert ids(engine.search(SearchRequest('"ما بين النهرين"'))) == ["stop"]
    assert ids(engine.search(SearchRequest('"بيد يدا يدا"'))) == []


def test_the_exact_spelling_and_the_title_come_first(here: Place) -> None:
    filler = " ".join(f"كلمة{number}" for number in range(40))
    engine = here.holding(
        Article("form", title="خبر", body=f"{filler} مكتبات {filler}"),
        Article("exact", title="خبر", body=f"{filler} مكتبة {filler}"),
        Article("title", title="مكتبة", body=f"{filler} {filler}"),
        *(Article(f"other-{number}", title="خبر", body=filler) for number in range(20)),
    )
    assert ids(engine.search(SearchRequest("مكتبة"))) == ["title", "exact", "form"]


def test_auto_widens_only_where_fewer_than_a_page_have_all(here: Place) -> None:
    engine = here.holding(Article("a", body="قمة المناخ"), Article("b", body="قمة"), Article("c", body="نهر"))
    assert ids(engine.search(SearchRequest("قمة مناخ", per_page=1))) == ["a"]
    followed = engine.search(SearchRequest("قمة مناخ"))
    assert (ids(followed), followed.match, followed.total) == (["a", "b"], "any", 2)
    widened = engine.search(SearchRequest("قمة نهر"))
    assert widened.match == "any"
    assert set(ids(widened)) == {"a", "b", "c"}
    assert [note.code for note in widened.notes] == ["widened"]
    strict = engine.search(SearchRequest("قمة نهر", match="all"))
    assert (strict.total, strict.match, strict.notes) == (0, "all", ())
    assert engine.search(SearchRequest("زقزوق نهروان")).match == "all"


DATED = [
    Article("new", body="خبر", published="2024-05-03T23:30:00-05:00"),
    Article("mid", body="خبر", published="2024-05-03"),
    Article("old", body="خبر", published="1999-12-31"),
    Article("none", body="خبر"),
]


def test_order_by_date_puts_the_undated_last(here: Place) -> None:
    engine = here.holding(*DATED)
    assert ids(engine.search(SearchRequest("خبر", sort="newest"))) == ["new", "mid", "old", "none"]
    assert ids(engine.search(SearchRequest("خبر", sort="oldest"))) == ["old", "mid", "new", "none"]
    assert ids(engine.search(SearchRequest(""))) == ["new", "mid", "old", "none"]


def test_date_filters_go_by_the_day_as_written_and_are_inclusive(here: Place) -> None:
    engine = here.holding(*DATED)

    def between(first: date | None, last: date | None) -> set[str]:
        filters = Filters(published_from=first, published_to=last)
        return set(ids(engine.search(SearchRequest("", filters))))

    day = date(2024, 5, 3)
    assert between(day, day) == {"new", "mid"}
    assert between(None, date(2024, 5, 2)) == {"old"}
    assert between(date(2024, 5, 4), None) == set()


def test_pages_cut_the_whole_order_and_end(each_engine: Engine) -> None:
    for sort in ("relevance", "newest", "oldest"):
        whole = ids(each_engine.search(SearchRequest("مدينة", sort=sort, per_page=100)))
        pages = [
            ids(each_engine.search(SearchRequest("مدينة", sort=sort, per_page=7, page=page))) for page in range(1, 20)
        ]
        assert [each for page in pages for each in page] == whole
        assert pages[-1] == []


def test_scores_fall_and_are_zero_where_not_asked_for(each_engine: Engine) -> None:
    scores = [hit.score for hit in each_engine.search(SearchRequest("مدينة", per_page=50)).hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0
    assert {hit.score for hit in each_engine.search(SearchRequest("مدينة", sort="newest")).hits} == {0.0}


def test_filters_take_any_of_the_values_of_one_field_and_all_fields(here: Place) -> None:
    engine = here.holding(
        Article("1", body="خبر", source="أ", author="س"),
        Article("2", body="خبر", source="ب", author="س"),
        Article("3", body="خبر", source="ج", author="ص"),
    )

    def found(**filters: Any) -> set[str]:
        return set(ids(engine.search(SearchRequest("خبر", Filters(**filters)))))

    assert found(source=("أ", "ج")) == {"1", "3"}
    assert found(source=("أ", "ج"), author=("س",)) == {"1"}
    assert found(source=("لا أحد",)) == set()


def test_a_long_query_is_cut_with_a_note(each_engine: Engine) -> None:
    exact = "م" * (MAX_QUERY_LENGTH - 7) + " مدينة "
    assert len(exact) == MAX_QUERY_LENGTH
    assert "length" not in {note.code for note in each_engine.search(SearchRequest(exact)).notes}
    longer = each_engine.search(SearchRequest("مدينة " * 200))
    assert "length" in {note.code for note in longer.notes}
    assert longer.total > 0


@pytest.mark.parametrize(
    "text",
    [("(" * 512), ("-" * 512), ("NOT " * 128), ("؟" * 512), ("*" * 512), ('"' * 511), ("ال* " * 128), ("-(ا" * 170),
     ("a أو " * 102), ("\x00" * 512), ("\ud800" * 512), ("ﷺ" * 512), ('"في من على" ' * 42), ("title:" * 85)],
    ids=lambda text: ascii(text[:8]),
)  # fmt: skip
def test_odd_queries_at_full_length_are_answered(each_engine: Engine, text: str) -> None:
    for cut in (text, text.ljust(MAX_QUERY_LENGTH, "ا")):
        assert len(cut) <= MAX_QUERY_LENGTH
        assert each_engine.search(SearchRequest(cut)).total >= 0
        assert each_engine.article("science-01", cut) is not None


@given(ARABIC_TEXT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_any_text_is_answered(each_engine: Engine, text: str) -> None:
    results = each_engine.search(SearchRequest(text))
    assert results.total >= len(results.hits)


@pytest.mark.parametrize("query", ["مدينة بحر", "مد* -بحر", '"كرة القدم" أو مدينة', "-مدينة"])
def test_out_of_time_lists_only_what_matches_and_says_so(sampled: Place, each_engine: Engine, query: str) -> None:
    partial = sampled.open(time_budget=1e-9).search(SearchRequest(query, match="all", per_page=100))
    assert partial.partial
    assert partial.total_relation == "gte"
    assert "partial" in {note.code for note in partial.notes}
    whole = each_engine.search(SearchRequest(query, match="all", per_page=100))
    assert set(ids(partial)) <= set(ids(whole))


@pytest.mark.parametrize("text", ["؟!،", "🙂", "***"])
def test_a_query_without_words_says_so(each_engine: Engine, text: str) -> None:
    results = each_engine.search(SearchRequest(text))
    assert "empty" in {note.code for note in results.notes}
    assert results.total == each_engine.search(SearchRequest("")).total


def test_a_prefix_of_thousands_of_words_stands_for_all_of_them(here: Place) -> None:
    body = " ".join(f"كلم{number}" for number in range(3000))
    engine = here.holding(Article("1", body=body), Article("2", body="كلم2999 نهر"), Article("3", body="كل"))
    results = engine.search(SearchRequest("كلم*"))
    assert (results.total, results.notes) == (2, ())
    assert set(ids(results)) == {"1", "2"}


def test_deleted_and_replaced_articles_are_gone_from_every_answer(here: Place) -> None:
    articles = [Article(str(number), body=f"خبر مهم كلمة{number}", source=f"م{number % 3}") for number in range(300)]
    engine = here.holding(*articles)
    here.delete("3", "4")
    here.add(Article("5", body="نهر", source="م0"), Article("new", body="خبر مهم جديد", source="م1"))
    totals = {"خبر": 298, '"خبر مهم"': 298, "كلم*": 297, "كلمة3": 0, "كلمة5": 0, "نهر": 1, "-خبر": 1, "": 299}
    for query, total in totals.items():
        results = engine.search(SearchRequest(query, match="all"))
        assert results.total == total, query
        assert sum(value.count for value in results.facets["source"]) == total
    assert engine.article("3") is None
    assert {hit.article.body for hit in engine.search(SearchRequest("نهر")).hits} == {"نهر"}
    assert engine.extent().articles == 299
