"""Ways on from a page of results: other orders, narrower and wider questions, the pages around."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import LazyString, gettext, lazy_gettext

from search.request import MAX_DEPTH, SearchRequest, Sort
from search.results import FacetValue, SearchResults
from web import links, wording

LABELS: Mapping[links.FilterName, LazyString] = {
    "source": lazy_gettext("Source"),
    "category": lazy_gettext("Section"),
    "author": lazy_gettext("Author"),
}
_SORTS: Mapping[Sort, LazyString] = {
    "relevance": lazy_gettext("Most relevant"),
    "newest": lazy_gettext("Newest"),
    "oldest": lazy_gettext("Oldest"),
}
_SHOWN = 8
_AROUND = 2

Search = Callable[[SearchRequest], SearchResults]


@dataclass(frozen=True, slots=True)
class Way:
    """A link: what it says, where it leads, and whether it is where the reader stands already."""

    text: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet; following ``url`` adds it to the filters or, where ``chosen``, takes it away."""

    value: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet's choices: the first ones are always shown, the ``more`` on demand."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the URL of the same results without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to other pages of the same results; None in ``pages`` stands for pages left out.

    ``bounded``: there are more results than can be paged to.
    """

    previous: str | None
    following: str | None
    pages: tuple[Way | None, ...]
    bounded: bool


def sorts(request: SearchRequest) -> list[Way]:
    """The orders that make sense for the request."""
    return [
        Way(str(text), links.page_url(replace(request, sort=sort, page=1)), sort == request.sort)
        for sort, text in _SORTS.items()
        if sort != "relevance" or not links.browses(request)
    ]


def facets(request: SearchRequest, results: SearchResults, search: Search) -> list[Facet]:
    """The facets of the results as links, those without a value left out; ``web.histogram`` shows the years."""
    found = []
    for name, label in LABELS.items():
        choices = tuple(
            Choice(each.value, each.count, *_toggled(request, name, each.value))
            for each in _values(request, results, name, search)
        )
        if choices:
            found.append(Facet(name, str(label), choices[:_SHOWN], choices[_SHOWN:]))
    return found


def chips(request: SearchRequest) -> list[Chip]:
    """The filters in force, each with the way out of it."""
    found = [
        Chip(str(LABELS[name]), value, links.page_url(links.without_value(request, name, value)))
        for name in links.FILTER_NAMES
        for value in links.values_of(request.filters, name)
    ]
    days = _days(request)
    if days:
        found.append(Chip(*days, links.page_url(links.between(request, None, None))))
    return found


def pager(request: SearchRequest, results: SearchResults) -> Pager:
    """The pages of the results: the first, the last and those near this one."""
    per_page = request.per_page
    reachable = MAX_DEPTH // per_page
    every = -(-results.total // per_page)
    last = min(every, reachable)
    here = request.page

    def url(page: int) -> str:
        return links.page_url(replace(request, page=page))

    near = {page for page in range(here - _AROUND, here + _AROUND + 1) if 1 <= page <= last}
    pages: list[Way | None] = []
    before = 0
    for page in sorted({1, last, *near} if last > 1 else ()):
        if page - before == 2:
            # A gap of one page takes as much room as the page.
            pages.append(Way(wording.number(page - 1), url(page - 1)))
        elif page - before > 2:
            pages.append(None)
        pages.append(Way(wording.number(page), url(page), page == here))
        before = page
    return Pager(
        url(min(here - 1, last)) if here > 1 and last else None,
        url(here + 1) if here < last else None,
        tuple(pages),
        every > reachable,
    )


def _values(
    request: SearchRequest, results: SearchResults, name: links.FilterName, search: Search
) -> Sequence[FacetValue]:
    """The values of a facet; where some are chosen these, and after them those that could be chosen besides.

    An article needs any of the values chosen, so that what another one would add is found by asking without them.
    """
    own = results.facets.get(name, ())
    if not links.values_of(request.filters, name):
        return own
    asked = replace(links.with_any(request, name), highlight=False)
    if results.match == "all":
        asked = replace(asked, match="all", per_page=1)
    # Else it is widened as the whole was, or would be.
    others = search(asked)
    if others.partial:
        return own
    chosen = frozenset(each.value for each in own)
    return (*own, *(each for each in others.facets.get(name, ()) if each.value not in chosen))


def _toggled(request: SearchRequest, name: links.FilterName, value: str) -> tuple[str, bool]:
    """Where a click on a facet's value leads, and whether the value is chosen already."""
    chosen = value in links.values_of(request.filters, name)
    change = links.without_value if chosen else links.with_value
    return links.page_url(change(request, name, value)), chosen


def _days(request: SearchRequest) -> tuple[str, str] | None:
    """What the days asked for are called, and which they are; None where any will do."""
    first, last = request.filters.published_from, request.filters.published_to
    if first and last:
        if (first, last) == links.year(first.year):
            return gettext("Year"), str(first.year)
        if (first, last) == links.month(first.year, first.month):
            return gettext("Month"), f"{wording.month(first.month)} {first.year}"
        return gettext("Date"), gettext("%(first)s to %(last)s", first=wording.day(first), last=wording.day(last))
    if first:
        return gettext("Date"), gettext("since %(day)s", day=wording.day(first))
    if last:
        return gettext("Date"), gettext("until %(day)s", day=wording.day(last))
    return None
