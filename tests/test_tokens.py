"""Words and where they stand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index.arabic import Token, fold, tokenize, words
from index.arabic.letters import MULTIWORD
from index.arabic.tokens import MAX_TOKEN_LENGTH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كَتَبَ الوَلَدُ", ["كتب", "الولد"]),
        ("سؤال؟ جواب!", ["سوال", "جواب"]),
        ("أهلًا، «مرحبا»؛ نعم…", ["اهلا", "مرحبا", "نعم"]),
        ("#عاصي_الحلاني", ["عاصي", "الحلاني"]),
        ("COVID-19 وiPhone15", ["covid", "19", "وiphone15"]),
        ("في 24.00 من 3/5/2016", ["في", "24.00", "من", "3", "5", "2016"]),
        ("١٬٢٣٤٫٥ ريال.", ["1234.5", "ريال"]),
        ("النبيﷺ", ["النبي", "صلي", "الله", "عليه", "وسلم"]),
        ("٥٠﷼", ["50", "ريال"]),
        ("ـــ ًٌ \u200f", []),
        ("م\u200cی\u200cخواهم", ["ميخواهم"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_offsets_cover_marks_and_leave_invisible_edges_out() -> None:
    text = "\u200fقَالَ\u200f «محـــمَّد»."
    assert list(tokenize(text)) == [Token("قال", 1, 6), Token("محمد", 9, 18)]


def test_a_very_long_run_is_cut() -> None:
    text = "ا" * (3 * MAX_TOKEN_LENGTH)
    assert [token.end - token.start for token in tokenize(text)] == [MAX_TOKEN_LENGTH] * 3


@given(ARABIC_TEXT)
def test_every_token_slices_the_original_to_what_folds_to_it(text: str) -> None:
    for token in tokenize(text):
        written = text[token.start : token.end]
        if written in MULTIWORD:
            assert token.text in fold(written).split(" ")
        else:
            assert fold(written) == token.text
        assert token.text


@given(ARABIC_TEXT)
def test_tokens_are_in_order_and_do_not_overlap(text: str) -> None:
    spans = list(dict.fromkeys((token.start, token.end) for token in tokenize(text)))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@given(ARABIC_TEXT)
def test_words_are_the_tokens_without_offsets(text: str) -> None:
    assert words(text) == [token.text for token in tokenize(text)]


@given(st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co", "Cn"])))
def test_text_without_letters_has_no_words(text: str) -> None:
    assert words(text) == []
