"""Harakat: patterns of written words, and which of them agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index.arabic import fold, vocalised, vowels, words
from index.arabic.vowels import SEPARATOR, agreement

PATTERNS = {
    # Vowels, sukun and shadda, by letter.
    "عِلْم": "io", "عَلَم": "aa", "عُلِمَ": "ui", "عَلَّمَ": "aA", "مُدَرّس": "uaS", "عِلم": "i", "عل\u064fم": ".u",
    # Marks in either order, twice, between letters and tatweel, as presentation forms, as in a Qur'an.
    "عَلَّم": "aA", "عَلََُم": "aa", "عـَـلـَـم": "aa", "عﹷلﱢم": "aI", "ٱلۡحَمۡدُ": ".oao", "ﻻِم": ".i",
    # Case endings and tanwin say nothing; a shadda at the end does.
    "كتابُ": "", "كتابٌ": "", "جدًّا": ".S", "رَبِّ": "aS", "عِلْمٍ": "io", "عِلْمًا": "io", "وَ": "",
    # Nor does the shadda of the first letter or after the article.
    "لَّيْسَ": "ao", "الشَّمْس": "..ao", "وَالشَّمس": "a..a", "لِلنَّاس": "i.a", "الّتي": ".S",
    # Spelling: dagger alef, madda, hamza; old madda loses the letter with its vowel.
    "هٰذا": "", "آمَنَ": ".a", "قُرْءَانٌ": "uo", "ءَا": "a",
    # No harakat, no Arabic, nothing.
    "علم": "", "é": "", "1َ": "", "ﷺَ": "", "": "", "َ": "", "١٬٢٣٤َ": "",
}  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), PATTERNS.items())
def test_patterns(written: str, expected: str) -> None:
    assert vowels(written) == expected


def test_vocalised_words_of_a_text() -> None:
    assert vocalised("قالَ: عِلْمُ النَّفْسِ، وعَلَمُ الأُردنّ (كتابٌ)") == ["علم/io", "النفس/..ao", "وعلم/.aa", "الاردن/..u..S"]


@given(ARABIC_TEXT)
def test_any_text_gives_words_of_its_own(text: str) -> None:
    found = vocalised(text)
    remaining = iter(words(text))
    for word, marks in (each.split(SEPARATOR) for each in found):
        assert word in remaining  # in their order
        assert 0 < len(marks) <= len(word)
        assert set(marks) <= set(".auioAUIS")
        assert not marks.endswith(".")


ONE_WORD = [
    "عِلْم عِلْمٌ", "عِلم عِلْم", "علّم عَلَّم", "عِلْم العِلْمِ", "عِلْم بِعِلْمِهِ", "العِلْم وَعِلْمُها", "كِتابُهُ كِتابِهِ", "شَمْس الشَّمْسُ",
    "رَبّ رَبِّهِم", "مَدْرَسَة مَدْرَسَتُها", "فَهْم فَهْمُهم", "عُمان عُمانيّ", "حقّ الحقّ", "كَتَبَ كَتَبْتُ", "لَيس لَّيس",
]  # fmt: skip
DIFFERENT = [
    "عِلْم عَلَم", "عِلم عَلَم", "عِلْم العَلَم", "عِلْم بِعَلَمِهِ", "عُمان عَمّان", "عَلِمَ عَلَّمَ", "مَلِك مُلْك", "مَلِكه مَلَكه", "الجَدّ جِدّ",
    "كُتُب كَتَبَ", "مُعَلِّم مُعَلَّم", "مُدَرِّسة مَدْرَسَتُه", "وجْه وجَه", "علّم عَلَم",
]  # fmt: skip
UNKNOWN = [
    "عِلم علَم", "عِلْم علم", "كتابُهُ كتابِهِ", "كتابُ كتابِ", "قَلَم عِلْم", "رَبٌّ ربُ", "عُمان عمّان", "كاتِب كُتّاب",
]  # fmt: skip


@pytest.mark.parametrize(
    ("pair", "expected"),
    [*((pair, 1) for pair in ONE_WORD), *((pair, -1) for pair in DIFFERENT), *((pair, 0) for pair in UNKNOWN)],
)
def test_agreement(pair: str, expected: int) -> None:
    sides = [(fold(word), vowels(word)) for word in pair.split()]
    assert agreement(*sides[0], *sides[1]) == expected
    assert agreement(*sides[1], *sides[0]) == expected


LETTERS = st.tuples(st.sampled_from("عملهاوك"), st.sampled_from(["", *"َُِّْ", "َّ", "ُّ"]))
MARKED = st.lists(LETTERS, min_size=1, max_size=6)


def written(letters: list[tuple[str, str]]) -> tuple[str, str]:
    word = "".join(map("".join, letters))
    return fold(word), vowels(word)


@given(MARKED, MARKED)
def test_agreement_is_mutual(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> None:
    one, other = written(first), written(second)
    assert agreement(*one, *other) == agreement(*other, *one)
    assert agreement(*one, *one) >= 0


@given(MARKED, st.sets(st.integers(0, 5)))
def test_letters_without_marks_never_disagree(letters: list[tuple[str, str]], bare: set[int]) -> None:
    fewer = [(letter, "" if place in bare else marks) for place, (letter, marks) in enumerate(letters)]
    assert agreement(*written(letters), *written(fewer)) >= 0


def test_words_that_share_too_little_do_not_say() -> None:
    assert agreement("رجال", "i", "رجل", "au") == 0
