"""The light stemmer: what it joins, what it keeps apart, and how it measures against Lucene's rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from texts import ARABIC_TEXT

from benchmarks.conflation import by, light10, measure, read_pairs, stemmed
from index.arabic import STOP_WORDS, fold, stem


@pytest.mark.parametrize(
    "forms",
    [
        "اجتماع اجتماعًا الاجتماع الإجتماع اجتماعات والاجتماعات",
        "مدينة المدينة بالمدينة وبالمدينة للمدينة مدينتها مدينتهم",
        "وزير الوزير وزيرها والوزير للوزير",
        "برنامج البرنامج والبرنامج برنامجها",
        "قانون القانون قانوني القانونية والقانونية",
        "لبنان لبناني اللبنانية",
        "أمريكا امريكا الأمريكي",
        "لغة اللغات لغات",
        "مسؤول مسئول المسؤولين والمسئولين",
        "شؤون شئون للشئون",
        "هيئة هيأة",
        "شيء شئ شيئا",
        "مئة مائة",
        "پوتين بوتين",
        "ڤيديو فيديو الڤيديو",
        "مدينتهم مدينة مدينتها",
        "بمدينتهم بمدينة",
        "اقتصاديون اقتصادي الاقتصادية",
    ],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(fold(form)) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "apart",
    [
        "لبنان لبن",
        "عمان عم",
        "رمضان رمض",
        "وزير زير",
        "الله له",
        "قانون قان",
        "ماء ما",
        "جدة جد",
        "قمة قم",
        "الآن أن",
        "الأم أم",
    ],
)
def test_words_that_only_look_alike_stay_apart(apart: str) -> None:
    first, second = apart.split()
    assert stem(fold(first)) != stem(fold(second))


@pytest.mark.parametrize("word", ["covid", "1234.5", "iphone15", "من", "", "ا"])
def test_other_scripts_numbers_and_short_words_are_left_alone(word: str) -> None:
    assert stem(word) == word


@given(ARABIC_TEXT)
def test_a_stem_is_hardly_longer_than_its_word_and_never_empty(text: str) -> None:
    assert len(stem(text)) <= len(text) + 1  # شي is one way to write شيء
    assert bool(stem(text)) == bool(text)


def test_stop_words_are_folded() -> None:
    assert {fold(word) for word in STOP_WORDS} == STOP_WORDS


def test_it_joins_more_than_lucene_and_no_less_rightly(shared_data: Path) -> None:
    pairs = read_pairs(shared_data / "conflation" / "pairs.tsv")
    ours, lucene = measure(pairs, by(stemmed)), measure(pairs, by(light10))
    assert ours.recall > lucene.recall
    assert ours.precision >= lucene.precision
