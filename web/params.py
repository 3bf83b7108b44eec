"""Query strings in, search requests out: strictly for programs (``web.schemas``), leniently for people (here)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from search.request import MAX_DEPTH, Filters, SearchRequest
from search.results import Note
from web import values

T = TypeVar("T")

TOO_DEEP = Note(
    "too_deep", f"لا تُعرض النتائج إلا إلى النتيجة {MAX_DEPTH:,}؛ هذه أوّلها. أضف كلمات أو مرشّحات لتضييق البحث."
)


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """What a reader asked of the search page, and what of it was taken differently than written.

    ``front``: nothing was asked at all, so that the front page is wanted.
    """

    request: SearchRequest
    notes: tuple[Note, ...]
    front: bool


def lenient_request(args: MultiDict[str, str]) -> PageQuestion:
    """Read the parameters of the search page: whatever cannot be taken counts as not given."""

    def value(name: str, read: Callable[[str], T], default: T) -> T:
        try:
            return read(args[name])
        except (KeyError, ValueError):
            return default

    def chosen(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for value in args.getlist(name) if value))

    notes: list[Note] = []
    text = args.get("q", "")  # however long: the engine takes what it can and says so
    days = (value("from", values.day, None), value("to", values.day, None))
    request = SearchRequest(
        text=text,
        filters=Filters(chosen("source"), chosen("category"), chosen("author"), *days),
        sort=value("sort", values.sort, "relevance" if text.strip() else "newest"),
        page=value("page", values.page, 1),
    )
    if request.page * request.per_page > MAX_DEPTH:
        request = SearchRequest(text=text, filters=request.filters, sort=request.sort)
        notes.append(TOO_DEEP)
    front = not text.strip() and request.filters == Filters() and not {"page", "sort"} & args.keys()
    return PageQuestion(request, tuple(notes), front)
