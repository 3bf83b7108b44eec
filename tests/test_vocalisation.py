"""A query word with harakat prefers articles whose own agree; nothing is lost and nothing is found by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import ask, build_segments, engine_on, indexed, view_of

from benchmarks.vocalisation import measure, questions
from index.article import Article
from search import resolution
from search.embedded import EmbeddedEngine
from search.ranking import RANKING
from search.request import Match, SearchRequest
from search.results import SearchResults

BARE = re.compile("[\u064b-\u0652]")

# In each: a question, what agrees with it, what says nothing, and what disagrees.
PAIRS = [
    ("عِلْم", "عِلْمٌ", "علم", "عَلَمٌ"),
    ("عِلم", "عِلْم", "علـم", "عَلَم"),
    ("عَلَم", "عَلَمُ", "علم", "عِلْمُ"),
    ("عِلْم", "العِلْمُ", "العلم", "العَلَمُ"),
    ("العِلْم", "عِلْمٌ", "علم", "عَلَمٌ"),
    ("عُمان", "عُمان", "عمان", "عَمّان"),
    ("عمَّان", "عَمَّان", "عمان", "عُمَان"),
    ("مَلِك", "الملِكُ", "الملك", "المَلَكُ"),
    ("كُتُب", "كتُب", "كتب", "كَتَبَ"),
    ("مُدرِّسة", "المُدَرِّسة", "المدرسة", "المَدْرَسة"),
    ("قرَّر", "قَرّر", "قرر", "قَرَر"),
]


def search(engine: EmbeddedEngine, text: str, match: Match = "all", per_page: int = 100) -> SearchResults:
    return ask(engine, SearchRequest(text, match=match, per_page=per_page, highlight=False, explain=True))


@pytest.mark.parametrize(("question", "agreeing", "silent", "disagreeing"), PAIRS)
@pytest.mark.parametrize("field", ["title", "body"])
def test_agreeing_before_silent_before_disagreeing(
    question: str, agreeing: str, silent: str, disagreeing: str, field: str
) -> None:
    def article(name: str, word: str) -> Article:
        return replace(Article(name), **{field: f"في {word} بلدي"})

    parts = [[article("3", disagreeing), article("2", silent)], [article("1", agreeing), article("0", "بحر")]]
    with indexed(parts, added=1) as (engine, documents):
        for text in (question, f"{question} بلدي", f"بلدي ({question} أو نهر)"):
            for match in ("all", "any"):
                results = search(engine, text, match)
                assert [hit.article.id for hit in results.hits][:3] == ["1", "2", "3"]
                bare = search(engine, BARE.sub("", text), match)
                assert results.total == bare.total
                assert_same(PlainSearch(documents), results, SearchRequest(text, match=match))
        assert [hit.article.id for hit in search(engine, f"بلدي -{question}").hits] == ["0"]


def test_harakat_of_other_fields_say_nothing() -> None:
    articles = [Article("1", "عَلَم", "عَلَم", author="عِلْم"), Article("2", "عِلْم", "عَلَم", author="عَلَم")]
    with indexed([articles]) as (engine, _):
        assert [hit.article.id for hit in search(engine, "title:عِلْم").hits] == ["2", "1"]
        scores = {hit.score for hit in search(engine, "author:عِلْم").hits}
        assert len(scores) == 1


def test_forms_with_vowels_of_their_own_say_nothing() -> None:
    """The present tense of كَتَبَ has other vowels and is no other word."""
    articles = [Article("1", body="كَتَبَ"), Article("2", body="يَكْتُبُ كتاب"), Article("3", body="يكتب كتاب")]
    with indexed([articles]) as (engine, _):
        scores = {hit.article.id: hit.score for hit in search(engine, "كَتَبَ").hits}
        assert scores["1"] > scores["2"] == scores["3"] > 0


def test_where_nothing_is_vocalised_scores_stay() -> None:
    articles = [Article("1", "علم", "علم العلم"), Article("2", "", "علم كتابٌ"), Article("3", "العلم جدًا", "نهر")]
    with indexed([articles]) as (engine, _):
        plain = [(hit.article.id, hit.score) for hit in search(engine, "علم نهر", "any").hits]
        assert [(hit.article.id, hit.score) for hit in search(engine, "عِلْم نَهْر", "any").hits] == plain


def test_reasons_say_what_agreed_and_add_up() -> None:
    body = "عِلْم عَلَم علم العِلْمُ العِلمِ العَلَم"
    with indexed([[Article("1", "عِلم", body), Article("2", body="علم عُلِم")]]) as (engine, _):
        for hit in search(engine, "عِلْم").hits:
            assert sum(reason.score for reason in hit.reasons) == pytest.approx(hit.score, rel=1e-5)
        reason = search(engine, "عِلْم").hits[0].reasons[0]
        told = {(each.form, each.field, each.vocalisation): (each.frequency, each.weight) for each in reason.evidence}
        agree, disagree = 1 + RANKING.vocalised_agree, pytest.approx(1 - RANKING.vocalised_disagree)
        assert told == {
            ("علم", "title", "agrees"): (1, agree),
            ("علم", "body", "agrees"): (1, agree),
            ("علم", "body", "disagrees"): (1, disagree),
            ("علم", "body", ""): (1, 1.0),
            ("العلم", "body", "agrees"): (2, agree),
            ("العلم", "body", "disagrees"): (1, disagree),
        }


def test_frequencies_beyond_a_byte() -> None:
    """Each part is counted exactly before it is capped."""
    bodies = [
        "عِلْم " * 300,
        "عِلْم " * 300 + "علم",
        "عَلَم " * 300 + "علم " * 300 + "عُلِم " * 200,
        "علم " * 600,
        "عَلَم " * 254,
    ]
    with indexed([[Article(f"{n}", body=body) for n, body in enumerate(bodies)]]) as (engine, documents):
        request = SearchRequest("عِلْم", per_page=100, highlight=False)
        assert_same(PlainSearch(documents), ask(engine, request), request)


def test_lighter_forms_and_bounded_totals(tmp_path: Path) -> None:
    ranking = replace(RANKING, kinds={"exact": 1.0, "stem": 0.3})
    words = ("عِلْم", "العَلَم", "علم", "العِلم", "عَلَمه", "نهر")
    everything = [
        Article(f"{n}", body=" ".join(words[(n * k) % 6] for k in range(1, 1 + n % 5)) + " بلد" * (n % 7))
        for n in range(120)
    ]
    plain = PlainSearch(build_segments(tmp_path, [everything[:70], everything[70:]]), ranking)
    engine = engine_on(tmp_path, ranking)
    for text in ("عِلْم", "عِلْم نهر", "نهر -عِلم", "(عِلم نهر) أو العَلَم"):
        for match in ("all", "any"):
            whole = SearchRequest(text, match=match, per_page=200, highlight=False)
            assert_same(plain, ask(engine, whole), whole)
            expected = [score for score, _ in plain.answer(whole).hits]
            best = ask(engine, replace(whole, per_page=3, total="bound"))
            assert [hit.score for hit in best.hits] == pytest.approx(expected[:3], rel=1e-5)


MARKED = st.sampled_from(
    ("عِلْم", "عَلَم", "علم", "العِلْمُ", "العَلَمِ", "عِلْمِهِ", "بعَلَمِها", "عُلِمَ", "كُتُب", "كَتَبَ", "كتب", "الكُتُب", "نهر", "في")
)
texts = st.lists(MARKED, max_size=10).map(" ".join)
articles = st.builds(Article, id=st.just(""), title=texts, body=texts)
parts_of_articles = st.lists(st.lists(articles, min_size=1, max_size=6), min_size=1, max_size=3)
queries = st.lists(st.tuples(st.sampled_from(("", "", "-", "title:", "أو ")), MARKED), min_size=1, max_size=4).map(
    lambda some: " ".join(map("".join, some))
)


def numbered(parts: Sequence[Sequence[Article]]) -> list[list[Article]]:
    return [[replace(each, id=f"{i}.{n}") for n, each in enumerate(part)] for i, part in enumerate(parts)]


@given(parts_of_articles, st.lists(st.tuples(queries, st.sampled_from(("all", "any"))), min_size=1, max_size=5))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_answers_are_those_of_plain_loops_and_harakat_decide_nothing(
    parts: list[list[Article]], asked: list[tuple[str, Match]]
) -> None:
    with indexed(numbered(parts), {"0.0"}) as (engine, documents):
        plain = PlainSearch(documents)
        for text, match in asked:
            request = SearchRequest(text, match=match, per_page=100, highlight=False)
            results = ask(engine, request)
            assert_same(plain, results, request)
            bare = ask(engine, replace(request, text=BARE.sub("", text)))
            assert results.total == bare.total
            assert {hit.article.id for hit in results.hits} == {hit.article.id for hit in bare.hits}


def test_lists_are_remembered_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolution, "_REMEMBERED", 40_000)  # a few units
    articles = [Article("1", body="عِلْم كُتُب"), Article("2", body="عَلَم كَتَبَ")]
    with indexed([articles]) as (engine, _):
        units = view_of(engine).units
        for text in ("عِلْم", "كُتُب", "عِلْم كُتُب", "عِلْم"):
            assert search(engine, text).hits[0].article.id == "1"
            assert 0 < units._remembered.size <= 40_000


@pytest.mark.parametrize("value", [-0.1, 1.0, 2.0])
def test_an_article_cannot_lose_its_word(value: float) -> None:
    with pytest.raises(ValueError, match="vocalised_disagree"):
        replace(RANKING, vocalised_disagree=value)


def test_classical_text(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "text" / "vocalised-tashkeela.txt").read_text("utf-8").splitlines()[:700]
    build_segments(tmp_path, [[Article(f"{n}", body=line) for n, line in enumerate(lines)]])
    engine = engine_on(tmp_path)
    asked = questions(lines)
    assert len(asked) > 60
    without, with_harakat = (
        measure(engine, [(each.bare, each.right) for each in asked]),
        measure(engine, [(each.written, each.right) for each in asked]),
    )
    assert without.precision < 0.8
    assert with_harakat.precision > 0.9
    assert with_harakat.reciprocal_rank > without.reciprocal_rank + 0.1
