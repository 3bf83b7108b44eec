"""Texts are read in bulk as the one analysis reads them, word for word, and words keep their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from texts import ARABIC_TEXT

from index.arabic import vocalised, words
from index.arabic.plain import plain_words
from index.article import Article
from index.codec.interning import Interner
from index.codec.vocabulary import Vocabulary
from index.readers import Reading
from index.schema import TEXTS

# What a plain word is not, or only just is: old madda, numbers with separators, two scripts, long runs, other planes.
KNOTTY = st.lists(
    st.sampled_from(
        ["جزءا", "قرءان", "ءَا", "ءء", "ا", "ى", "1", "٣", "۲", ".", ",", "٬", "٫", "-", "،", "a", "B", "é", "ß", "²",
         "ﷺ", "﷼", "ﻻ", "ﺀ", "\u200c", "\ufeff", "\u064b", "\u0301", "ـ", "س" * 127, "َ" * 63, " ", "\n", "\u00a0",
         "\u3000", "\x1c", "\u200b", "َ", "ِ", "ّ", "ْ", "ﹷ", "ﱢ",
         "بَ", "لَّ", "الشَّ", "𞸀", "𝟛", "😀", "漢", "字", "ۥ", "पढ़", "_", "¼", "ｆ"]
    ),
    max_size=12,
).map("".join)  # fmt: skip
TEXT = st.one_of(KNOTTY, ARABIC_TEXT.map(lambda text: text.encode(errors="ignore").decode()))


def read(vocabulary: Vocabulary, texts: list[str]) -> list[list[str]]:
    """Return the words of each text by way of their numbers."""
    numbered = vocabulary.read(texts, 0)
    return grouped(vocabulary.words(), numbered.words, numbered.counts)


def grouped(known: Sequence[bytes], numbers: NDArray[np.int32], counts: NDArray[np.int32]) -> list[list[str]]:
    assert int(counts.sum()) == len(numbers)
    found = iter(known[number].decode() for number in numbers.tolist())
    return [list(islice(found, count)) for count in counts.tolist()]


def read_vocalised(vocabulary: Vocabulary, texts: list[str], size: int) -> list[list[str]]:
    """Return the vocalised words of the first ``size`` texts, those of each in order."""
    numbered = vocabulary.read(texts, size)
    found = grouped(vocabulary.vocalisations.words(), numbered.vocalised, numbered.vocalised_counts)
    return [sorted(each) for each in found]


@given(st.lists(TEXT, max_size=6), st.lists(TEXT, max_size=6))
@example(["ab\u0301" + "س" * 126 + "\u0301\u0301 1.\u064b2 ءا"], ["", " "])
def test_words_are_those_of_the_analysis(first: list[str], second: list[str]) -> None:
    vocabulary = Vocabulary()
    assert read(vocabulary, first) == [words(text) for text in first]
    assert read(vocabulary, second) == [words(text) for text in second]
    assert set(vocabulary.words()) == {word.encode() for text in (*first, *second) for word in words(text)}
    assert len(vocabulary) == len(set(vocabulary.words()))


@given(st.lists(TEXT, max_size=6), st.lists(TEXT, max_size=6), st.integers(0, 6))
@example(["قالَ عِلْمًا و1.5َ عَلَم 1.5 عَلَم", "ءَاَلِيّ بَ"], ["عَلَمٌ", " "], 1)
def test_vocalised_words_are_those_of_the_analysis(first: list[str], second: list[str], size: int) -> None:
    vocabulary = Vocabulary()
    for texts in (first, second):
        taken = min(size, len(texts))
        assert read_vocalised(vocabulary, texts, taken) == [sorted(vocalised(text)) for text in texts[:taken]]
    known = vocabulary.vocalisations.words()
    assert len(known) == len(set(known)) == len(vocabulary.vocalisations)


@pytest.mark.parametrize("code", range(0, 0x11000, 0x1000))
def test_every_character_within_words_and_at_their_edges(code: int) -> None:
    characters = [chr(c) for c in range(code, code + 0x1000) if not 0xD800 <= c < 0xE000]
    texts = [f"{c} س{c} {c}س س{c}س 1{c}2 ء{c}ا س{c}َ{c}سس" for c in characters]
    assert read(Vocabulary(), texts) == [words(text) for text in texts]
    assert read_vocalised(Vocabulary(), texts, len(texts)) == [sorted(vocalised(text)) for text in texts]


def test_real_articles(shared_data: Path) -> None:
    texts = []
    for corpus in sorted((shared_data / "corpora").glob("*.jsonl.gz")):
        articles = (item for item in Reading([str(corpus)]) if isinstance(item, Article))
        texts += [getattr(article, name) for article in islice(articles, 700) for name in TEXTS]
    texts += (shared_data / "text" / "vocalised-tashkeela.txt").read_text("utf-8").splitlines()
    assert sum(map(len, texts)) > 3_000_000
    expected = [words(text) for text in texts]
    assert read(Vocabulary(), texts) == expected
    with_marks = [sorted(vocalised(text)) for text in texts]
    assert sum(map(len, with_marks)) > 50_000
    assert read_vocalised(Vocabulary(), texts, len(texts)) == with_marks
    # Nearly all are plain: the others are read in Python, at many times the cost.
    plain = plain_words(texts)
    assert len(plain.ends) > 0.98 * sum(map(len, expected))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" "), max_size=40), max_size=60))
def test_strings_are_numbered_as_they_appear(strings: list[str]) -> None:
    interner = Interner()
    numbers = {string: number for number, string in enumerate(dict.fromkeys(strings))}
    assert interner.numbers_of(strings).tolist() == [numbers[string] for string in strings]
    assert interner.strings() == [string.encode() for string in numbers]
    assert interner.numbers_of(strings[::-1]).tolist() == [numbers[string] for string in strings[::-1]]


@pytest.mark.parametrize(("count", "longest"), [(20_000, 1), (3000, 200), (20, 100_000)])
def test_table_and_arena_grow(count: int, longest: int) -> None:
    interner = Interner()
    strings = [f"{number}{'س' * (number * 7919 % longest)}" for number in range(count)]
    assert interner.numbers_of(strings).tolist() == list(range(count))
    assert interner.numbers_of(strings).tolist() == list(range(count))
    assert interner.strings() == [string.encode() for string in strings]
    assert interner.size >= sum(map(len, strings)) * 2


def test_strings_of_one_hash_are_kept_apart() -> None:
    strings = ["\0" * number + "س" for number in range(500)]  # characters of code 0 at the beginning leave a hash at 0
    interner = Interner()
    assert interner.numbers_of(strings).tolist() == list(range(len(strings)))
    assert interner.numbers_of(strings).tolist() == list(range(len(strings)))
