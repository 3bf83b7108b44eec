"""The folding table: every row of what Arabic readers expect, and the laws it keeps."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.arabic.letters import INHABITED, MULTIWORD, REMOVED, TABLE, fold

ARABIC = st.text(
    st.one_of(
        st.characters(min_codepoint=0x0600, max_codepoint=0x06FF),
        st.characters(min_codepoint=0x0750, max_codepoint=0x08FF),
        st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFF),
        st.sampled_from("ءاآأإبتةهويىئؤ٠۱2,.٫٬\u200c\u064b"),
    )
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("آأإ", "ااا"),
        ("ٱلرحمن", "الرحمن"),
        ("مسؤول", "مسوول"),
        ("مسئول", "مسيول"),
        ("قرءان", "قران"),
        ("قرآن", "قران"),
        ("ءامن", "امن"),
        ("ماء", "ماء"),
        ("جزءاً", "جزءا"),
        ("مدرسة", "مدرسه"),
        ("مستشفى", "مستشفي"),
        ("على", "علي"),
        ("كتـــاب", "كتاب"),
        ("مُحَمَّدٌ", "محمد"),
        ("هٰذا", "هذا"),
        ("ٱلۡحَمۡدُ", "الحمد"),
        ("رَبِّهِۦ", "ربه"),
        ("صلۖى", "صلي"),
        ("کتاب", "كتاب"),
        ("ایران", "ايران"),
        ("ہەۀھ", "هههه"),
        ("پچژگڤ", "پچژگڤ"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
        ("ﻋﺮﺑﻲ", "عربي"),
        ("ﻻ", "لا"),
        ("ﻵﻷﻹ", "لالالا"),
        ("ﷲ", "الله"),
        ("﷼", "ريال"),
        ("م\u200cی\u200fخ\ufeffو\u2067اهم", "ميخواهم"),
        ("١٬٢٣٤٫٥", "1234.5"),
        ("1,234.5", "1234.5"),
        ("106,78", "106.78"),
        ("1,2,3", "1,2,3"),
        ("١٬٢٣٤كم", "1234كم"),
        ("École", "ecole"),
        ("ISTANBUL", "istanbul"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("ﬁ", "fi"),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(("ligature", "words"), MULTIWORD.items())
def test_ligature_of_several_words_folds_to_them(ligature: str, words: str) -> None:
    assert fold(ligature) == " ".join(map(fold, words.split()))


def test_no_presentation_form_is_left() -> None:
    left = [
        character
        for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD))
        if (character := chr(code)).isalpha() and any(0xFB50 <= ord(c) <= 0xFEFF for c in fold(character))
    ]
    assert left == []


def test_every_mark_and_every_digit_is_in_the_table() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character).startswith("M"):
            assert character in REMOVED
        elif character.isdecimal() and code > 0x7F:
            assert TABLE[character] == str(unicodedata.decimal(character))


@given(st.text() | ARABIC)
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ARABIC, st.sampled_from("\u064b\u064e\u0651\u0652\u0670\u06dc\u06ed\u0640\u200d\u200f\u2069\ufeff"), st.data())
def test_marks_and_invisible_characters_have_no_effect(word: str, mark: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word)))
    assert fold(word[:place] + mark + word[place:]) == fold(word)


def test_no_letter_digit_or_mark_lies_outside_the_planes_that_are_looked_at() -> None:
    outside = set(range(sys.maxunicode + 1)) - set(INHABITED)
    assert outside
    for character in map(chr, outside):
        assert not character.isalnum()
        assert unicodedata.category(character)[0] not in "MN"
