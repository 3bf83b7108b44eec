"""More articles than there are, made of real sentences: a stream of any length whose vocabulary grows as in the wild.

First come the real articles as they are. Each further one takes the headline, the source, the date and the length of a
real article and fills itself with runs of sentences, half from that one and half from two others, so that words that
belong together still meet. Recombining adds no new word, so a share of the words is replaced by coined ones: a number
is drawn from the tail of Zipf's law (``benchmarks.vocabulary``) and spelled, always alike, as a known word with other
clitics, misspelt, or blended with another.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from benchmarks import corpus
from benchmarks.record import Growth
from benchmarks.vocabulary import Point, Tail, curve, fit
from index.arabic import fold
from index.article import Article

HORIZON = 20
"""The vocabulary is made to meet the law again at so many times the real words."""

SEED = 23
FRACTIONS = (16, 8, 4, 2, 1)
"""The law is fitted to what the whole, a half and so on of the real articles hold."""

MOST_RUN = 4
"""Most sentences taken from one article before the next is drawn."""

_SENTENCE = re.compile(r"(?<=[.!؟?\n])\s+")
_LETTERS = re.compile("[ء-غف-ي]{4,12}")
_PREFIXES = ("", "", "و", "ف", "ب", "ل", "ك", "س", "ال", "وال", "بال", "لل", "فال", "كال", "ول", "وب")
_SUFFIXES = ("", "", "ه", "ها", "هم", "نا", "كم", "ات", "ين", "ون", "يه", "ان", "هما", "تها", "ياتهم")


class Coiner:
    """Spells numbers as words that are not in ``vocabulary`` (folded); the same number always alike."""

    def __init__(self, vocabulary: frozenset[str]) -> None:
        self._known = vocabulary
        self._bases = sorted(filter(_LETTERS.fullmatch, vocabulary))
        self.spell = lru_cache(maxsize=1 << 20)(self._spell)

    def _spell(self, number: int) -> str:
        chooser = random.Random(number)
        while True:
            base = chooser.choice(self._bases)
            manner = chooser.random()
            if manner < 0.35:
                base = self._misspelt(base, chooser)
            elif manner < 0.65:
                other = chooser.choice(self._bases)
                base = base[: len(base) // 2 + 1] + other[len(other) // 2 :]
            word = fold(chooser.choice(_PREFIXES) + base + chooser.choice(_SUFFIXES))
            if word not in self._known:
                return word

    def _misspelt(self, word: str, chooser: random.Random) -> str:
        place = chooser.randrange(len(word) - 1)
        before, first, second, after = word[:place], word[place], word[place + 1], word[place + 2 :]
        return before + chooser.choice((second + first, first, first + first + second)) + after


class Grower:
    """Makes articles of the sentences of ``articles``; the ``share`` of their words is drawn from ``tail``."""

    def __init__(self, articles: Sequence[Article], coiner: Coiner, tail: Tail, share: float) -> None:
        self._articles = articles
        self._sentences = [_SENTENCE.split(article.body) for article in articles]
        self._coiner = coiner
        self._tail = tail
        self._chooser = random.Random(SEED)
        self._rate = math.log1p(-share)
        self._gap = self._next_gap()

    def stream(self, count: int) -> Iterator[Article]:
        """Yield ``count`` articles, the real ones first."""
        yield from self._articles[:count]
        for number in range(len(self._articles), count):
            yield self._grown(number)

    def _grown(self, number: int) -> Article:
        chosen = [self._chooser.randrange(len(self._articles)) for _ in range(3)]
        template = self._articles[chosen[0]]
        wanted = len(self._sentences[chosen[0]])
        body: list[str] = []
        while len(body) < wanted:
            sentences = self._sentences[chosen[0] if self._chooser.random() < 0.5 else self._chooser.choice(chosen[1:])]
            start = self._chooser.randrange(len(sentences))
            body += sentences[start : start + self._chooser.randint(1, MOST_RUN)]
        return replace(
            template,
            id=f"grown-{number}",
            url=f"{template.url}#{number}",
            title=self._renewed(template.title),
            body=" ".join(map(self._renewed, body[:wanted])),
        )

    def _renewed(self, text: str) -> str:
        """The text with its share of coined words."""
        if not text:
            return text
        pieces = text.split(" ")
        if self._gap >= len(pieces):
            self._gap -= len(pieces)
            return text
        place = self._gap
        while place < len(pieces):
            pieces[place] = self._coiner.spell(self._tail.draw(self._chooser))
            place += 1 + self._next_gap()
        self._gap = place - len(pieces)
        return " ".join(pieces)

    def _next_gap(self) -> int:
        """How many words stay before the next is replaced: geometric, so that each has the same chance."""
        return int(math.log(1.0 - self._chooser.random()) / self._rate)


def real_growth(texts: Sequence[str]) -> list[Point]:
    """The growth of the vocabulary over texts of folded words, in a shuffled order: their own may be by subject."""
    order = list(texts)
    random.Random(SEED).shuffle(order)
    return list(curve(map(str.split, order), [len(order) // part for part in FRACTIONS]))


def write(path: Path, count: int) -> Growth:
    """Write ``count`` prepared articles, the real ones first; return how the vocabulary grows through them."""
    articles = list(corpus.real_articles())
    texts = [f"{each.title} {each.body}" for each in map(corpus.prepare, articles)]
    real = real_growth(texts)
    law = fit(real)
    tail = Tail(law)
    share = tail.share(HORIZON * law.origin.tokens)
    coiner = Coiner(frozenset(word for text in texts for word in text.split()))
    del texts
    corpus.write(Grower(articles, coiner, tail, share).stream(count), path)
    marks = sorted({count, *(len(articles) << doubling for doubling in range(count.bit_length()))})
    words = (f"{each.title} {each.body}".split() for each in corpus.read(path))
    return Growth(law.beta, share, real, list(curve(words, [mark for mark in marks if mark <= count])))
