"""Writing to a real cluster that fails, or must wait: what is left of it, and what is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clustered import ARTICLES, Inside, by_id, rollback, run, until
from contract import Place

from index.article import Article
from index.generation import RefusedIndexError
from index.lock import LockedError
from index.opensearch import building, locks
from index.opensearch.assets import Assets
from index.opensearch.cluster import Cluster
from index.opensearch.connection import ClusterUnavailableError
from index.opensearch.names import assets_of
from index.opensearch.state import STATE
from index.settings import Settings
from index.writers import open_writer
from index.writing import PublicationError


def test_a_build_of_nothing_or_of_far_fewer_is_not_published(there: Place) -> None:
    there.rebuild(ARTICLES)
    before = Inside.of(there).indexes()
    writer = open_writer(there.settings)
    for few in ([], ARTICLES[:19]):
        with writer.locked("reindex", "a test", 5.0), pytest.raises(PublicationError, match="unchanged"):
            writer.rebuild(few, jobs=1, memory=32, force=False, rejected=lambda: 0, protected=())
    with writer.locked("add", "a test", 5.0), pytest.raises(PublicationError, match="no article to add"):
        writer.add([], memory=32, protected=())
    assert Inside.of(there).indexes() == before
    assert len(Inside.of(there).articles()) == 40


@pytest.mark.parametrize("step", ["upload", "write_state", "generation_arrays", "_verify", "_publish"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_build_that_fails_leaves_nothing(
    there: Place, monkeypatch: pytest.MonkeyPatch, step: str, error: type[BaseException]
) -> None:
    there.rebuild(ARTICLES)
    inside = Inside.of(there)
    before = inside.indexes()

    def fail(*arguments: object, **named: object) -> None:
        raise error("on purpose")

    monkeypatch.setattr(building.Build if step.startswith("_") else building, step, fail)
    with pytest.raises(error):
        there.rebuild(ARTICLES[:30])
    assert inside.indexes() == before
    assert not inside.client.indices.exists_alias(name=inside.names.journal)
    assert inside.articles() == by_id(*ARTICLES)


def test_a_build_that_lacks_an_article_is_not_published(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    there.rebuild(ARTICLES)
    before = Inside.of(there).indexes()
    monkeypatch.setattr(Cluster, "count", lambda *_: 39)
    with pytest.raises(PublicationError, match="holds 39 of 40"):
        there.rebuild(ARTICLES)
    monkeypatch.undo()
    monkeypatch.setattr(building, "record", lambda article: {"id": "another"})
    with pytest.raises(PublicationError, match="cannot find its article"):
        there.rebuild(ARTICLES)
    assert Inside.of(there).indexes() == before


def test_a_strict_add_that_stops_has_changed_nothing(there: Place) -> None:
    there.rebuild(ARTICLES)
    done = run(there, "add", "--strict", "-", text='{"id": "new", "body": "خبر"}\n{"id": "bad"}\n')
    assert done.exit_code == 1
    assert "neither" in done.output
    assert Inside.of(there).articles() == by_id(*ARTICLES)


def test_what_a_killed_build_left_is_cleared_by_the_next(there: Place) -> None:
    there.rebuild(ARTICLES)
    inside = Inside.of(there)
    before = inside.indexes()
    settings = there.settings
    process = subprocess.Popen(
        [sys.executable, "-m", "web.commands", "reindex", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "FIHRIS_ENGINE": "opensearch",
            "FIHRIS_INDEX": str(settings.index),
            "FIHRIS_OPENSEARCH_URL": settings.opensearch_url,
            "FIHRIS_OPENSEARCH_INDEX": settings.opensearch_index,
        },
    )
    assert process.stdin is not None
    assert process.stderr is not None
    try:
        process.stdin.write(b'{"id": "1", "body": "x"}\n' * 3)
        process.stdin.flush()
        until(lambda: len(inside.indexes()) == len(before) + 3)  # articles, assets and journal of a build
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stderr.close()
    there.add(Article("new", body="خبر"))  # is not kept from it, and writes to a journal that nobody will read
    assert len(inside.indexes()) == len(before) + 3
    there.rebuild(ARTICLES[:30])  # takes the lock of a process that is gone, at once
    assert len(inside.generations()) == 2
    assert not inside.client.indices.exists_alias(name=inside.names.journal)
    assert len(inside.articles()) == 30


def test_one_writer_of_a_kind_at_a_time(there: Place) -> None:
    there.rebuild(ARTICLES)
    first, second = open_writer(there.settings), open_writer(there.settings)
    told: list[str] = []
    with first.locked("add", "fihris add first.jsonl", 5.0):
        waiting = second.locked("delete", "fihris delete", 0.5, told.append)
        with pytest.raises(LockedError, match=r"fihris add first\.jsonl.*gave up after 0\.5 s"), waiting:
            pass
        with second.locked("reindex", "a test", 0.5):
            pass
    assert "waiting up to 0.5 s for `fihris add first.jsonl` (process" in told[0]
    with second.locked("delete", "fihris delete", 0.5):
        pass


def test_a_lock_that_is_not_renewed_is_taken_over_and_its_owner_notices(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LIFETIME", 1.0)
    monkeypatch.setattr(locks, "_RENEWAL", 3600.0)
    inside = Inside.of(there)
    with locks.hold(inside.client, inside.names.locks, "build", "first", 1.0) as first:
        first.check()
        with locks.hold(inside.client, inside.names.locks, "build", "second", 10.0) as second:
            second.check()
            with pytest.raises(LockedError, match="was lost"):
                first.check()
    # The first has let go of nothing that was the second's, and the second of its own.
    with locks.hold(inside.client, inside.names.locks, "build", "third", 0.0):
        pass


def test_a_lock_is_renewed(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LIFETIME", 2.0)
    monkeypatch.setattr(locks, "_RENEWAL", 0.2)
    inside = Inside.of(there)
    with locks.hold(inside.client, inside.names.locks, "build", "first", 1.0) as first:
        with pytest.raises(LockedError), locks.hold(inside.client, inside.names.locks, "build", "second", 4.0):
            pass
        first.check()


def test_an_index_of_another_version_is_refused_and_may_be_replaced(there: Place) -> None:
    there.rebuild(ARTICLES)
    inside = Inside.of(there)
    body = {"doc": {"analysis_version": "0"}}
    inside.client.update(index=assets_of(inside.state().generation), id=STATE, body=body)
    for name, arguments in (("status", []), ("add", ["-"]), ("delete", ["1"])):
        done = run(there, name, *arguments, text='{"body": "خبر"}\n')
        assert done.exit_code == 1
        assert "analysis version 0, this program needs" in done.output
    there.rebuild(ARTICLES)
    with pytest.raises(RefusedIndexError):
        rollback(there)
    assert inside.articles() == by_id(*ARTICLES)


def test_an_asset_that_is_damaged_or_gone_in_the_cluster_is_refused(there: Place, tmp_path: Path) -> None:
    there.rebuild(ARTICLES)
    inside = Inside.of(there)
    state = inside.state()
    index, piece = assets_of(state.generation), f"{state.assets[0].name}.0"
    inside.client.index(index=index, id=piece, body={"data": "eA=="})
    with pytest.raises(RefusedIndexError, match=r"words of .* is damaged"):
        Assets(inside.client, tmp_path / "copy").open(state, state.assets[0])
    inside.client.delete(index=index, id=piece)
    with pytest.raises(ClusterUnavailableError, match="is not in the cluster any more"):
        Assets(inside.client, tmp_path / "copy").open(state, state.assets[0])
    assert not [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]


def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path) -> None:
    where = Place(Settings(index=tmp_path, engine="opensearch", opensearch_url="http://127.0.0.1:9"))
    for name, *arguments in (("status",), ("reindex", "-"), ("add", "-"), ("delete", "1"), ("rollback",)):
        done = run(where, name, *arguments, text='{"body": "خبر"}\n')
        assert done.exit_code == 1
        assert "Error: the cluster does not answer" in done.output


def test_without_the_package_the_commands_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    done = run(Place(Settings(index=tmp_path, engine="opensearch")), "status")
    assert done.exit_code == 1
    assert "pip install 'fihris[opensearch]'" in done.output
