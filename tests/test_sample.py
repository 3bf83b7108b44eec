"""The bundled articles: what a first visitor sees."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from index.article import Article, written_day
from index.commands import SAMPLE
from index.readers import Reading


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    reading = Reading([str(SAMPLE)])
    found = list(reading)
    assert all(isinstance(item, Article) for item in found)
    assert reading.ignored_fields == set()
    return [item for item in found if isinstance(item, Article)]


def test_there_are_enough_of_the_right_length(articles: list[Article]) -> None:
    assert len(articles) >= 80
    assert len({article.id for article in articles}) == len(articles)
    assert all(120 <= len(article.body.split()) <= 400 for article in articles)


def test_no_sentence_stands_twice(articles: list[Article]) -> None:
    sentences = Counter(
        sentence.strip()
        for article in articles
        for sentence in re.split(r"[.!؟\n]", article.body)
        if len(sentence.strip()) > 20
    )
    assert [sentence for sentence, count in sentences.items() if count > 1] == []


def test_they_are_of_many_sorts(articles: list[Article]) -> None:
    assert len({article.category for article in articles}) == 6
    assert len({article.source for article in articles}) >= 5
    assert len({article.author for article in articles}) >= 8
    days = sorted(written_day(article.published) for article in articles)
    assert (days[-1] - days[0]).days > 2 * 365


@pytest.mark.parametrize(
    ("what", "pattern", "least"),
    [
        ("vocalised", r"(?:[\u0621-\u064a][\u064b-\u0652]{1,2}){3}", 10),
        ("Latin names", r"[A-Za-z]{3}", 15),
        ("Arabic digits", r"[٠-٩]{2}", 10),
        ("European digits", r"[0-9]{2}", 10),
        ("quotations", r"[«“\"]", 20),
        ("both names of a month", r"(?:أيار|حزيران|تموز|آب|نيسان|شباط|آذار|أيلول|تشرين|كانون)[^/]{0,12}/ ?[ء-ي]+", 10),
        ("careless spelling", r"\b(?:الى|ان|اعلان|امريكا|الامارات|اكد)\b", 12),
    ],
)
def test_they_hold_what_the_wild_holds(articles: list[Article], what: str, pattern: str, least: int) -> None:
    assert sum(bool(re.search(pattern, article.body)) for article in articles) >= least, what
