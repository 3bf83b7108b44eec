"""Nodes that are killed, as a reader sees it: nothing where there are copies, partial answers, 503, and back again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from contract import Place, place
from flask.testing import FlaskClient

from benchmarks.cluster.nodes import Cluster
from index.article import Article
from search.engine import Engine, EngineUnavailableError
from search.request import SearchRequest
from search.results import SearchResults
from web import create_app

_PATIENCE = 120.0
_WORDS = SearchRequest("خبر", per_page=100)


def until(ask: Callable[[], bool]) -> None:
    """Ask again and again, as visitors do, until it is so."""
    limit = time.monotonic() + _PATIENCE
    while not ask():
        assert time.monotonic() < limit
        time.sleep(0.5)


def settled(cluster: Cluster, directory: Path, replicas: int) -> Place:
    """Build an index of 90 articles in three parts, one a node."""
    found = place("opensearch", directory, cluster.urls())
    settings = replace(
        found.settings, opensearch_shards=3, opensearch_replicas=replicas, opensearch_timeout=5.0, time_budget=20.0
    )
    made = Place(settings)
    made.rebuild([Article(str(number), body="خبر", source=f"م{number % 2}") for number in range(90)])
    return made


@pytest.mark.timeout(1200)  # nodes start seven times, and where a machine is busy that takes minutes
def test_the_loss_of_nodes_is_told_and_mended(own_cluster: Cluster, tmp_path: Path) -> None:
    single = settled(own_cluster, tmp_path / "single", replicas=0)
    double = settled(own_cluster, tmp_path / "double", replicas=1)
    app = create_app(single.settings, single.open()).test_client()
    assert app.get("/api/search?q=خبر").headers["ETag"]
    _without_copies(own_cluster, single, app)
    _with_copies(own_cluster, double)
    _without_nodes(own_cluster, single, app)


def _without_copies(cluster: Cluster, single: Place, app: FlaskClient) -> None:
    """A part of the index is gone: what is left is found, and the answer says that something is missing."""
    engine = single.open()
    assert _complete(engine)
    cluster.kill("node-2")
    until(lambda: _asked(engine).partial)
    results = _asked(engine)
    assert 0 < results.total < 90
    assert len(results.hits) == results.total == sum(value.count for value in results.facets["source"])
    assert results.total_relation == "gte"
    assert [note.code for note in results.notes] == ["missing"]
    answer = app.get("/api/search?q=خبر")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["partial"], answer.json["total_relation"]) == (True, "gte")
    assert answer.json["query"]["notes"] == [results.notes[0].text]
    assert "ETag" not in answer.headers
    assert "جزء من الفهرس لا يجيب الآن" in app.get("/?q=خبر").text
    cluster.revive("node-2")
    until(lambda: _complete(engine))


def _with_copies(cluster: Cluster, double: Place) -> None:
    """Every part has a copy: whatever is asked while a node is lost is answered wholly, or told to try again."""
    cluster.wait(3)
    engine = double.open()
    assert _complete(engine)
    cluster.kill("node-3")
    until(lambda: _complete(engine))
    for _ in range(20):
        assert _complete(engine)
    cluster.revive("node-3")
    cluster.wait(3)


def _without_nodes(cluster: Cluster, single: Place, app: FlaskClient) -> None:
    """No node: 503 with the time to come again, and all is well by itself when they are back."""
    for node in cluster.nodes:
        cluster.kill(node.name)
    answer = app.get("/api/search?q=خبر")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    for node in cluster.nodes:
        cluster.revive(node.name)
    until(lambda: app.get("/api/search?q=خبر").status_code == 200)
    until(lambda: (app.get("/api/search?q=خبر").get_json() or {}).get("total") == 90)


def _asked(engine: Engine) -> SearchResults:
    """Ask, again where the cluster is just finding out what it lost."""
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            return engine.search(_WORDS)
        except EngineUnavailableError:
            assert time.monotonic() < limit
            time.sleep(0.2)


def _complete(engine: Engine) -> bool:
    results = _asked(engine)
    return results.total == 90 == len(results.hits) and not results.partial
