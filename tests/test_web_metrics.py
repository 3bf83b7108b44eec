"""Metrics, added up over worker processes, and the line of log that each request leaves."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from servers import Serving, served, wait_until

from index.settings import Settings
from web import create_app
from web.observation import LOG


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return samples(text).get((name, tuple(sorted(labels.items()))), 0.0)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, LOG.name):
        yield caplog


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == LOG.name]


@pytest.fixture(scope="module")
def two_workers(sample_index: Path) -> Iterator[Serving]:
    with served(sample_index, workers=2, LOG_QUERIES="1") as serving:
        yield serving


def test_what_workers_count_is_added_up_and_outlives_them(two_workers: Serving) -> None:
    first, second = two_workers.workers()
    for number in range(40):
        assert two_workers.get(f"/api/search?q=%D8%A7%D9%84%D8%A8%D8%AD%D8%B1&page={number % 3 + 1}")[0] == 200
    assert two_workers.get("/api/search?q=qwertyuiop")[0] == 200
    assert two_workers.get("/api/search?page=0")[0] == 400

    # The active one is whoever asks for the metrics.
    wanted = {"answered": 41, "refused": 1, "timed": 42, "searched": 41, "nothing": 1, "active": 1}

    def counted() -> dict[str, float]:
        text = two_workers.get("/metrics")[1]
        of = {"method": "GET", "route": "/api/search"}
        return {
            "answered": value(text, "fihris_requests_total", **of, status="200"),
            "refused": value(text, "fihris_requests_total", **of, status="400"),
            "timed": value(text, "fihris_request_seconds_count", route="/api/search"),
            "searched": value(text, "fihris_search_seconds_count", route="/api/search"),
            "nothing": value(text, "fihris_searches_without_results_total"),
            "active": value(text, "fihris_requests_active"),
        }

    # A request is counted when its answer is sent, which the client may have before.
    wait_until(lambda: counted() == wanted)
    assert {first, second} == set(two_workers.workers())
    for worker in (first, second):
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda worker=worker: worker not in two_workers.workers() and len(two_workers.workers()) == 2)
        assert counted() == wanted


def test_the_index_is_described_as_it_is_now(two_workers: Serving) -> None:
    text = two_workers.get("/metrics")[1]
    generation = json.loads(two_workers.get("/readyz")[1])["generation"]
    assert value(text, "fihris_index_info", generation=generation) == 1
    assert value(text, "fihris_index_articles") == 96
    assert value(text, "fihris_index_size_bytes") > 100_000
    assert value(text, "fihris_index_up") == 1


def test_each_request_leaves_a_line_on_the_output(two_workers: Serving) -> None:
    two_workers.get("/api/search?q=%D9%82%D9%85%D8%B1&source=x")

    def last() -> list[dict[str, object]]:
        read = [json.loads(each) for each in two_workers.output.read_text().splitlines() if each.startswith("{")]
        return [each for each in read if each.get("query") == "قمر"]

    wait_until(last)
    (line,) = last()
    assert line["route"] == "/api/search"
    assert (line["status"], line["method"], line["total"], line["source"]) == (200, "GET", 0, ["x"])


def test_the_directory_that_workers_share_goes_with_the_server(sample_index: Path) -> None:
    with served(sample_index) as serving:
        environ = Path(f"/proc/{serving.workers()[0]}/environ").read_text()
        assert "PROMETHEUS_MULTIPROC_DIR" not in environ  # it is set in the process, not before it
        open_files = [os.readlink(each) for each in Path(f"/proc/{serving.workers()[0]}/fd").iterdir()]
        folders = {Path(each).parent for each in open_files if re.search(r"fihris-metrics-\w+/counter_\d+\.db", each)}
        (folder,) = folders
        assert folder.is_dir()
    assert not folder.exists()


def test_labels_are_routes_and_there_is_an_end_of_them(client: FlaskClient) -> None:
    for number in range(30):
        client.get(f"/articles/x{number}?q={number}", buffered=True)
        client.get(f"/nowhere/{number}", buffered=True)
        client.open("/", method=f"BREW{number}", buffered=True)
    text = client.get("/metrics").text
    requests = [labels for name, labels in samples(text) if name == "fihris_requests_total"]
    assert {dict(labels)["route"] for labels in requests} == {"/articles/<id:article_id>", "(none)"}
    assert {dict(labels)["method"] for labels in requests} == {"GET", "other"}
    assert value(text, "fihris_requests_total", method="GET", route="(none)", status="404") == 30


def test_without_an_index_the_metrics_say_so() -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    assert client.get("/api/search", buffered=True).status_code == 503
    text = client.get("/metrics").text
    assert value(text, "fihris_index_up") == 0
    assert value(text, "fihris_requests_total", method="GET", route="/api/search", status="503") == 1


def test_time_that_ran_out_and_failures_are_counted(
    app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    engine.partial = True
    client.get("/?q=العدد", buffered=True)
    monkeypatch.setattr(engine, "search", lambda request: 1 / 0)
    client.get("/?q=العدد", buffered=True)
    text = client.get("/metrics").text
    assert value(text, "fihris_searches_partial_total") == 1
    assert value(text, "fihris_requests_total", method="GET", route="/", status="500") == 1


@pytest.mark.parametrize(
    ("allowed", "proxies", "address", "headers", "status"),
    [
        ("", 0, "127.0.0.1", {}, 200),
        ("", 0, "::1", {}, 200),
        ("", 0, "192.0.2.7", {}, 403),
        ("", 0, "", {}, 403),
        ("", 0, "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("", 0, "127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
        ("", 1, "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("", 1, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}, 403),
        ("10.0.0.0/8, 192.0.2.7", 1, "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 200),
        ("10.0.0.0/8, 192.0.2.7", 0, "10.1.2.3", {}, 200),
        ("10.0.0.0/8, 192.0.2.7", 0, "127.0.0.1", {}, 403),
        ("none", 0, "127.0.0.1", {}, 403),
    ],
)
def test_metrics_are_for_whom_they_are_meant(
    allowed: str, proxies: int, address: str, headers: dict[str, str], status: int
) -> None:
    settings = Settings(proxies=proxies, **({"metrics_allow": allowed} if allowed else {}))  # type: ignore[arg-type]
    client = create_app(settings, FakeEngine()).test_client()
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    if status == 403:
        assert "FIHRIS_METRICS_ALLOW" in answer.json["detail"]


def test_a_line_tells_what_happened_and_not_what_was_asked(
    client: FlaskClient, lines: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/articles/med-1?q=سرّ", buffered=True)
    client.get("/api/search?q=سرّ&author=سرّ", buffered=True)
    article, search = logged(lines)
    assert article.keys() == {"time", "id", "method", "route", "status", "ms", "bytes"}
    assert (article["method"], article["route"]) == ("GET", "/articles/<id:article_id>")
    assert (article["status"], article["bytes"]) == (200, len(answer.data))
    assert article["id"] == answer.headers["X-Request-ID"] != search["id"]
    assert "سرّ" not in lines.text
    assert "med-1" not in lines.text


def test_queries_are_in_the_log_where_the_operator_says_so(lines: pytest.LogCaptureFixture) -> None:
    client = create_app(Settings(log_queries=True), FakeEngine()).test_client()
    client.get("/?q=المدينة&source=موقع ضفاف&from=2016-01-01", buffered=True)
    (line,) = logged(lines)
    assert (line["query"], line["source"], line["published_from"]) == ("المدينة", ["موقع ضفاف"], "2016-01-01")
    assert line["total"] == 1


def test_the_log_can_be_switched_off(lines: pytest.LogCaptureFixture) -> None:
    create_app(Settings(log_requests=False), FakeEngine()).test_client().get("/", buffered=True)
    assert logged(lines) == []


def test_an_answer_that_was_not_taken_whole_is_marked(client: FlaskClient, lines: pytest.LogCaptureFixture) -> None:
    answer = client.get("/api/search?format=csv")
    next(iter(answer.response))
    answer.close()
    (line,) = logged(lines)
    assert line["cut"] is True


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_X", True), ("x" * 65, False), ("a\tb", False), ('"', False)])
def test_a_believed_proxy_names_the_request(given: str, kept: bool) -> None:
    for proxies in (0, 1):
        client = create_app(Settings(proxies=proxies), FakeEngine()).test_client()
        name = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
        assert (name == given) is (kept and proxies == 1)
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name)
