"""How the articles found are spread over time: a bar for each year, or for each month of one year, that leads there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext

from search.request import SearchRequest
from search.results import SearchResults
from web import language, links, wording

WIDTH, HEIGHT = 288, 64
"""Of the drawing, in units of its own: it is stretched to where it stands."""

MOST_BARS = 24
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_FEW = 6
_LOWEST, _WIDEST = 3, 28
_GAP = 0.2
"""Of a bar's room that stays empty, at least."""

_PATIENCE = 0.5
"""Seconds for counting the months of a year; then the page goes without."""

Count = Callable[[SearchRequest], int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time: its name with its count, where it leads, whether it is chosen, and where it is drawn.

    ``x`` and ``width`` are of its room, which is as high as the drawing; ``inner_x``, ``inner_width``, ``y`` and
    ``height`` of what is drawn in it.
    """

    label: str
    url: str
    chosen: bool
    x: float
    width: float
    inner_x: float
    inner_width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars, earliest first, what they are called, and names to write under them.

    ``names``: of every span where they are few, else of the first and the last. ``year``: whose months they are; empty
    where they are years. ``wider`` leads from the months of a year back to all years.
    """

    title: str
    bars: tuple[Bar, ...]
    names: tuple[str, ...]
    year: str = ""
    wider: str | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    label: str
    days: tuple[date, date]
    count: int


def histogram(request: SearchRequest, results: SearchResults, count: Count) -> Histogram | None:
    """Draw the dates of the articles found; None where there is nothing to compare.

    The results count years. Months are counted with ``count``, which tells how many articles a request finds: where
    the days asked for lie in one year, or all articles do. The months of a year stay when one of them is chosen.
    """
    first, last = request.filters.published_from, request.filters.published_to
    years = {int(each.value): each.count for each in results.facets.get("year", ()) if each.value.isdecimal()}
    if results.partial:
        return None
    if first and last and first.year == last.year:
        return _months(request, results, first.year, count)
    if len(years) == 1:
        return _months(request, results, next(iter(years)), count)
    return _years(request, years) if years else None


def _years(request: SearchRequest, years: dict[int, int]) -> Histogram:
    earliest, latest = min(years), max(years)
    step = next(step for step in _STEPS if latest // step - earliest // step < MOST_BARS)
    spans = []
    for begin in range(earliest // step * step, latest + 1, step):
        number = sum(years.get(year, 0) for year in range(begin, begin + step))
        begin, end = max(begin, 1), min(begin + step - 1, 9999)
        label = str(begin) if step == 1 else f"{begin}–{end}"
        spans.append(_Span(label, (links.year(begin)[0], links.year(end)[1]), number))
    names = [span.label for span in spans] if len(spans) <= _FEW else [str(earliest), str(latest)]
    return Histogram(gettext("Articles by year"), _drawn(request, spans), tuple(names))


def _months(request: SearchRequest, results: SearchResults, year: int, count: Count) -> Histogram | None:
    asked = replace(request, page=1, highlight=False, facets=False, total="exact")
    if results.match == "all":
        asked = replace(asked, match="all", per_page=1)
    # Else a month is asked as the whole was, and widened like it: fewer than a page have all the words.
    begin = time.perf_counter()
    spans = []
    for number in range(1, 13):
        days = links.month(year, number)
        found = count(links.between(asked, *days))
        if time.perf_counter() - begin > _PATIENCE:
            return None
        spans.append(_Span(f"{wording.month(number)} {year}", days, found))
    if not any(span.count for span in spans):
        return None
    narrowed = request.filters.published_from or request.filters.published_to
    return Histogram(
        gettext("Articles of %(year)s by month", year=year),
        _drawn(request, spans),
        (wording.month(1), wording.month(12)),
        str(year),
        links.page_url(links.between(request, None, None)) if narrowed else None,
    )


def _drawn(request: SearchRequest, spans: list[_Span]) -> tuple[Bar, ...]:
    """The spans that hold articles, side by side as the language is read: in Arabic the earliest is on the right."""
    chosen = (request.filters.published_from, request.filters.published_to)
    most = max(span.count for span in spans)
    room = WIDTH / len(spans)
    backwards = language.current().direction == "rtl"
    bars = []
    for place, span in enumerate(spans):
        if span.count:
            x = room * (len(spans) - 1 - place if backwards else place)
            height = max(HEIGHT * span.count / most, _LOWEST)
            is_chosen = chosen == span.days
            target = links.between(request, *((None, None) if is_chosen else span.days))
            label = f"{span.label}: {wording.plain_articles(span.count)}"
            width = min(room * (1 - _GAP), _WIDEST)
            sizes = [round(each, 2) for each in (x, room, x + (room - width) / 2, width, HEIGHT - height, height)]
            bars.append(Bar(label, links.page_url(target), is_chosen, *sizes))
    return tuple(bars)
