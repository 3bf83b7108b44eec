"""Requests written back as query strings, always in the same order and without what is the default."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from flask import request as http_request
from flask import url_for

from search.request import MAX_QUERY_LENGTH, Filters, SearchRequest

FilterName = Literal["source", "category", "author"]
FILTER_NAMES: tuple[FilterName, ...] = ("source", "category", "author")

_DEFAULT = SearchRequest()


def parameters(request: SearchRequest) -> dict[str, Any]:
    """The query parameters that mean ``request``; lists for repeatable ones, the page last."""
    filters = request.filters
    every: dict[str, Any] = {
        "q": request.text,
        **{name: list(values_of(filters, name)) for name in FILTER_NAMES},
        "from": filters.published_from and filters.published_from.isoformat(),
        "to": filters.published_to and filters.published_to.isoformat(),
        "match": request.match if request.match != _DEFAULT.match else None,
        "total": request.total if request.total != _DEFAULT.total else None,
        "explain": "1" if request.explain else None,
        "sort": request.sort if request.sort != _DEFAULT.sort else None,
        "per_page": request.per_page if request.per_page != _DEFAULT.per_page else None,
        "page": request.page if request.page != _DEFAULT.page else None,
    }
    return {name: value for name, value in every.items() if value}


def page_parameters(request: SearchRequest) -> dict[str, Any]:
    """Like ``parameters``, for the search page: without words the newest come first there unasked."""
    given = parameters(request)
    if browses(request) and request.sort == "newest" and (request.page > 1 or request.filters != Filters()):
        del given["sort"]
    return given


def page_of(first: str, page: int) -> str:
    """The URL of another page than the first, whose URL is ``first``."""
    return f"{first}{'&' if '?' in first else '?'}page={page}" if page > 1 else first


def absolute(endpoint: str, **values: Any) -> str:
    """The full URL of an endpoint; its path alone where the client did not say by which host it came."""
    return url_for(endpoint, **values, _external=bool(http_request.host))


def page_url(request: SearchRequest) -> str:
    """The search page that shows ``request``."""
    return url_for("pages.search", **page_parameters(request))


def export_url(request: SearchRequest, form: str) -> str:
    """All results of ``request`` in a form of ``web.exports``, whatever its page."""
    whole = replace(taken(request), page=1, per_page=_DEFAULT.per_page)
    return url_for("api.search", **parameters(whole), format=form)


def taken(request: SearchRequest) -> SearchRequest:
    """The request with what the engine takes of its words: the endpoint refuses longer texts, the page does not."""
    return replace(request, text=request.text[:MAX_QUERY_LENGTH])


def article_url(article_id: str, request: SearchRequest | None = None) -> str:
    """The page of an article; with ``request`` its words are marked and a link leads back to its results."""
    given = {} if request is None else page_parameters(request)
    return url_for("pages.article", article_id=article_id, **given)


def browses(request: SearchRequest) -> bool:
    """Whether the request holds no words, so that nothing can be more relevant than something else."""
    return not request.text.strip()


def values_of(filters: Filters, name: FilterName) -> tuple[str, ...]:
    """The values asked for in one of the filters by value."""
    values: tuple[str, ...] = getattr(filters, name)
    return values


def with_value(request: SearchRequest, name: FilterName, value: str) -> SearchRequest:
    """The first page of the request with one more value of a filter."""
    values = tuple(dict.fromkeys((*values_of(request.filters, name), value)))
    return _filtered(request, name, values)


def without_value(request: SearchRequest, name: FilterName, value: str) -> SearchRequest:
    """The first page of the request without a value of a filter."""
    values = tuple(each for each in values_of(request.filters, name) if each != value)
    return _filtered(request, name, values)


def with_any(request: SearchRequest, name: FilterName) -> SearchRequest:
    """The first page of the request for every value of a filter."""
    return _filtered(request, name, ())


def between(request: SearchRequest, first: date | None, last: date | None) -> SearchRequest:
    """The first page of the request for another range of days."""
    return replace(request, page=1, filters=replace(request.filters, published_from=first, published_to=last))


def year(number: int) -> tuple[date, date]:
    """The first and the last day of a year."""
    return date(number, 1, 1), date(number, 12, 31)


def month(year: int, number: int) -> tuple[date, date]:
    """The first and the last day of a month."""
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def without_filters(request: SearchRequest) -> SearchRequest:
    """The first page of the request for all sources, categories, authors and days."""
    return replace(request, page=1, filters=Filters())


def _filtered(request: SearchRequest, name: FilterName, values: tuple[str, ...]) -> SearchRequest:
    filters = request.filters
    match name:
        case "source":
            filters = replace(filters, source=values)
        case "category":
            filters = replace(filters, category=values)
        case "author":
            filters = replace(filters, author=values)
    return replace(request, page=1, filters=filters)
