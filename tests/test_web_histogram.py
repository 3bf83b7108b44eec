"""The chart of dates: what its bars count, where they lead, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest
from flask import Flask
from flask_babel import force_locale

from search.engine import Engine
from search.request import Filters, Match, SearchRequest
from search.results import FacetValue, SearchResults
from web.histogram import HEIGHT, MOST_BARS, WIDTH, Bar, Histogram, histogram


@pytest.fixture(autouse=True)
def arabic(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def found(years: dict[int, int], partial: bool = False) -> SearchResults:
    values = tuple(FacetValue(str(year), count) for year, count in sorted(years.items(), reverse=True))
    return SearchResults("", "all", (), sum(years.values()), 1, 10, 0.0, (), {"year": values}, partial)


def never(request: SearchRequest) -> int:
    raise AssertionError(f"counted: {request}")


def drawn(request: SearchRequest, results: SearchResults, engine: Engine | None = None) -> Histogram:
    chart = histogram(request, results, (lambda asked: engine.search(asked).total) if engine else never)
    assert chart is not None
    return chart


def count_of(bar: Bar) -> int:
    told = bar.label.split(": ")[1]
    return {"مقال واحد": 1, "مقالان": 2}.get(told) or int(told.split()[0])


def test_a_bar_for_each_year_leads_to_it() -> None:
    chart = drawn(SearchRequest("البحر"), found({2021: 4, 2023: 8}))
    assert [bar.label for bar in chart.bars] == ["2021: 4 مقالات", "2023: 8 مقالات"]
    assert unquote(chart.bars[1].url) == "/?q=البحر&from=2023-01-01&to=2023-12-31"
    assert chart.names == ("2021", "2022", "2023")
    assert chart.wider is None
    assert [bar.height for bar in chart.bars] == [HEIGHT / 2, HEIGHT]


def test_time_runs_as_the_language_does() -> None:
    years = found({2021: 4, 2023: 8})
    first, last = drawn(SearchRequest("x"), years).bars
    assert first.x > last.x == 0
    with force_locale("en"):
        first, last = drawn(SearchRequest("x"), years).bars
        assert first.x == 0 < last.x
        assert first.label == "2021: 4 articles"
        assert first.url == "/?q=x&from=2021-01-01&to=2021-12-31&lang=en"


@pytest.mark.parametrize("years", [{1990: 3, 2024: 1}, {1: 1, 9999: 2}, {622: 1, 2025: 9}, {1999: 1, 2023: 1, 2024: 1}])
def test_many_years_share_bars_that_leave_none_out(years: dict[int, int]) -> None:
    results = found(years)
    chart = drawn(SearchRequest("x"), results)
    assert 1 < len(chart.bars) <= MOST_BARS
    assert sum(count_of(bar) for bar in chart.bars) == results.total
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.inner_x
        assert bar.inner_x + bar.inner_width <= bar.x + bar.width + 0.02 <= WIDTH + 0.04
        assert bar.y + bar.height == pytest.approx(HEIGHT, abs=0.02)
        assert bar.height > 0
    assert chart.names == (str(min(years)), str(max(years)))


def test_one_year_is_shown_by_its_months(sample_engine: Engine) -> None:
    year = Filters(published_from=date(2024, 1, 1), published_to=date(2024, 12, 31))
    asked = SearchRequest("البحر", replace(year, category=("علوم",)))
    results = sample_engine.search(asked)
    chart = drawn(asked, results, sample_engine)
    assert "2024" in chart.title
    assert chart.year == "2024"
    assert chart.wider is not None
    assert unquote(chart.wider) == "/?q=البحر&category=علوم"
    months = {}
    for bar in chart.bars:
        days = dict(each.split("=") for each in unquote(bar.url).partition("?")[2].split("&"))
        span = replace(
            asked.filters, published_from=date.fromisoformat(days["from"]), published_to=date.fromisoformat(days["to"])
        )
        months[bar.label] = sample_engine.search(replace(asked, filters=span)).total
        assert not bar.chosen
    assert sum(months.values()) == results.total > 0
    assert "آب/أغسطس 2024: مقال واحد" in months


def test_a_month_stays_among_those_of_its_year(sample_engine: Engine) -> None:
    month = Filters(published_from=date(2024, 9, 1), published_to=date(2024, 9, 30))
    asked = SearchRequest("البحر", month)
    chart = drawn(asked, sample_engine.search(asked), sample_engine)
    (chosen,) = [bar for bar in chart.bars if bar.chosen]
    assert chosen.label.startswith("أيلول/سبتمبر 2024")
    assert unquote(chosen.url) == "/?q=البحر"
    assert len(chart.bars) > 1


@pytest.mark.parametrize("words", ["قطار قسطنطوبولينا", '"البحر" قسطنطوبولينا', "البحر"])
@pytest.mark.parametrize("match", ["auto", "any"])
def test_months_are_counted_as_the_results_were_found(sample_engine: Engine, words: str, match: Match) -> None:
    """Where few articles have all the words, those of each month have some of them too."""
    year = Filters(published_from=date(2024, 1, 1), published_to=date(2024, 12, 31))
    asked = SearchRequest(words, year, match=match)
    results = sample_engine.search(asked)
    assert results.total > 0
    assert (results.match == "any") == ("قسطنطوبولينا" in words or match == "any")
    counted: list[int] = []

    def count(narrowed: SearchRequest) -> int:
        counted.append(sample_engine.search(narrowed).total)
        return counted[-1]

    assert histogram(asked, results, count) is not None
    assert sum(counted) == results.total


def test_articles_of_one_year_only_are_shown_by_month_unasked(sample_engine: Engine) -> None:
    chart = drawn(SearchRequest("البحر"), found({2024: 5}), sample_engine)
    assert chart.wider is None
    assert all("2024" in bar.label for bar in chart.bars)


def test_without_dates_or_time_there_is_no_chart() -> None:
    assert histogram(SearchRequest("x"), found({}), never) is None
    assert histogram(SearchRequest("x"), found({2020: 1, 2021: 2}, partial=True), never) is None
    assert histogram(SearchRequest("x"), found({2024: 5}), lambda asked: 0) is None


def test_months_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch, sample_engine: Engine) -> None:
    monkeypatch.setattr("web.histogram._PATIENCE", -1.0)
    asked: list[SearchRequest] = []
    count = lambda request: asked.append(request) or sample_engine.search(request).total  # noqa: E731
    assert histogram(SearchRequest("x"), found({2024: 5}), count) is None
    assert len(asked) == 1
