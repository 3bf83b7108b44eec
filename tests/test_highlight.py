"""Marks and fragments."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index.arabic import tokenize
from search.fragments import FRAGMENT_LENGTH, FRAGMENTS
from search.highlight import Marker
from search.parser import parse
from search.query import Word
from search.results import Fragment


def marked(query: str, text: str, field: str = "body") -> list[str]:
    return [text[begin:end] for begin, end in Marker(parse(query)).ranges(field, text)]


@pytest.mark.parametrize(
    ("query", "text", "marks"),
    [
        ("اجتماع", "الإجتماعُ واجتماعاً مجتمع", ["الإجتماعُ", "واجتماعاً"]),
        ("محمد", "قال مُحَـمَّدٌ، لمحمدٍ", ["مُحَـمَّدٌ"]),
        ('"كأس العالم"', "كأس العالم وكأس العرب والعالم", ["كأس", "العالم"]),
        ("كت*", "كتاب وكتب اكتب كتيب", ["كتاب", "كتيب"]),
        ("قمة -مناخ", "قمة المناخ", ["قمة"]),
        ("ما هي القمة", "هي القمة ما", ["القمة"]),
        ("title:قمة نهر", "قمة عند نهر", ["نهر"]),
        ("قمة", "الـ«قمة» #قمة_المناخ (قمة)", ["قمة", "قمة", "قمة"]),
        ("الله", "محمد رسول الله ﷺ", ["الله", "ﷺ"]),
        ("iphone", "هاتف iPhone‏ جديد", ["iPhone"]),
        ("1234.5", "بلغ ١٬٢٣٤٫٥ دولارًا", ["١٬٢٣٤٫٥"]),
        ("في", "في البيت", ["في"]),
    ],
)
def test_marks_cover_whole_words_of_the_original(query: str, text: str, marks: list[str]) -> None:
    assert marked(query, text) == marks


def test_a_word_is_marked_where_its_recognizer_says_so() -> None:
    text = "قمم وقمة والقِمَّة، وقمتان"
    asked: list[str] = []

    def forms(word: Word) -> frozenset[str]:
        asked.append(word.text)
        return frozenset({"قمم", "القمه", "والقمه"})

    marker = Marker(parse("قمة"), recognize=forms)
    for _ in range(2):
        assert [text[a:b] for a, b in marker.ranges("body", text)] == ["قمم", "والقِمَّة"]
    assert asked == ["قمه"]
    tested = Marker(parse("قمة"), recognize=lambda _: str.isascii)
    assert tested.ranges("body", "قمة summit 1") == ((4, 10), (11, 12))


def test_a_field_is_marked_only_by_what_was_asked_of_it() -> None:
    assert marked("title:قمة", "قمة", "title") == ["قمة"]
    assert marked("title:قمة", "قمة", "body") == []


def test_html_is_escaped() -> None:
    fragment = Fragment('<b>"قمة"&', ((4, 7),))
    assert re.sub(r"</?mark>", "", fragment.html()) == "&lt;b&gt;&quot;قمة&quot;&amp;"
    assert "<mark>" in fragment.html()


SENTENCES = [f"هذه جملة رقم {number} وفيها كلام عن أمور شتى لا تهم القارئ." for number in range(60)]


def test_the_best_fragment_comes_first_and_begins_at_its_sentence() -> None:
    sentences = [*SENTENCES]
    sentences[10] = "هنا ذكر القمة وحدها في سياق قصير."
    sentences[40] = "اجتمعت القمة حول المناخ في العاصمة أمس."
    fragments = Marker(parse("قمة المناخ")).fragments("body", " ".join(sentences))
    assert fragments[0].text.startswith("اجتمعت القمة حول المناخ")
    assert len(fragments) == 1
    assert fragments[0].clipped_start
    assert fragments[0].clipped_end


def test_further_fragments_show_what_the_first_does_not() -> None:
    sentences = [*SENTENCES]
    sentences[10] = "هنا ذكر القمة وحدها في سياق قصير."
    sentences[40] = "المناخ يتغير كل عام."
    fragments = Marker(parse("قمة المناخ")).fragments("body", " ".join(sentences))
    assert len(fragments) == 2
    shown = {fragment.text[begin:end] for fragment in fragments for begin, end in fragment.ranges}
    assert shown == {"القمة", "المناخ"}


def test_what_a_paragraph_cuts_off_is_shown_by_another_fragment() -> None:
    text = (
        "ذكرت الطاقة وحدها هنا.\nثم جاءت فقرة أخرى: الشمسية تعمل اليوم.\n"
        + "حشو. " * 60
        + "\nتعمل بالطاقة الشمسيه منذ عام."
    )
    fragments = Marker(parse("الطاقة الشمسية")).fragments("body", text)
    assert fragments[0].text == "تعمل بالطاقة الشمسيه منذ عام."
    shown = {word for fragment in fragments for word in fragment.text.split()}
    assert {"بالطاقة", "الشمسيه"} <= shown


def test_a_book_is_looked_at_only_at_its_beginning() -> None:
    text = "بداية الكتاب. " + "حشو " * 100_000 + "قمة"
    (fragment,) = Marker(parse("قمة")).fragments("body", text)
    assert fragment.text.startswith("بداية الكتاب.")
    (fragment,) = Marker(parse("حشو")).fragments("body", text)
    assert fragment.ranges


def test_without_a_match_the_beginning_is_shown() -> None:
    text = "  مقدمة النص. " + " ".join(SENTENCES)
    (fragment,) = Marker(parse("قمة")).fragments("body", text)
    assert fragment.text.startswith("مقدمة النص.")
    assert fragment.ranges == ()
    assert not fragment.clipped_start
    assert fragment.clipped_end


QUERIES = st.sampled_from(["قمة", "ا*", '"هذه جملة"', "a أو 1", "في", "هه* جملة -قمة", "ة ى ي", "ﷺ"])
LONG_TEXT = st.lists(ARABIC_TEXT | st.sampled_from(["قمة ", "هذه جملة. ", "\n", "الله ", "x" * 300])).map("".join)


@given(QUERIES, LONG_TEXT)
def test_fragments_are_verbatim_pieces_with_whole_words_marked(query: str, text: str) -> None:
    spans = {(token.start, token.end) for token in tokenize(text)}
    fragments = Marker(parse(query)).fragments("body", text)
    assert len(fragments) <= FRAGMENTS
    assert bool(fragments) == bool(spans)
    for fragment in fragments:
        end = fragment.start + len(fragment.text)
        assert text[fragment.start : end] == fragment.text
        assert "\n" not in fragment.text.strip()
        for word_start, word_end in spans:
            inside = word_end > fragment.start and word_start < end
            assert not inside or (word_start >= fragment.start and word_end <= end)
        for first, last in fragment.ranges:
            assert (fragment.start + first, fragment.start + last) in spans
        longest = max((b - a for a, b in spans), default=0)
        assert len(fragment.text) <= FRAGMENT_LENGTH + max(longest, len(max(text.split(), key=len, default="")))
        assert re.sub("<mark>|</mark>", "", fragment.html()) == Fragment(fragment.text, ()).html()
    ranges = [(f.start, f.start + len(f.text)) for f in fragments]
    assert all(a[1] <= b[0] or b[1] <= a[0] for i, a in enumerate(ranges) for b in ranges[i + 1 :])
