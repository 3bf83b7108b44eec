"""What readers may want to have completed, gathered from articles as they come: words, phrases of two, headlines.

Every headline is read. Of bodies whole ones until ``_WHOLE`` letters are read, and then the beginnings of some: news
say first what they are about, and what is frequent shows in a part as in the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.codec.container import ContainerWriter
from index.completions.counting import Counting
from index.completions.headlines import MOST_LETTERS, Headlines
from index.completions.ideas import Ideas
from index.completions.joining import joined
from index.completions.pieces import Pieces, Stream
from index.schema import instant_of

_ARTICLES = 1 << 16
"""After how many articles what was gathered is put into a table."""

_TABLES = 8
"""How many tables there may be before they are joined."""

_WHOLE = 1 << 19
"""Letters after which of bodies only ``_BEGINNING`` letters of every ``_EVERY``-th are read."""

_EVERY = 8
_BEGINNING = 160

_LINES = 1 << 12
"""Lines that are read together."""

_PER_LETTER = 4
"""Bytes for each letter of what is read, about: headlines, lines that wait, and the numbers of pieces."""

Arrays = Mapping[str, NDArray[Any]]


_instant = lru_cache(maxsize=1 << 12)(instant_of)
"""Many articles are of one day."""


class CompletionsBuilder:
    """Makes the completions of a stream of articles; ``write`` puts them into a file that ``Completions`` opens.

    Memory stays bounded: about ``size`` bytes, and the tables (see ``index.completions.table``) of 65,536 articles
    each, a few at a time.
    """

    def __init__(self) -> None:
        self._tables: list[Arrays] = []
        self._gathered = _Gathered()

    @property
    def size(self) -> int:
        """Bytes that are held for the articles of no table yet, about."""
        return self._gathered.size

    def add(self, article: Article) -> None:
        """Take an article."""
        self._gathered.add(article)
        if self._gathered.articles == _ARTICLES:
            self._close()

    def _close(self) -> None:
        self._tables.append(self._gathered.arrays())
        self._gathered = _Gathered()
        if len(self._tables) == _TABLES:
            self._tables = [joined(self._tables)]

    def arrays(self) -> Arrays:
        """Return the completions of all articles so far; see ``index.completions.table``."""
        if self._gathered.articles or not self._tables:
            self._close()
        return self._tables[0] if len(self._tables) == 1 else joined(self._tables)

    def write(self, path: Path) -> None:
        """Write the completions into a new file, and force it to disk."""
        write(path, self.arrays())


def write(path: Path, arrays: Arrays) -> None:
    """Write the arrays of a table into a new file, and force it to disk."""
    with ContainerWriter(path) as writer:
        for name, array_ in arrays.items():
            writer.put(name, array_)


class _Gathered:
    """Pieces of the texts of some articles."""

    def __init__(self) -> None:
        self.articles = 0
        self._pieces = Pieces()
        self._known: dict[str, int] = {}
        self._ids: list[str] = []
        self._instants: list[int] = []
        self._lines: tuple[list[str], list[str]] = [], []  # of headlines and of texts, to be read
        self._streams: tuple[list[Stream], list[Stream]] = [], []
        self._letters = 0

    @property
    def size(self) -> int:
        return self._pieces.size + self._letters * _PER_LETTER

    def add(self, article: Article) -> None:
        self.articles += 1
        headlines, texts = self._lines
        headline = " ".join(article.title.split())
        if headline and len(headline) <= MOST_LETTERS:
            instant = _instant(article.published)
            known = self._known.setdefault(headline, len(self._ids))
            if known == len(self._ids):
                headlines.append(headline)
                self._ids.append(article.id)
                self._instants.append(instant)
            elif instant > self._instants[known]:
                self._ids[known], self._instants[known] = article.id, instant
        if self._letters < _WHOLE:
            texts += article.body.splitlines()
            self._letters += len(article.body)
        elif self.articles % _EVERY == 0:
            texts += article.body[:_BEGINNING].rpartition(" ")[0].splitlines()
            self._letters += _BEGINNING
        self._letters += len(headline)
        if len(headlines) + len(texts) >= _LINES:
            self._read()

    def _read(self) -> None:
        for lines, streams in zip(self._lines, self._streams, strict=True):
            streams.append(self._pieces.read(lines))
            lines.clear()

    def arrays(self) -> Arrays:
        """Return what was gathered as a table."""
        self._read()
        headlines, texts = (
            (np.concatenate([found for found, _ in streams]), np.concatenate([sizes for _, sizes in streams]))
            for streams in self._streams
        )
        pieces = self._pieces.analysed()
        counting = Counting(pieces, (headlines, texts))
        of_pieces = np.repeat(np.repeat(np.arange(len(self._ids)), headlines[1]), pieces.sizes(headlines[0]))
        table = Headlines.of(
            list(self._known),
            self._ids,
            np.array(self._instants, np.int64),
            counting.keys,
            counting.of_words[pieces.words_of(headlines[0])],
            np.bincount(of_pieces, minlength=len(self._ids)),
        )
        return {**Ideas.united([counting.words(), counting.phrases()]).ranked().arrays(), **table.arrays()}
