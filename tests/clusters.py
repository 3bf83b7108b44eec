"""A real OpenSearch cluster of three nodes for all tests of a session, and one of its own for a test that breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from conftest import _missing

from benchmarks.cluster.guard import Guard
from benchmarks.cluster.nodes import Cluster
from benchmarks.peers.lucene import MissingError

NODES = 3
_HEAP_MB = 512
_NODES = frozenset({"cluster", "own_cluster"})


def started(home: Path, nodes: int = NODES, admitted: Sequence[str] = ()) -> Cluster:
    """Start a cluster in a directory; a test that needs it is skipped, or fails, where Java or Maven is missing.

    ``admitted``: the only ones whom its nodes answer, and by TLS, by their ``Authorization``; none: everyone.
    """
    made = Cluster(home, heap=_HEAP_MB, leashed=True)
    try:
        if admitted:
            made = Cluster(home, heap=_HEAP_MB, leashed=True, guard=Guard.of(home, admitted))
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
    made = started(tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop()


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes of a test's own."""
    made = started(tmp_path / "cluster")
    yield made
    made.stop()
