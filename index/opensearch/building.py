"""A new generation in the cluster: loaded aside, verified, copied, published in one step."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from index.article import Article
from index.generation import RefusedIndexError
from index.generations import NoIndexError
from index.opensearch.assets import upload
from index.opensearch.changing import BATCH, BATCH_CHARACTERS, Changes, characters, load
from index.opensearch.cluster import Cluster
from index.opensearch.connection import ClusterError, telling
from index.opensearch.documents import document_id, record
from index.opensearch.journal import entries
from index.opensearch.loading import in_batches
from index.opensearch.locks import Held
from index.opensearch.names import journal_of
from index.opensearch.state import State, live_state, state_of, write_state
from index.opensearch.vocabulary import Analyst, generation_arrays
from index.writing import Change, PublicationError


@dataclass(frozen=True, slots=True)
class Build:
    """How a generation is built. ``held``: the lock ``build``. ``quiet``: a context in which nobody else writes.

    The rest is as ``index.writing.Writer.rebuild`` has it.
    """

    cluster: Cluster
    held: Held
    quiet: Callable[[], AbstractContextManager[Held]]
    jobs: int
    memory: int
    force: bool
    rejected: Callable[[], int]
    protected: Collection[str]

    def run(self, articles: Iterable[Article]) -> Change:
        """Build a generation of articles and publish it; after any error nothing of it is left."""
        cluster, started, clock = self.cluster, datetime.now(UTC), time.monotonic()
        cluster.clean()
        before = cluster.live()
        live_count = cluster.count(before) if before else 0
        generation = cluster.create()
        try:
            with self.quiet():
                cluster.open_journal(generation)
            last = _Last(articles)
            analyst = Analyst(self.memory << 20)
            load(cluster, generation, last, analyst, 1, self.jobs)
            self.held.check()
            self._check_count(analyst.documents, live_count)
            self._verify(generation, analyst.documents, last.article)
            tables = upload(cluster.client, generation, "words", generation_arrays(analyst, self.protected))
            state = State(
                generation=generation,
                commit=1,
                sequence=1 + analyst.documents,
                documents=analyst.documents,
                words=analyst.words,
                assets=(tables,),
                articles=analyst.documents,
                rejected=self.rejected(),
                started=started.isoformat(timespec="seconds"),
                finished=datetime.now(UTC).isoformat(timespec="seconds"),
                seconds=round(time.monotonic() - clock, 1),
            )
            write_state(cluster.client, state)
            cluster.copy(generation, self.held.check)
            self._publish(generation, before)
        except BaseException:
            with suppress(ClusterError):  # what a cluster that is gone keeps, the next build clears away
                cluster.discard(generation)
            raise
        with suppress(ClusterError):  # it is published; the next build clears away what this one could not
            cluster.clean()
        return Change(generation, analyst.documents, live_count, time.monotonic() - clock)

    def _check_count(self, written: int, live_count: int) -> None:
        if self.force:
            return
        if not written:
            raise PublicationError(
                "no article to publish; the live index is unchanged (reindex --force publishes none)"
            )
        if written * 2 < live_count:
            raise PublicationError(
                f"only {written} articles, fewer than half of the {live_count} that are live; the live index is "
                "unchanged (--force publishes them all the same)"
            )

    def _verify(self, generation: str, written: int, last: Article | None) -> None:
        """Raise PublicationError where the cluster does not hold as many articles, or not the last one as it was."""
        self.cluster.refresh(generation)
        found = self.cluster.count(generation)
        if found != written:
            raise PublicationError(f"the cluster holds {found} of {written} articles; not published")
        if last is not None:
            with telling():
                stored = self.cluster.client.get(index=generation, id=document_id(last.id), params={"ignore": 404})
            if stored.get("_source", {}).get("article") != record(last):
                raise PublicationError(f"the cluster cannot find its article {last.id!r}; not published")

    def _publish(self, generation: str, before: str | None) -> None:
        """Take over what changed meanwhile, and move the aliases while nothing changes."""
        cluster = self.cluster
        done = self._take_over(generation, 0)
        with self.quiet() as quiet:
            self._take_over(generation, done)
            quiet.check()
            self.held.check()
            cluster.publish(generation, before)
            with suppress(ClusterError):
                cluster.close_journal(generation)

    def _take_over(self, generation: str, done: int) -> int:
        """Do again what the journal holds of commits after ``done``; return the last commit that it holds wholly."""
        cluster = self.cluster
        try:
            complete = live_state(cluster.client, cluster.names).commit
        except (NoIndexError, RefusedIndexError):
            complete = 0  # nobody could change anything
        changes: Changes | None = None
        for batch in in_batches(entries(cluster.client, journal_of(generation), done), _size, BATCH_CHARACTERS, BATCH):
            if changes is None:
                changes = Changes(cluster, *state_of(cluster.client, generation), self.memory << 20)
            changes.add(entry for entry in batch if isinstance(entry, Article))
            changes.delete([entry for entry in batch if isinstance(entry, str)])
        if changes is not None:
            changes.complete()
        return complete


class _Last:
    """Articles on their way, of which the last one is remembered."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.article: Article | None = None
        self._articles = articles

    def __iter__(self) -> Iterator[Article]:
        for article in self._articles:
            self.article = article
            yield article


def _size(entry: Article | str) -> int:
    return characters(entry) if isinstance(entry, Article) else len(entry)
