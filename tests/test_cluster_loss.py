"""Writing to a cluster that loses a node: what was acknowledged stays, and a build waits for what comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from clustered import ARTICLES, Inside, by_id
from contract import Place, place

from benchmarks.cluster.nodes import Cluster
from index.article import Article
from index.opensearch import loading
from index.opensearch.connection import ClusterUnavailableError


@pytest.fixture
def copied(own_cluster: Cluster, tmp_path: Path) -> Place:
    """A place whose index has a copy of each shard."""
    found = place("opensearch", tmp_path, own_cluster.urls())
    return Place(replace(found.settings, opensearch_replicas=1))


@pytest.mark.timeout(1200)  # nodes start four times, and where a machine is busy that takes minutes
def test_writers_do_without_a_node_and_nothing_acknowledged_is_lost(
    copied: Place, own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied.rebuild(ARTICLES)
    inside = Inside.of(copied)
    added = [Article(f"added-{number}", body="خبر") for number in range(30)]

    def adding() -> None:
        for number in range(0, 30, 3):
            copied.add(*added[number : number + 3])

    writer = threading.Thread(target=adding)
    writer.start()
    own_cluster.kill("node-1")
    writer.join(300)
    assert inside.articles() == by_id(*ARTICLES, *added)
    own_cluster.revive("node-1")
    own_cluster.wait(3)
    own_cluster.kill("node-2")  # whatever only it had would be missing now
    own_cluster.revive("node-2")
    own_cluster.wait(3)
    inside.client.indices.refresh(index=inside.names.articles)
    assert inside.articles() == by_id(*ARTICLES, *added)

    # A build has no copies yet: it waits for the part of it that is gone, and gives up in the end.
    monkeypatch.setattr(loading, "PATIENCE", 5.0)
    before, generations = inside.indexes(), inside.generations()

    def losing() -> Iterator[Article]:
        (build,) = inside.generations() - generations
        shards = inside.client.cat.shards(index=build, format="json")
        own_cluster.kill(next(each["node"] for each in shards if each["state"] == "STARTED"))
        yield from ARTICLES

    with pytest.raises(ClusterUnavailableError):
        copied.rebuild(losing())
    assert inside.indexes() == before
    assert inside.articles() == by_id(*ARTICLES, *added)
