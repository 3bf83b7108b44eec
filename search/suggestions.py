"""Suggestions while a question is typed: completions of one commit, less headlines that no article has any more."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from whoosh.index import FileIndex

from index.article import Article
from index.codec.segment import ArraySegment
from index.completions import Completions, OpenedCompletions
from search.request import MAX_QUERY_LENGTH
from search.results import Suggestion

FIRST_COMMIT = 1
"""The number of a generation's first commit: no article has changed since it was built."""


class Stored(Protocol):
    """The articles of a commit, by number."""

    def find(self, article_id: str) -> int:
        """Return the number of an id, or -1."""
        ...

    def article(self, number: int) -> Article:
        """Return an article."""
        ...


class Suggestions:
    """The completions of one commit."""

    def __init__(self, completions: Completions, commit: int, stored: Stored) -> None:
        self._completions = completions
        self._unchanged = commit == FIRST_COMMIT
        self._stored = stored

    def of(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Return at most ``limit`` suggestions for what was typed."""
        return tuple(self._completions.complete(text[:MAX_QUERY_LENGTH], limit, self._stands))

    def _stands(self, article_id: str, headline: str) -> bool:
        if self._unchanged:
            return True
        number = self._stored.find(article_id)
        return number >= 0 and self._stored.article(number).title.split() == headline.split()


class SuggestionFiles:
    """Opens the suggestions of one commit after the other."""

    def __init__(self) -> None:
        self._files = OpenedCompletions()

    def open(self, directory: Path, index: FileIndex, commit: int, stored: Stored) -> Suggestions:
        """Open those of a commit; raises as ``Container.open`` does. Not by two threads at once."""
        segments = [segment for segment in index._segments() if isinstance(segment, ArraySegment)]
        return Suggestions(self._files.open(directory, segments), commit, stored)
