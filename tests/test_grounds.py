"""What a hit is said to have matched by."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from texts import ARABIC_TEXT

from index.article import Article
from search.engine import Engine
from search.grounds import KINDS, Ground, Grounds
from search.presentation import results_as_data
from search.request import SearchRequest
from search.results import Fragment, Hit


def hit(title: str = "", body: str = "", **fields: str) -> Hit:
    """A hit in whose texts the words between stars are marked."""
    return Hit(Article("1", **fields), 1.0, _fragments(title), _fragments(body))


def _fragments(text: str) -> tuple[Fragment, ...]:
    pieces = re.split(r"\*", text)
    ranges, at = [], 0
    for number, piece in enumerate(pieces):
        if number % 2:
            ranges.append((at, at + len(piece)))
        at += len(piece)
    return (Fragment("".join(pieces), tuple(ranges)),) if text else ()


@pytest.mark.parametrize(
    ("asked", "written", "kind"),
    [
        ("البحر", "البحر", "exact"),
        ("البَحْر", "البَحْر", "exact"),
        ("البحر", "البَحْرُ", "vowels"),
        ("البَحْر", "البحر", "vowels"),
        ("أسواق", "أســـواق", "vowels"),
        ("المدينه", "المدينة", "spelling"),
        ("إعلان", "أعلان", "spelling"),
        ("python", "Python", "spelling"),
        ("1984", "١٩٨٤", "spelling"),
        ("محمد صلى الله عليه وسلم", "ﷺ", "spelling"),
        ("مهندس*", "مهندسون", "prefix"),
        ("مدرسة", "والمدرسة", "form"),
        ("مدرسة", "مدارس", "form"),
        ('"البحر الأحمر"', "الأحمر", "exact"),
        ("title:البحر", "البحر", "exact"),
        ("-نفط البحر", "البحر", "exact"),
    ],
)
def test_how_near_a_marked_word_is_to_the_question(asked: str, written: str, kind: str) -> None:
    assert Grounds(asked).of(hit(f"في *{written}* اليوم")) == (Ground(kind, (written,), ("title",)),)


def test_the_nearest_comes_first_and_each_word_once() -> None:
    found = hit("*وبحر* من *البَحْرُ*", "*البحر* و*البَحْرُ* و*وبحر* و*بحار* و*أزرق*")
    assert Grounds("البحر أزرق").of(found) == (
        Ground("exact", ("البحر", "أزرق"), ("title", "body")),
        Ground("form", ("وبحر", "بحار"), ("title", "body")),
    )


def test_an_excluded_word_is_no_ground() -> None:
    assert Grounds("البحر -بحري").of(hit("*بحري*"))[0].kind == "form"


def test_names_that_were_asked_for() -> None:
    found = hit(author="ليلى الحدّاد", source="ليلى")
    assert Grounds("كاتب:ليلي").of(found) == (Ground("spelling", ("ليلى",), ("author",)),)
    assert Grounds("كاتب:(ليلى الحداد)").of(found) == (
        Ground("exact", ("ليلى",), ("author",)),
        Ground("vowels", ("الحدّاد",), ("author",)),
    )


def test_alternatives_are_no_forms() -> None:
    found = hit("*عبدالله* في *الحافلة* و*باصات*")
    alternatives = {"عبدالله": "compound", "باصات": "synonym"}
    assert Grounds("عبد الله حافلة", alternatives).of(found) == (
        Ground("spelling", ("عبدالله",), ("title",)),
        Ground("form", ("الحافلة",), ("title",)),
        Ground("synonym", ("باصات",), ("title",)),
    )


def test_the_engine_names_alternatives(sample_engine: Engine) -> None:
    assert sample_engine.search(SearchRequest("عبد الله")).alternatives["عبدالله"] == "compound"
    assert sample_engine.search(SearchRequest("البحر")).alternatives == {}


def test_without_marks_there_is_nothing_to_say() -> None:
    assert Grounds("").of(hit("عنوان", "متن")) == ()
    assert Grounds("؟!").of(hit("عنوان")) == ()


@given(ARABIC_TEXT, ARABIC_TEXT)
def test_any_text_is_taken(asked: str, written: str) -> None:
    (fragment,) = _fragments("س") if not written else (Fragment(written, ((0, len(written)),)),)
    grounds = Grounds(asked).of(Hit(Article("1"), 0.0, (fragment,), ()))
    assert [each.kind for each in grounds] == sorted((each.kind for each in grounds), key=KINDS.index)
    assert {word for each in grounds for word in each.words} <= {written}


def test_answers_say_why(sample_engine: Engine) -> None:
    data = results_as_data(sample_engine.search(SearchRequest("المدينه", per_page=50)))
    for each in data["hits"]:
        marked = {
            text["text"][begin:end]
            for field in each["highlights"].values()
            for text in field
            for begin, end in text["ranges"]
        }
        assert marked
        assert {word for ground in each["why"] for word in ground["words"]} <= marked
        assert each["why"]
    kinds = {ground["kind"] for each in data["hits"] for ground in each["why"]}
    assert {"spelling", "form"} <= kinds
    assert results_as_data(sample_engine.search(SearchRequest("")))["hits"][0]["why"] == []
