"""A real OpenSearch cluster of three nodes for all tests of a session, and one of its own for a test that breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from conftest import _missing

from benchmarks.cluster.guard import Guard
from benchmarks.cluster.nodes import Cluster
from benchmarks.peers.lucene import MissingError

NODES = 3
_HEAP_MB = 512
_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Nodes live for minutes, and share a machine of two cores with all other tests: what they compile must be cheap."""

_NODES = frozenset({"cluster", "own_cluster"})


def started(
    paths: pytest.TempPathFactory, name: str, nodes: int = NODES, admitted: Sequence[str] = ()
) -> Cluster:  # fmt: skip
    """Start a cluster in a directory; a test that needs it is skipped, or fails, where Java or Maven is missing.

    ``admitted``: the only ones whom its nodes answer, and by TLS, by their ``Authorization``; none: everyone.
    """
    home, program = paths.mktemp(name), paths.getbasetemp() / "opensearch"
    made = Cluster(home)
    try:
        guard = Guard.of(home, admitted) if admitted else None
        made = Cluster(home, heap=_HEAP_MB, leashed=True, guard=guard, program=program, options=_OPTIONS)
        made.start(nodes)
    except MissingError as error:
        _missing("cluster", f"no OpenSearch cluster can be started: {error}")
    except BaseException:
        made.stop()
        raise
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a cluster, those too that ask for the sample in any engine and are not of the other."""
    for item in items:
        assert isinstance(item, pytest.Function)
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        of_either = "samples" in item.fixturenames and "whoosh" not in parameters
        if of_either or not _NODES.isdisjoint(item.fixturenames) or "opensearch" in parameters:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, which nobody may stop."""
    made = started(tmp_path_factory, "cluster")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def _broken_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = started(tmp_path_factory, "broken-cluster")
    yield made
    made.stop()


@pytest.fixture
def own_cluster(_broken_cluster: Cluster) -> Cluster:
    """Three nodes, which a test may kill and revive as it likes; all of them run when it begins."""
    for node in _broken_cluster.nodes:
        if not node.alive():
            _broken_cluster.revive(node.name)
    _broken_cluster.wait(NODES)
    return _broken_cluster
