"""The cluster engine behind the seam of ``index.writing``."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from index.generations import NoIndexError
from index.opensearch.building import Build
from index.opensearch.changing import Changes
from index.opensearch.cluster import Cluster
from index.opensearch.connection import telling
from index.opensearch.documents import article_of, record
from index.opensearch.journal import Journal
from index.opensearch.locks import Held, Kind, hold
from index.opensearch.names import assets_of
from index.opensearch.state import State, live_state, state_of
from index.settings import Settings
from index.writing import Change, Command, PublicationError, Status

_SENDERS = 2
"""Threads that send an add's articles."""

_PATIENCE = 3600.0
"""Seconds that a build which is loaded waits at least for whoever adds: a large add is no reason to load it again."""


@dataclass(frozen=True, slots=True)
class ClusterStatus(Status):
    """A cluster's index; ``size`` is that of all copies.

    ``health``: ``green``, ``yellow`` (copies are missing) or ``red`` (articles are). ``shards``: parts of the index
    that are there; ``copies``: these and their copies.
    """

    health: str
    nodes: int
    shards: int
    copies: int


class ClusterWriter:
    """Writes to the cluster that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._cluster = Cluster.of(settings)
        self._build: Held | None = None
        self._change: Held | None = None
        self._told, self._wait = "", 0.0
        self._on_wait: Callable[[str], None] | None = None

    @contextmanager
    def locked(
        self, command: Command, told: str, wait: float, on_wait: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Keep out whoever would do the same: adds and deletes go on while a reindex runs."""
        self._build = self._change = None
        self._told, self._wait, self._on_wait = told, wait, on_wait
        # What is added to nothing becomes the first generation. Whoever holds ``change`` must not wait for ``build``:
        # a build waits for ``change``.
        if command in ("reindex", "rollback") or (command == "add" and self._cluster.live() is None):
            with self._hold("build", wait) as self._build:
                yield
        else:
            with self._quiet(wait) as self._change:
                yield

    def _hold(self, kind: Kind, wait: float) -> AbstractContextManager[Held]:
        return hold(self._cluster.client, self._cluster.names.locks, kind, self._told, wait, self._on_wait)

    @contextmanager
    def _quiet(self, wait: float) -> Iterator[Held]:
        """Hold the lock ``change``, after those who came before."""
        with ExitStack() as stack:
            with self._hold("turn", wait):
                held = stack.enter_context(self._hold("change", wait))
            yield held

    def reject_log(self, command: Command) -> Path:
        """A file for each command, as a reindex and an add may run at once."""
        return self._cluster.directory / ("rejects.jsonl" if command == "reindex" else f"rejects-{command}.jsonl")

    def rebuild(
        self,
        articles: Iterable[Article],
        *,
        jobs: int,
        memory: int,
        force: bool,
        rejected: Callable[[], int],
        protected: Collection[str],
    ) -> Change:
        """Build a new generation; see ``index.writing``. ``jobs``: threads that send."""
        assert self._build is not None  # noqa: S101 - told in Writer
        wait = max(self._wait, _PATIENCE)
        return Build(
            self._cluster, self._build, lambda: self._quiet(wait), jobs, memory, force, rejected, protected
        ).run(articles)

    def add(self, articles: Iterable[Article], *, memory: int, protected: Collection[str]) -> Change:
        """Insert or replace articles; see ``index.writing``.

        All are read before any is sent: where one stops a strict run, nothing has changed.
        """
        clock = time.monotonic()
        with _spooled(articles) as spooled:
            if self._change is None and self._cluster.live() is None:
                return self.rebuild(
                    spooled, jobs=_SENDERS, memory=memory, force=False, rejected=lambda: 0, protected=protected
                )
            with self._changing(memory) as changes:
                changes.add(spooled, _SENDERS)
                if not changes.written:
                    raise PublicationError("no article to add; the live index is unchanged")
                state = self._completed(changes)
            return Change(state.generation, changes.written, changes.removed, time.monotonic() - clock)

    def delete(self, ids: Sequence[str]) -> Change:
        """Remove articles; see ``index.writing``."""
        clock = time.monotonic()
        with self._changing(0) as changes:
            changes.delete(ids)
            generation = changes.generation
            if changes.removed:
                self._completed(changes)
        return Change(generation, 0, changes.removed, time.monotonic() - clock)

    @contextmanager
    def _changing(self, memory: int) -> Iterator[Changes]:
        """Give changes to the live generation, written down for a build that runs."""
        cluster = self._cluster
        if self._change is None:  # an index came into being while we waited to build the first one
            with self._quiet(self._wait) as self._change, self._changing(memory) as changes:
                yield changes
            return
        state, version = state_of(cluster.client, live_state(cluster.client, cluster.names).generation)
        journal = cluster.journal()
        noted = Journal(journal, state.commit + 1) if journal else None
        yield Changes(cluster, state, version, memory << 20, noted)

    def _completed(self, changes: Changes) -> State:
        """Complete changes. While the lock is held no build is published: they are on the index that is live."""
        state = changes.complete()
        assert self._change is not None  # noqa: S101 - as ``_changing`` takes care of
        self._change.check()
        return state

    def rollback(self) -> str:
        """Publish the previous generation again; see ``index.writing``."""
        cluster = self._cluster
        cluster.clean()
        previous = cluster.previous()
        if previous is None:
            raise NoIndexError("there is no previous index in the cluster to roll back to")
        state_of(cluster.client, previous)  # refuses one that this program cannot read
        with self._quiet(self._wait):
            return cluster.rollback()

    def status(self) -> ClusterStatus:
        """Describe the live index."""
        cluster = self._cluster
        state = live_state(cluster.client, cluster.names)
        indexes = f"{state.generation},{assets_of(state.generation)}"
        with telling():
            stats = cluster.client.indices.stats(index=indexes, metric="docs,store")
        health = cluster.health(state.generation)
        return ClusterStatus(
            generation=state.generation,
            commit=state.commit,
            articles=cluster.count(state.generation),
            deleted=int(stats["indices"][state.generation]["primaries"]["docs"]["deleted"]),
            size=int(stats["_all"]["total"]["store"]["size_in_bytes"]),
            built=state.finished,
            analysis_version=state.analysis_version,
            schema_version=state.schema_version,
            can_roll_back=cluster.previous() is not None,
            health=health["status"],
            nodes=health["number_of_data_nodes"],
            shards=health["active_primary_shards"],
            copies=health["active_shards"],
        )


@contextmanager
def _spooled(articles: Iterable[Article]) -> Iterator[Iterable[Article]]:
    """Read all articles into a file first, and give them from there."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        for article in articles:
            file.write(json.dumps(record(article), ensure_ascii=False) + "\n")
        file.seek(0)
        yield (article_of(json.loads(line)) for line in file)
