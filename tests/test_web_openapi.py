"""The OpenAPI document: what it says is so, and nothing else is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine
from flask.testing import FlaskClient

from index.settings import Settings
from search.engine import Engine
from web import create_app

EXAMPLES = 60
SEED = 1364


@pytest.fixture(scope="module")
def client(sample_engine: Engine) -> FlaskClient:
    return create_app(Settings(), sample_engine).test_client()


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def test_schemathesis_finds_no_request_that_disproves_the_document(site: str, tmp_path: Path) -> None:
    """All its checks, with requests that follow the document and requests that do not, against the real server."""
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{site}/openapi.json"]
    options = ["--checks=all", "--mode=all", "--phases=examples,coverage,fuzzing,stateful", f"--seed={SEED}"]
    options += [f"--max-examples={EXAMPLES}", "--generation-deterministic", "--no-color", "--workers=1"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert told is not None
    assert told[1] == told[2]
    assert int(told[1]) > 500


def unnamed(data: object, schema: dict[str, Any], document: dict[str, Any]) -> set[str]:
    """What an answer holds that its schema does not name. Schemas are open, so that no validator asks for this."""
    if "$ref" in schema:
        return unnamed(data, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    found: set[str] = set()
    if isinstance(data, dict):
        named = schema.get("properties", {})
        found |= data.keys() - named.keys()
        for name in data.keys() & named.keys():
            found |= unnamed(data[name], named[name], document)
    elif isinstance(data, list):
        for each in data:
            found |= unnamed(each, schema.get("items", {}), document)
    return found


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/api/search?q=البحر&explain=1", "/api/search", 200),
        ("/api/search?q=قسطنطوبولينا", "/api/search", 200),
        ("/api/search?page=0&x=1", "/api/search", 400),
        ("/api/suggest?q=المدين", "/api/suggest", 200),
        ("/api/suggest?limit=0", "/api/suggest", 400),
        ("/api/articles/science-13", "/api/articles/{article_id}", 200),
        ("/api/articles/none", "/api/articles/{article_id}", 404),
        ("/healthz", "/healthz", 200),
        ("/readyz", "/readyz", 200),
    ],
)
def test_answers_hold_nothing_that_is_not_named(
    client: FlaskClient, document: dict[str, Any], path: str, route: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    described = document["paths"][route]["get"]["responses"][str(status)]
    assert unnamed(answer.json, described["content"][answer.mimetype]["schema"], document) == set()
    for name in ("ETag", "Cache-Control", "Link", "Retry-After", "X-Request-ID"):
        assert (name not in answer.headers) or name in described["headers"]


def test_every_route_for_programs_is_described(client: FlaskClient, document: dict[str, Any]) -> None:
    described = {re.sub("{.*}", "<>", path) for path in document["paths"]}
    routes = {re.sub("<.*>", "<>", rule.rule) for rule in client.application.url_map.iter_rules()}
    for_people = {"/", "/articles/<>", "/docs", "/embed", "/embed.js", "/favicon.ico", "/robots.txt", "/static/<>"}
    assert described == routes - for_people


def test_the_document_is_of_the_place_where_the_service_is(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/"}]
    under = create_app(Settings(prefix="/search"), FakeEngine()).test_client()
    assert under.get("/search/openapi.json").json["servers"] == [{"url": "/search"}]


def test_what_reads_a_query_string_is_what_is_described(client: FlaskClient, document: dict[str, Any]) -> None:
    for parameter in document["paths"]["/api/search"]["get"]["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        for value in schema.get("enum", ()):
            assert client.get("/api/search", query_string={name: value}).status_code == 200
        if "enum" in schema or "maximum" in schema:
            worse = schema["maximum"] + 1 if "maximum" in schema else "nonsense"
            assert client.get("/api/search", query_string={name: worse}).status_code == 400
        if schema.get("default") not in (None, [], ""):
            assert client.get("/api/search", query_string={name: schema["default"]}).status_code == 200
