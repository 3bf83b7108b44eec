"""What an engine answers: a page of hits with marked fragments, exact totals and facet counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Literal, TypeAlias

from index.article import Article
from index.completions import Completion

Suggestion: TypeAlias = Completion
"""A line that may be offered while a question is typed."""

_special = re.compile("[&<>\"']").search


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader should know about how the query was taken.

    ``code`` is for programs (the parser's are in ``search.parser.NOTES``), ``text`` is an Arabic sentence for people.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A verbatim piece of a stored field and the half-open code-point ranges in it that matched.

    ``start`` is the piece's offset in the field; ``clipped_start``/``clipped_end`` tell whether the field goes on
    before and after it.
    """

    text: str
    ranges: tuple[tuple[int, int], ...]
    start: int = 0
    clipped_start: bool = False
    clipped_end: bool = False

    def html(self) -> str:
        """The piece escaped for HTML, with ``<mark>`` round each range."""
        # Most texts have nothing to escape, and a look at the whole is less than one at each piece.
        text, safe = self.text, escape if _special(self.text) else str
        pieces: list[str] = []
        at = 0
        for begin, end in self.ranges:
            pieces += (safe(text[at:begin]), "<mark>", safe(text[begin:end]), "</mark>")
            at = end
        pieces.append(safe(text[at:]))
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A form of a word (or what a phrase or prefix was asked as) in one field of an article.

    ``kind``: how the form is related to the word that was asked for: ``synonym``, ``compound``, or see
    ``index.families.Kind`` (what a phrase or prefix was asked as is ``exact``). ``frequency``: how often, 255 at most;
    ``weight``: what an occurrence of this form counts; ``length``: words in the field. ``vocalisation``: of occurrences
    whose harakat agree or disagree with those of the query word; others of the same form are evidence of their own.
    """

    form: str
    kind: str
    field: str
    frequency: int
    weight: float
    length: int
    vocalisation: Literal["", "agrees", "disagrees"] = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one part of the query (``kind``: word, phrase or prefix) added to an article's score, and by what.

    Of the kinds coverage, early and proximity it is what the words added together, by being there, by standing early in
    the body, and by standing near one another.
    """

    kind: str
    text: str
    field: str
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """What an article's whole score was multiplied by.

    ``kind``: ``recency`` or ``source``; ``text``: the article's day or source, empty where it has none.
    """

    kind: str
    text: str
    factor: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One article in a result list. ``score`` is 0.0 where the order is not by relevance.

    ``reasons`` and ``factors`` are given where they are asked for: where the order is by relevance, ``score`` is the
    sum of the reasons' scores, times each of the factors.
    """

    article: Article
    score: float
    title: tuple[Fragment, ...]
    body: tuple[Fragment, ...]
    reasons: tuple[Reason, ...] = ()
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet and how many articles of the result have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of results.

    ``total`` counts every matching article (``total_relation`` ``eq``), or is a lower bound (``gte``) where one was
    enough, or where the time budget ran out while they were sought, or a part of the index did not answer. ``partial``
    is true where either happened at all, if only before the hits were marked; a note of code ``partial`` or ``missing``
    tells which.
    ``match`` is what was really asked of the words: ``all``, or ``any`` where that was asked for or where articles
    follow that have only some of them.
    ``facets`` holds ``source``, ``category``, ``author`` (most frequent first) and ``year`` (newest first);
    they count exactly the articles that ``total`` counts. ``alternatives``: folded words that answer the query's
    without being forms of them, and how: ``synonym`` or ``compound``.
    """

    text: str
    match: Literal["all", "any"]
    notes: tuple[Note, ...]
    total: int
    page: int
    per_page: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    partial: bool = False
    total_relation: Literal["eq", "gte"] = "eq"
    corrected: str | None = None
    alternatives: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Everything:
    """All articles that match a question, in its order.

    ``articles`` reads them one by one from the state of the index in which they were found, whatever is published
    meanwhile. ``match`` and ``notes``: see SearchResults.
    """

    total: int
    match: Literal["all", "any"]
    notes: tuple[Note, ...]
    articles: Iterator[Article]


@dataclass(frozen=True, slots=True)
class Extent:
    """What the live index is: its generation, how many articles it holds, and its size in bytes."""

    generation: str
    articles: int
    size: int


@dataclass(frozen=True, slots=True)
class MarkedArticle:
    """One stored article with its whole title and body as fragments, marked by a query (or unmarked)."""

    article: Article
    title: Fragment
    body: Fragment
