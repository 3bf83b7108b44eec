"""Exports: all results of a question, in their order, as a stream that spreadsheets and programs can read."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, astuple, fields, replace
from itertools import islice
from pathlib import Path

import brotli
import pytest
import zstandard
from fake_engine import ARTICLES, FakeEngine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from publications import FIRST, SECOND, publish
from scripted import build_mixed
from stored_state import COMMON

from index.article import Article
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine, EngineUnavailableError
from search.ranking import RANKING
from search.request import Filters, SearchRequest
from search.results import Everything
from web import create_app
from web.exports import _harmless

NAMES = [field.name for field in fields(Article)]


class Slow(FakeEngine):
    """Hands out articles one by one and counts them."""

    def __init__(self, articles: tuple[Article, ...]) -> None:
        super().__init__(articles)
        self.read = 0

    def everything(self, request: SearchRequest) -> Everything:
        def reading() -> Iterator[Article]:
            for each in self.articles:
                self.read += 1
                yield each

        return Everything(len(self.articles), "all", (), reading())


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_lines_are_the_stored_articles(client: FlaskClient) -> None:
    answer = client.get("/api/search?format=jsonl&page=3&per_page=2")
    assert answer.headers["Content-Type"] == "application/jsonl; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fihris.jsonl"'
    assert answer.headers["X-Total-Count"] == str(len(ARTICLES))
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert [json.loads(line) for line in answer.text.splitlines()] == [asdict(each) for each in ARTICLES]


def test_rows_are_the_stored_articles_with_formulas_made_harmless(client: FlaskClient) -> None:
    answer = client.get("/api/search?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fihris.csv"'
    assert answer.text.startswith("\ufeff")
    header, *body = rows(answer.text.removeprefix("\ufeff"))
    assert header == NAMES
    assert [tuple(row) for row in body] == [astuple(each) for each in ARTICLES]


_CELLS = st.text(alphabet=st.sampled_from("=+-@\t\r\n＝＋－＠'\",;اب 1"), max_size=8)


@settings(deadline=None)
@given(st.lists(_CELLS, min_size=7, max_size=7))
def test_no_cell_begins_a_formula_and_none_breaks_out(cells: list[str]) -> None:
    article = Article("=1", *cells)
    text = create_app(Settings(), FakeEngine((article,))).test_client().get("/api/search?format=csv").text
    header, row = rows(text.removeprefix("\ufeff"))
    assert len(row) == len(header)
    for cell, original in zip(row, astuple(article), strict=True):
        assert cell.removeprefix("'") == original.removeprefix("'")
        assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠"
    assert _harmless("'=1") == "'=1"


def test_the_order_is_the_one_asked_for_and_filters_hold(client: FlaskClient) -> None:
    asked = "q=العدد&sort=oldest&source=مجلة مدارات&from=2016-01-01"
    lines = client.get(f"/api/search?{asked}&format=jsonl").text.splitlines()
    hits = client.get(f"/api/search?{asked}&per_page=100").json["hits"]
    assert len(hits) > 5
    assert [json.loads(line)["id"] for line in lines] == [hit["id"] for hit in hits]


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("text", ["", "مدينة", "البحر -نفط", 'مدينة أو "في المدينة"', "لا شيء كهذا قسطنطوبولينا"])
@pytest.mark.parametrize("match", ["auto", "all", "any"])
def test_everything_is_what_the_pages_show(sample_engine: Engine, text: str, sort: str, match: str) -> None:
    request = SearchRequest(text, Filters(category=("علوم", "مدن", "ثقافة")), match=match, sort=sort, per_page=30)  # type: ignore[arg-type]
    pages = [sample_engine.search(replace(request, page=page)) for page in range(1, 5)]
    everything = sample_engine.everything(request)
    assert [hit.article for page in pages for hit in page.hits] == list(everything.articles)
    assert (everything.total, everything.match) == (pages[0].total, pages[0].match)
    assert everything.notes == pages[0].notes


def test_a_bound_on_the_total_leaves_nothing_out(sample_index: Path) -> None:
    # The second pass wants more of the best than the sample has articles: without it one is enough.
    engine = EmbeddedEngine(Settings(index=sample_index, time_budget=0.0), replace(RANKING, window=0))
    request = SearchRequest("مدينة القمر الاصطناعي", match="any", total="bound", per_page=1)
    assert engine.search(request).total_relation == "gte"
    everything = engine.everything(request)
    assert len(list(everything.articles)) == everything.total
    assert everything.total == engine.search(replace(request, total="exact")).total


def test_everything_of_an_index_that_a_script_wrote_to(tmp_path: Path) -> None:
    build_mixed(tmp_path)
    engine = EmbeddedEngine(Settings(index=tmp_path, time_budget=0.0))
    request = SearchRequest("المدينة", sort="newest", per_page=100)
    assert list(engine.everything(request).articles) == [hit.article for hit in engine.search(request).hits]


def test_exports_go_deeper_than_pages(tmp_path: Path) -> None:
    count = 10_050
    state = {str(number): Article(str(number), body=f"{COMMON} {number}") for number in range(count)}
    publish(tmp_path, state)
    client = create_app(Settings(index=tmp_path)).test_client()
    answer = client.get("/api/search", query_string={"q": COMMON, "format": "jsonl"})
    assert answer.headers["X-Total-Count"] == str(count)
    assert {json.loads(line)["id"] for line in answer.text.splitlines()} == state.keys()


def test_a_publication_meanwhile_changes_nothing(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    engine = EmbeddedEngine(Settings(index=tmp_path, time_budget=0.0))
    articles = engine.everything(SearchRequest(COMMON)).articles
    begun = list(islice(articles, 2))
    for _ in range(3):  # so that the first generation is no longer kept for a rollback
        publish(tmp_path, SECOND)
        assert engine.search(SearchRequest(COMMON)).total == len(SECOND)
    assert {each.id: each for each in (*begun, *articles)} == FIRST


def test_articles_are_read_as_they_are_sent() -> None:
    engine = Slow(ARTICLES * 30)
    answer = create_app(Settings(), engine).test_client().get("/api/search?format=jsonl")
    assert answer.is_streamed
    next(answer.iter_encoded())
    assert 0 < engine.read < len(engine.articles) / 4
    answer.close()


def test_exports_can_be_switched_off() -> None:
    client = create_app(Settings(exports=0), FakeEngine()).test_client()
    answer = client.get("/api/search?format=csv")
    assert answer.status_code == 403
    assert "FIHRIS_EXPORTS" in answer.json["detail"]
    assert client.get("/api/search?format=json").status_code == 200


def test_too_many_exports_have_to_wait(app: Flask, engine: FakeEngine) -> None:
    client = app.test_client()
    begun = [client.get("/api/search?format=csv") for _ in range(2)]
    refused = client.get("/api/search?format=csv")
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    for each in begun:
        each.close()
    for _ in range(5):  # none of these keeps a place
        assert client.head("/api/search?format=csv").status_code == 200
        client.get("/api/search?format=csv").close()
        engine.available = False
        assert client.get("/api/search?format=csv").status_code == 503
        engine.available = True
    assert client.get("/api/search?format=csv").status_code == 200


def test_a_failure_in_the_search_keeps_no_place(
    app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: SearchRequest) -> Everything:
        raise EngineUnavailableError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "everything", fail)
        for _ in range(5):
            assert app.test_client().get("/api/search?format=csv").status_code == 503
    assert app.test_client().get("/api/search?format=csv").status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_exports_are_compressed_on_their_way(encoding: str) -> None:
    engine = Slow(ARTICLES * 30)
    client = create_app(Settings(), engine).test_client()
    plain = client.get("/api/search?format=csv").data
    answer = client.get("/api/search?format=csv", headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < len(plain) / 4
    unpack = {
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }
    assert unpack[encoding](answer.data) == plain
