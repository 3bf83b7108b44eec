"""The generations in a cluster: making, publishing and removing their indexes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.generations import NoIndexError
from index.opensearch.assets import Assets
from index.opensearch.connection import WRITE_SECONDS, ClusterError, ClusterUnavailableError, connect, telling
from index.opensearch.mapping import articles_body, assets_body, journal_body
from index.opensearch.names import Names, assets_of, journal_of
from index.settings import Settings
from index.writing import PublicationError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

COPY_SECONDS = 1800.0
"""How long the copies of a new index may take."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Cluster:
    """One installation in a cluster, for whoever writes. ``shards`` and ``replicas`` are those of new indexes."""

    client: OpenSearch
    names: Names
    shards: int
    replicas: int
    assets: Assets
    directory: Path

    @classmethod
    def of(cls, settings: Settings) -> Cluster:
        """Return the one that the settings name; nothing is sent yet."""
        client = connect(settings, max(WRITE_SECONDS, settings.opensearch_timeout))
        return cls(
            client,
            Names(settings.opensearch_index),
            settings.opensearch_shards,
            settings.opensearch_replicas,
            Assets(client, settings.index),
            settings.index,
        )

    def live(self) -> str | None:
        """Return the live generation's name."""
        return self._behind(self.names.articles)

    def previous(self) -> str | None:
        """Return the generation that a rollback would publish."""
        return self._behind(self.names.previous)

    def journal(self) -> str | None:
        """Return the journal of the build that is running."""
        return self._behind(self.names.journal)

    def _behind(self, alias: str) -> str | None:
        with telling():
            found = self.client.indices.get_alias(name=alias, params={"ignore": 404})
        # Where there is none, the answer has an error and a status instead.
        return next((index for index in found if self.names.generation_of(index)), None)

    def create(self) -> str:
        """Make the indexes of a new generation, and return its name."""
        generation = self.names.new_generation()
        with telling():
            self.client.indices.create(index=generation, body=articles_body(self.shards))
            self.client.indices.create(index=assets_of(generation), body=assets_body(self.replicas))
        return generation

    def open_journal(self, generation: str) -> None:
        """Have changes written down from now on. The lock ``change`` must be held, so that none is on its way."""
        body = {**journal_body(self.replicas), "aliases": {self.names.journal: {}}}
        with telling():
            self.client.indices.create(index=journal_of(generation), body=body)

    def discard(self, generation: str) -> None:
        """Delete a generation that is neither live nor the one before: a build that was published stays."""
        if generation not in (self.live(), self.previous()):
            self._delete(index for index in self._indexes() if self.names.generation_of(index) == generation)

    def clean(self) -> None:
        """Delete what a killed build left, and old generations. The lock ``build`` must be held."""
        kept = {self.live(), self.previous()}
        self._delete(
            index
            for index in self._indexes()
            if (generation := self.names.generation_of(index)) not in kept or index == journal_of(generation or "")
        )

    def _indexes(self) -> Iterable[str]:
        with telling():
            found = self.client.indices.get_alias(index=f"{self.names.articles}-*", params={"ignore": 404})
        return [index for index in found if self.names.generation_of(index)]

    def _delete(self, indexes: Iterable[str]) -> None:
        doomed = list(indexes)
        if doomed:
            with telling():
                self.client.indices.delete(index=",".join(doomed), params={"ignore_unavailable": "true"})

    def refresh(self, index: str) -> None:
        """Make visible what was written, in all copies there are; raises ClusterUnavailableError where one fails."""
        with telling():
            answer = self.client.indices.refresh(index=index)
        failed = answer["_shards"]["failed"]
        if failed:
            raise ClusterUnavailableError(f"{failed} shards of {index} could not be refreshed")

    def count(self, index: str) -> int:
        """Return how many articles are visible; raises ClusterUnavailableError where a shard does not say."""
        with telling():
            answer = self.client.count(index=index)
        if answer["_shards"]["successful"] < answer["_shards"]["total"]:
            raise ClusterUnavailableError(f"not all shards of {index} answer")
        return int(answer["count"])

    def copy(self, generation: str, check: Callable[[], None]) -> None:
        """Give a loaded index its replicas, and wait until there are as many as there are nodes for.

        ``check`` is called again and again meanwhile. Raises PublicationError where they do not come in COPY_SECONDS.
        """
        with telling():
            self.client.indices.put_settings(index=generation, body={"index": {"number_of_replicas": self.replicas}})
        deadline = time.monotonic() + COPY_SECONDS
        while True:
            health = self.health(generation)
            copies = 1 + min(self.replicas, health["number_of_data_nodes"] - 1)
            if health["active_shards"] >= copies * health["active_primary_shards"] and health["status"] != "red":
                return
            check()
            if time.monotonic() > deadline:
                raise PublicationError(
                    f"{generation} has {health['active_shards']} copies of its shards after {COPY_SECONDS:g} s, "
                    f"{copies * self.shards} are wanted; not published"
                )
            time.sleep(_POLL_SECONDS)

    def health(self, index: str) -> Mapping[str, Any]:
        """Return what the cluster tells of an index's shards."""
        with telling():
            found: Mapping[str, Any] = self.client.cluster.health(index=index)
        return found

    def publish(self, generation: str, previous: str | None) -> None:
        """Make a complete generation the live one and remember the one before it, in one step."""
        names = self.names
        actions: list[dict[str, Any]] = [
            {"remove": {"index": f"{names.articles}-*", "alias": alias, "must_exist": False}}
            for alias in (names.articles, names.assets, names.previous)
        ]
        added = {names.articles: generation, names.assets: assets_of(generation)}
        if previous:
            added[names.previous] = previous
        actions += [{"add": {"index": index, "alias": alias}} for alias, index in added.items()]
        with telling():
            self.client.indices.update_aliases(body={"actions": actions})

    def close_journal(self, generation: str) -> None:
        """Delete the journal of a generation."""
        self._delete([journal_of(generation)])

    def rollback(self) -> str:
        """Exchange the live generation and the one before it; raises NoIndexError where there is none."""
        live, previous = self.live(), self.previous()
        if previous is None:
            raise NoIndexError(f"no previous index under {self.names.previous}: there is nothing to roll back to")
        if live == previous:
            raise ClusterError(f"{live} is the live and the previous index at once")
        self.publish(previous, live)
        return previous
