"""Answers that are kept: until the index changes, not longer; and how they are compressed."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from flask import Flask
from flask.testing import FlaskClient
from publications import FIRST, MEMORY, SECOND, publish
from stored_state import COMMON, make_article

from index import embedded
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.request import SearchRequest
from search.results import SearchResults
from web import create_app

LASTING = [
    "/",
    "/?q=المدينة",
    "/articles/med-1?q=المدينة",
    "/api/search?q=المدينة",
    "/api/articles/med-1",
    "/feed.atom",
]
UNCHANGING = ["/openapi.json", "/docs", "/opensearch.xml", "/embed", "/embed.js"]


@pytest.mark.parametrize("path", LASTING)
def test_what_is_unchanged_is_not_sent_again(client: FlaskClient, engine: FakeEngine, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith("W/")
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Accept-Encoding" in first.headers["Vary"]
    searches = len(engine.requests)
    for ask in (client.get, client.head):
        again = ask(path, headers={"If-None-Match": f'"other", {tag}'})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert "Accept-Encoding" in again.headers["Vary"]
    assert len(engine.requests) == searches
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_tags_are_of_one_address_and_one_program(client: FlaskClient, engine: FakeEngine) -> None:
    tags = {client.get(path).headers["ETag"] for path in LASTING}
    tags |= {client.get(path, headers={"Host": "other.example"}).headers["ETag"] for path in LASTING}
    other = create_app(Settings(site_name="غيره"), engine).test_client()
    tags |= {other.get(path).headers["ETag"] for path in LASTING}
    assert len(tags) == 3 * len(LASTING)
    same = create_app(Settings(), FakeEngine()).test_client()
    assert same.get("/").headers["ETag"] == client.get("/").headers["ETag"]


def test_a_new_generation_and_an_added_article_change_what_is_answered(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    client = create_app(Settings(index=tmp_path)).test_client()
    paths = ["/", f"/api/search?q={COMMON}", f"/articles/{make_article(3).id}", f"/feed.atom?q={COMMON}"]
    before = {path: client.get(path).headers["ETag"] for path in paths}

    def changed() -> None:
        for path, tag in before.items():
            answer = client.get(path, headers={"If-None-Match": tag})
            assert answer.status_code == 200
            before[path] = answer.headers["ETag"]
            assert before[path] != tag
            assert client.get(path, headers={"If-None-Match": before[path]}).status_code == 304

    embedded.add(Generations(tmp_path), [make_article(50)], memory=MEMORY)
    changed()
    publish(tmp_path, FIRST | SECOND)
    changed()


def test_changed_synonyms_change_what_is_answered(sample_index: Path, tmp_path: Path) -> None:
    synonyms = tmp_path / "synonyms"
    synonyms.write_text("حاسوب, كمبيوتر\n")
    client = create_app(Settings(index=sample_index, synonyms=str(synonyms))).test_client()
    asked = {"If-None-Match": client.get("/api/search?q=دولة").headers["ETag"]}
    assert client.get("/api/search?q=دولة", headers=asked).status_code == 304
    synonyms.write_text("دولة, وطن, بلد\n")
    assert client.get("/api/search?q=دولة", headers=asked).status_code == 200


@pytest.mark.parametrize("half_life", [0.0, 30.0])
def test_where_new_articles_are_preferred_each_day_has_answers_of_its_own(sample_index: Path, half_life: float) -> None:
    days = [date(2026, 1, 1)]
    settings = Settings(index=sample_index, recency_half_life=half_life)
    client = create_app(settings, EmbeddedEngine(settings, today=lambda: days[-1])).test_client()
    asked = {"If-None-Match": client.get("/api/search?q=البحر").headers["ETag"]}
    assert client.get("/api/search?q=البحر", headers=asked).status_code == 304
    days.append(date(2026, 1, 2))
    assert client.get("/api/search?q=البحر", headers=asked).status_code == (200 if half_life else 304)


@pytest.mark.parametrize("path", ["/?q=العدد", "/api/search?q=العدد", "/feed.atom?q=العدد", "/"])
def test_partial_answers_are_not_kept(client: FlaskClient, engine: FakeEngine, path: str) -> None:
    engine.partial = True
    answer = client.get(path)
    assert "ETag" not in answer.headers
    assert answer.cache_control.no_store


def test_an_answer_that_a_commit_overtook_is_not_kept(
    app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, names = engine.search, iter(["one", "two"])

    def overtaken(request: SearchRequest) -> SearchResults:
        return search(request)

    monkeypatch.setattr(engine, "search", overtaken)
    monkeypatch.setattr(engine, "state", lambda: next(names))
    answer = app.test_client().get("/api/search")
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
    assert answer.cache_control.no_store


@pytest.mark.parametrize("path", ["/api/search?page=0", "/api/articles/none", "/articles/none"])
def test_errors_are_not_kept(client: FlaskClient, path: str) -> None:
    assert "ETag" not in client.get(path).headers


def test_the_operator_may_let_caches_answer_for_a_while(engine: FakeEngine) -> None:
    client = create_app(Settings(cache_seconds=120), engine).test_client()
    for path in LASTING:
        assert client.get(path).headers["Cache-Control"] == "public, max-age=120"


@pytest.mark.parametrize("path", [*UNCHANGING, "/favicon.ico"])
def test_what_only_the_program_changes_is_kept_without_an_index(path: str) -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    answer = client.get(path, buffered=True)
    assert answer.status_code == 200
    assert answer.cache_control.max_age
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True).status_code == 304


@pytest.mark.parametrize("path", [*LASTING, *UNCHANGING, "/static/fihris.css"])
def test_everything_long_is_compressed_for_those_who_can_read_it(client: FlaskClient, path: str) -> None:
    plain = client.get(path, buffered=True)
    assert "Content-Encoding" not in plain.headers
    packed = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    best = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br, zstd"}, buffered=True)
    assert best.headers["Content-Encoding"] == "zstd"
    tag = packed.headers["ETag"]
    again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag}, buffered=True)
    assert again.status_code == 304


def test_short_answers_stay_as_they_are(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers
