"""A question to an engine, free of HTTP and of any engine's terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Match = Literal["auto", "all", "any"]
Sort = Literal["relevance", "newest", "oldest"]
Total = Literal["exact", "bound"]

MAX_QUERY_LENGTH = 512
"""Longest query in characters; the rest is dropped with a note."""

MAX_PER_PAGE = 100
MAX_DEPTH = 10_000
"""Last hit that can be paged to, counted from 1."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Exact values, any of which a hit must have per field, and an inclusive range of days."""

    source: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None


NO_FILTERS = Filters()
"""Every article passes."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked: the reader's own text, filters, and which page of which order.

    ``match``: ``all`` words, ``any`` of them, or ``auto``: all, and where fewer than ``per_page`` articles have all,
    behind them those that have some (see ``search.widening``).
    An empty ``text`` asks for every article. ``page`` counts from 1. Without ``highlight``, hits come
    without fragments; without ``facets``, no values are counted. ``total``: ``exact``, or ``bound`` where a lower
    bound will do, which lets the engine pass over articles that cannot be among the best. With ``explain``, each hit
    comes with the parts of its score.
    """

    text: str = ""
    filters: Filters = NO_FILTERS
    match: Match = "auto"
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    highlight: bool = True
    facets: bool = True
    total: Total = "exact"
    explain: bool = False
