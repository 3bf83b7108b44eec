"""Counts, dates, reasons and marks as they are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from fake_engine import FakeEngine
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from index.article import Article
from index.settings import Settings
from search.grounds import KINDS, Ground
from search.parser import NOTES
from search.results import Fragment, Hit, Note
from web import create_app, wording
from web.marking import breaks_off, host_of, marked, opening, paragraphs, safe_link, summaries

SITE = create_app(Settings(), FakeEngine())


@pytest.fixture(autouse=True)
def arabic(app: Flask) -> Iterator[None]:
    """The words of a page are made while it is."""
    with app.test_request_context("/"):
        yield


def plain(html: str) -> str:
    return unescape(re.sub("</?bdi>", "", html))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "لا نتائج"),
        (1, "نتيجة واحدة"),
        (2, "نتيجتان"),
        (3, "3 نتائج"),
        (10, "10 نتائج"),
        (11, "11 نتيجة"),
        (99, "99 نتيجة"),
        (100, "100 نتيجة"),
        (102, "102 نتيجة"),
        (103, "103 نتائج"),
        (3120, "3,120 نتيجة"),
        (1_000_000, "1,000,000 نتيجة"),
    ],
)
def test_results_are_counted_in_arabic(count: int, text: str) -> None:
    assert plain(wording.results(count)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "لا مقالات"),
        (1, "مقال واحد"),
        (2, "مقالان"),
        (7, "7 مقالات"),
        (96, "96 مقالًا"),
        (100, "100 مقال"),
        (1005, "1,005 مقالات"),
    ],
)
def test_articles_are_counted_in_arabic(count: int, text: str) -> None:
    assert plain(wording.articles(count)) == wording.plain_articles(count) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 results"), (1, "1 result"), (3120, "3,120 results")])
def test_results_are_counted_in_english(count: int, text: str) -> None:
    with force_locale("en"):
        assert plain(wording.results(count)) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_every_count_has_words_and_names_its_number(count: int) -> None:
    with SITE.test_request_context("/"):
        for noun in (wording.results, wording.articles):
            assert (f"<bdi>{count:,}</bdi>" in noun(count)) == (count > 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2016, 5, 3), "3 أيار/مايو 2016"),
        (date(2024, 1, 31), "31 كانون الثاني/يناير 2024"),
        (date(2023, 11, 1), "1 تشرين الثاني/نوفمبر 2023"),
        (date(2026, 12, 12), "12 كانون الأول/ديسمبر 2026"),
    ],
)
def test_months_go_by_both_names(value: date, text: str) -> None:
    assert wording.day(value) == text


def test_dates_and_months_in_english() -> None:
    with force_locale("en"):
        assert wording.day(date(2016, 5, 3)) == "3 May 2016"
        assert wording.month(8) == "August"
        assert wording.number(1_234_567) == "1,234,567"


def test_every_note_is_told_in_english() -> None:
    codes = {*NOTES, "empty", "length", "widened", "too_deep"}
    with force_locale("en"):
        for code in codes:
            assert wording.note(Note(code, "نصها العربي")).isascii(), code
        assert wording.note(Note("new", "نصها العربي")) == "نصها العربي"
    assert wording.note(Note("quote", "نصها العربي")) == "نصها العربي"


@pytest.mark.parametrize(
    ("ground", "told"),
    [
        (Ground("exact", ("البحر",), ("body",)), ("نص مطابق", ())),
        (Ground("vowels", ("البحر",), ("body",)), ("بلا تشكيل", ("البحر",))),
        (Ground("vowels", ("البَحْر",), ("body",)), ("مشكولًا", ("البَحْر",))),
        (Ground("spelling", ("المدينة",), ("body",)), ("برسم آخر", ("المدينة",))),
        (Ground("prefix", ("مهندسون",), ("body",)), ("البداية نفسها", ("مهندسون",))),
        (Ground("synonym", ("باص",), ("body",)), ("مرادف", ("باص",))),
        (Ground("form", ("مدارس",), ("body",)), ("صيغة أخرى", ("مدارس",))),
        (Ground("form", tuple("أبتثجح"), ("body",)), ("صيغ أخرى", tuple("أبتث"))),
    ],
)
def test_grounds_are_told_in_a_few_words(ground: Ground, told: tuple[str, tuple[str, ...]]) -> None:
    assert wording.ground(ground) == told


def test_every_kind_of_ground_has_words() -> None:
    assert len({wording.ground(Ground(kind, ("س",), ()))[0] for kind in KINDS}) == len(KINDS)


def test_the_day_is_the_one_written() -> None:
    assert wording.day_of("2024-11-20T23:30:00-05:00") == date(2024, 11, 20)
    assert wording.day_of("") is None
    assert wording.day_of("last week") is None


def test_marks_and_latin_runs_nest() -> None:
    text = "في New York وC++ ومعهد GPSات"
    york = text.index("York")
    plus = text.index("C++")
    mixed = text.index("GPS")
    fragment = Fragment(text, ((york, york + 4), (plus, plus + 3), (mixed + 2, mixed + 5)))
    assert marked(fragment) == Markup(
        "في <bdi>New <mark>York</mark></bdi> و<mark><bdi>C++</bdi></mark> ومعهد GP<mark>Sات</mark>"
    )


_TEXT = st.text(alphabet=st.sampled_from("ابت GPSé<>&\"'+. \n\r0"), max_size=60)


@st.composite
def fragments(draw: st.DrawFn) -> Fragment:
    text = draw(_TEXT)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return Fragment(text, tuple(zip(cuts[::2], cuts[1::2], strict=False)))


@given(fragments())
def test_marking_changes_no_text_and_nests_its_tags(fragment: Fragment) -> None:
    html = str(marked(fragment))
    assert html.count("<mark>") == len(fragment.ranges)
    assert unescape(re.sub("</?(mark|bdi)>", "", html)) == fragment.text
    open_tags: list[str] = []
    for piece in html.split("<")[1:]:
        tag = piece.split(">")[0]
        if tag.startswith("/"):
            assert open_tags.pop() == tag[1:]
        else:
            open_tags.append(tag)
    assert open_tags == []


@given(fragments())
def test_paragraphs_keep_the_text_and_the_marks(fragment: Fragment) -> None:
    pieces = paragraphs(fragment)
    for piece in pieces:
        assert fragment.text[piece.start : piece.start + len(piece.text)] == piece.text
        assert piece.text.strip()
        assert "\n" not in piece.text
        for begin, end in piece.ranges:
            assert 0 <= begin < end <= len(piece.text)
    shown = {at for begin, end in fragment.ranges for at in range(begin, end)}
    kept = {piece.start + at for piece in pieces for begin, end in piece.ranges for at in range(begin, end)}
    assert kept <= shown
    assert all(not fragment.text[at].strip() for at in shown - kept)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/ب", True),
        ("http://a.example", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("ftp://a.example/x", False),
        ("//a.example/x", False),
        ("/x", False),
        ("http:", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked(url: str, safe: bool) -> None:
    assert bool(safe_link(url)) is safe


def test_hosts_are_shown_short() -> None:
    assert host_of("https://user:secret@www.a.example:8080/x") == "a.example:8080"


def test_a_hit_without_fragments_is_shown_by_its_beginning() -> None:
    hit = Hit(Article("1", body="كلمة " * 100), 0.0, (), ())
    (piece,) = summaries(hit)
    assert piece.clipped_end
    assert len(piece.text) <= 220
    assert piece.text.split() == ["كلمة"] * len(piece.text.split())
    assert opening(Hit(Article("1", body="قصير"), 0.0, (), ())) == (Fragment("قصير", ()),)
    chosen = (Fragment("ما اختاره المحرّك", ()),)
    assert opening(Hit(Article("1", title="ع"), 0.0, (), chosen)) == chosen
    assert summaries(Hit(Article("1", body="كلمة " * 100), 0.0, (), chosen)) == chosen
    assert opening(Hit(Article("1", body=" " * 500), 0.0, (), chosen)) == chosen


def test_vowel_signs_do_not_shorten_a_beginning() -> None:
    plain, vocalised = "كتب " * 50, "كَتَبَ " * 50
    (short,), (long,) = (opening(Hit(Article("1", body=text), 0.0, (), ()), 30) for text in (plain, vocalised))
    assert short.text == " ".join(["كتب"] * 7)
    assert long.text == " ".join(["كَتَبَ"] * 7)
    (unbroken,) = opening(Hit(Article("1", body="ه" * 50), 0.0, (), ()), 30)
    assert unbroken.text == "ه" * 30


@pytest.mark.parametrize(
    ("text", "clipped", "broken"),
    [
        ("وقال إن الوزير", True, True),
        ("وقال إن الوزير وصل.", True, False),
        ("«هل وصل؟»", True, False),
        ('قال: "وصل".', True, False),
        ("وصل...", True, False),
        ("وقال إن الوزير", False, False),
    ],
)
def test_only_sentences_broken_off_are_shown_so(text: str, clipped: bool, broken: bool) -> None:
    assert breaks_off(Fragment(text, (), clipped_end=clipped)) is broken
