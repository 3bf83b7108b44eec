"""No engine: folds the words of all articles, as must be done before any other peer can be given them.

Its "build" is what the peers' times leave out, since they are handed words that were folded beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers import fihris
from benchmarks.peers.protocol import Answer, Question
from index.arabic import words
from index.article import Article

read = fihris.read


class Folding:
    """See the module."""

    def build(self, articles: Iterable[Article], directory: Path) -> None:
        """Fold and forget."""
        for article in articles:
            " ".join(words(article.title))
            " ".join(words(article.body))

    def open(self, directory: Path) -> int:
        """There is nothing to open."""
        raise NotImplementedError

    def ask(self, question: Question) -> Answer:
        """There is nothing to ask."""
        raise NotImplementedError


def make() -> Folding:
    """The peer."""
    return Folding()
