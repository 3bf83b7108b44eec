"""Grown articles for the benchmarks: the law of their vocabulary, and that they keep to it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from benchmarks import corpus, growth
from benchmarks.vocabulary import Law, Point, Tail, curve, fit
from index.arabic import words
from index.article import Article
from index.commands import SAMPLE
from index.readers import Reading, ReadOptions


def zipf_texts(exponent: float, count: int, length: int) -> Iterator[list[str]]:
    """Texts of numbers drawn from a Pareto distribution: their vocabulary grows by Heaps' law with 1/exponent."""
    chooser = random.Random(3)
    for _ in range(count):
        yield [str(int(chooser.paretovariate(exponent - 1))) for _ in range(length)]


def test_the_law_is_found_in_texts_made_by_it() -> None:
    points = list(curve(zipf_texts(2.0, 2000, 100), [125, 250, 500, 1000, 2000]))
    assert [point.articles for point in points] == [125, 250, 500, 1000, 2000]
    assert points[-1].tokens == 200_000
    law = fit(points)
    assert law.beta == pytest.approx(0.5, abs=0.03)
    assert law.distinct(4 * law.origin.tokens) == pytest.approx(law.origin.distinct * 4**law.beta)


def test_the_tail_gives_as_many_new_words_as_it_says() -> None:
    tail = Tail(Law(Point(1000, 100_000, 5_000), 0.5))
    chooser = random.Random(4)
    for draws in (1_000, 30_000):
        found = len({tail.draw(chooser) for _ in range(draws)})
        assert found == pytest.approx(tail.distinct(draws), rel=0.03)


def test_grown_articles_keep_to_the_law() -> None:
    articles = [found for found in Reading([str(SAMPLE)], ReadOptions()) if isinstance(found, Article)]
    texts = [f"{each.title} {each.body}" for each in map(corpus.prepare, articles)]
    points = growth.real_growth(texts)
    law = fit(points)
    tail = Tail(law)
    known = frozenset(word for text in texts for word in text.split())
    count = 10 * len(articles)

    def grown() -> list[Article]:
        grower = growth.Grower(articles, growth.Coiner(known), tail, tail.share(10 * law.origin.tokens))
        return list(grower.stream(count))

    found = grown()
    assert found == grown()
    assert found[: len(articles)] == articles
    assert len({each.id for each in found}) == count
    assert {each.source for each in found} == {each.source for each in articles}
    (point,) = curve((f"{each.title} {each.body}".split() for each in map(corpus.prepare, found)), [count])
    assert point.tokens == pytest.approx(10 * law.origin.tokens, rel=0.1)
    assert point.distinct == pytest.approx(law.distinct(point.tokens), rel=0.1)


def test_a_coined_word_is_new_and_always_the_same() -> None:
    known = frozenset(words("المدينة القديمة والأسواق الكثيرة والكتابة بالأقلام تحت السماء"))
    first, second = growth.Coiner(known), growth.Coiner(known)
    coined = [first.spell(number) for number in range(500)]
    assert coined == [second.spell(number) for number in range(500)]
    assert known.isdisjoint(coined)
    assert all(words(word) == [word] for word in coined)
