"""Seeded questions from the articles themselves: words of headlines, phrases of headlines and bodies, with filters."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.peers.protocol import Prepared, Question
from index.arabic import STOP_WORDS, words

SEED = 11
MOST_WORDS = 4
PHRASE_WORDS = 2
MOST_DAYS = 60
"""A range of days reaches up to so far to both sides of an article's own."""

_OPERATORS = frozenset(("or", "and", "not"))


def _askable(word: str) -> bool:
    """Whether a word comes back as itself when it is typed in a query, and is no operator there."""
    return word not in _OPERATORS and words(word) == [word]


class _Drawer:
    """Draws questions from articles until each is one that can be asked."""

    def __init__(self, articles: Sequence[Prepared], seed: int) -> None:
        self._articles = articles
        self._chooser = random.Random(seed)

    def article(self) -> Prepared:
        return self._chooser.choice(self._articles)

    def run(self, text: Sequence[str], length: int) -> tuple[str, ...]:
        """So many neighbouring words of a text, or none."""
        if len(text) < length:
            return ()
        start = self._chooser.randrange(len(text) - length + 1)
        found = tuple(text[start : start + length])
        return found if len(set(found)) == length and all(map(_askable, found)) else ()

    def headline(self) -> Question:
        """One to four neighbouring words of a headline, stop words and single letters left out."""
        while True:
            title = [word for word in self.article().title.split() if word not in STOP_WORDS and len(word) > 1]
            if found := self.run(title, self._chooser.randint(1, MOST_WORDS)):
                return Question("any", found)

    def phrase(self) -> Question:
        """Two neighbouring words of a headline or a body, one of them no stop word."""
        while True:
            article = self.article()
            text = self._chooser.choice((article.title, article.body)).split()
            found = self.run(text, PHRASE_WORDS)
            if found and not STOP_WORDS.issuperset(found):
                return Question("phrase", found)

    def of_source(self) -> Question:
        """A headline's words, in one of the sources."""
        return replace(self.headline(), source=self.article().source)

    def of_days(self) -> Question:
        """A headline's words, within some days round an article's own."""
        while not (day := self.article().day):
            pass
        first = max(1, day - self._chooser.randint(0, MOST_DAYS))
        return replace(self.headline(), first=first, last=day + self._chooser.randint(0, MOST_DAYS))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: what it is called in the tables, and how one is drawn."""

    name: str
    draw: Callable[[_Drawer], Question]


KINDS: Mapping[str, Kind] = {
    "any": Kind("OR", _Drawer.headline),
    "all": Kind("AND", lambda drawer: replace(drawer.headline(), match="all")),
    "phrase": Kind("phrase", _Drawer.phrase),
    "source": Kind("OR + source", _Drawer.of_source),
    "days": Kind("OR + days", _Drawer.of_days),
    "facets": Kind("OR + days + counts", lambda drawer: replace(drawer.of_days(), counts=True)),
    "stored": Kind("OR + ten articles", lambda drawer: replace(drawer.headline(), stored=True)),
}
"""Every kind of question that all peers are asked."""


def questions(articles: Sequence[Prepared], count: int, seed: int = SEED) -> dict[str, list[Question]]:
    """Draw ``count`` questions of every kind; each kind has a seed of its own, derived from ``seed``."""
    drawn: dict[str, list[Question]] = {}
    for number, (name, kind) in enumerate(KINDS.items()):
        drawer = _Drawer(articles, seed * len(KINDS) + number)
        drawn[name] = [kind.draw(drawer) for _ in range(count)]
    return drawn
