"""Query strings in, search requests out: strictly for programs, leniently for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, get_args

from werkzeug.datastructures import MultiDict

from search.request import (
    MAX_DEPTH,
    MAX_PER_PAGE,
    MAX_QUERY_LENGTH,
    Filters,
    Match,
    SearchRequest,
    Sort,
    Total,
)
from search.results import Note

T = TypeVar("T")

_SINGLE = ("q", "page", "per_page", "sort", "from", "to", "match", "total", "explain")
_REPEATABLE = ("source", "category", "author")
_SORTS: Mapping[str, Sort] = {sort: sort for sort in get_args(Sort)}
_MATCHES: Mapping[str, Match] = {match: match for match in get_args(Match)}
_TOTALS: Mapping[str, Total] = {total: total for total in get_args(Total)}
_FLAGS: Mapping[str, bool] = {"0": False, "1": True}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_DIGITS = 9

TOO_DEEP = Note(
    "too_deep", f"لا تُعرض النتائج إلا إلى النتيجة {MAX_DEPTH:,}؛ هذه أوّلها. أضف كلمات أو مرشّحات لتضييق البحث."
)


@dataclass(frozen=True, slots=True)
class ParameterError:
    """What is wrong with one query parameter: its name and an English sentence for programmers."""

    parameter: str
    detail: str


class InvalidParametersError(ValueError):
    """A query string that cannot be taken; ``errors`` names every parameter at fault."""

    def __init__(self, errors: tuple[ParameterError, ...]) -> None:
        super().__init__("; ".join(f"{error.parameter}: {error.detail}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """What a reader asked of the search page, and what of it was taken differently than written.

    ``front``: nothing was asked at all, so that the front page is wanted.
    """

    request: SearchRequest
    notes: tuple[Note, ...]
    front: bool


def refuse_parameters(args: MultiDict[str, str]) -> None:
    """Raise InvalidParametersError if there is any query parameter."""
    if args:
        raise InvalidParametersError(tuple(ParameterError(name, "unknown parameter") for name in args))


def strict_request(args: MultiDict[str, str]) -> SearchRequest:
    """Read the search endpoint's parameters; raises InvalidParametersError for any that cannot be taken."""
    errors: list[ParameterError] = []

    def value(name: str, read: Callable[[str], T], default: T) -> T:
        if name not in args:
            return default
        try:
            return read(args[name])
        except ValueError as error:
            errors.append(ParameterError(name, str(error)))
            return default

    for name in args:
        if name not in _SINGLE and name not in _REPEATABLE:
            errors.append(ParameterError(name, "unknown parameter"))
        elif name in _SINGLE and len(args.getlist(name)) > 1:
            errors.append(ParameterError(name, "given more than once"))
        elif name in _REPEATABLE and not all(args.getlist(name)):
            errors.append(ParameterError(name, "empty value"))

    request = SearchRequest(
        text=value("q", _text, ""),
        filters=_filters(args, value("from", _day, None), value("to", _day, None)),
        match=value("match", _match, "auto"),
        sort=value("sort", _sort, "relevance"),
        page=value("page", _count, 1),
        per_page=value("per_page", _per_page, 10),
        total=value("total", _total, "exact"),
        explain=value("explain", _flag, False),
    )
    if not errors:
        errors += _contradictions(request)
    if errors:
        raise InvalidParametersError(tuple(errors))
    return request


def lenient_request(args: MultiDict[str, str]) -> PageQuestion:
    """Read the parameters of the search page: whatever cannot be taken counts as not given."""

    def value(name: str, read: Callable[[str], T], default: T) -> T:
        try:
            return read(args[name])
        except (KeyError, ValueError):
            return default

    notes: list[Note] = []
    text = args.get("q", "")  # however long: the engine takes what it can and says so
    first, last = value("from", _day, None), value("to", _day, None)
    if first and last and first > last:
        first, last = last, first
    request = SearchRequest(
        text=text,
        filters=_filters(args, first, last),
        sort=value("sort", _sort, "relevance" if text.strip() else "newest"),
        page=value("page", _count, 1),
    )
    if request.page * request.per_page > MAX_DEPTH:
        request = SearchRequest(text=text, filters=request.filters, sort=request.sort)
        notes.append(TOO_DEEP)
    front = not text.strip() and request.filters == Filters() and not {"page", "sort"} & args.keys()
    return PageQuestion(request, tuple(notes), front)


def _contradictions(request: SearchRequest) -> list[ParameterError]:
    """What is wrong with parameters that are right by themselves."""
    errors = []
    if request.page * request.per_page > MAX_DEPTH:
        errors.append(ParameterError("page", f"only the first {MAX_DEPTH} results can be paged to"))
    first, last = request.filters.published_from, request.filters.published_to
    if first and last and first > last:
        errors.append(ParameterError("from", "later than 'to'"))
    return errors


def _filters(args: MultiDict[str, str], first: date | None, last: date | None) -> Filters:
    def chosen(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for value in args.getlist(name) if value))

    return Filters(chosen("source"), chosen("category"), chosen("author"), first, last)


def _text(text: str) -> str:
    if len(text) > MAX_QUERY_LENGTH:
        raise ValueError(f"longer than {MAX_QUERY_LENGTH} characters")
    return text


def _count(text: str) -> int:
    """A whole number from 1, in the digits of any script (٣ is 3)."""
    # The length is looked at first: int() refuses numbers of thousands of digits and is slow before it does.
    if text.isdecimal() and len(text.lstrip("0")) <= _MOST_DIGITS and int(text) >= 1:
        return int(text)
    if text.isdecimal() and len(text) > _MOST_DIGITS:
        raise ValueError("number too large")
    raise ValueError("must be a whole number from 1")


def _per_page(text: str) -> int:
    if text.isdecimal() and len(text) <= _MOST_DIGITS and 1 <= int(text) <= MAX_PER_PAGE:
        return int(text)
    raise ValueError(f"must be a whole number from 1 to {MAX_PER_PAGE}")


def _day(text: str) -> date | None:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("must be a date written YYYY-MM-DD")


def _sort(text: str) -> Sort:
    return _choice(_SORTS, text)


def _match(text: str) -> Match:
    return _choice(_MATCHES, text)


def _total(text: str) -> Total:
    return _choice(_TOTALS, text)


def _flag(text: str) -> bool:
    return _choice(_FLAGS, text)


def _choice(choices: Mapping[str, T], text: str) -> T:
    if text not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return choices[text]
