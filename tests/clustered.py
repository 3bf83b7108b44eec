"""What a test sees of an installation in a cluster, past the seams."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from contract import Place, clear, place
from stored_state import make_state

from benchmarks.cluster.nodes import Cluster
from index.article import Article
from index.commands import COMMANDS
from index.opensearch.connection import connect
from index.opensearch.documents import article_of
from index.opensearch.names import Names
from index.opensearch.state import State, live_state
from index.settings import Settings
from index.writers import open_writer


@pytest.fixture
def there(cluster: Cluster, tmp_path: Path) -> Iterator[Place]:
    """A place for an index in the cluster."""
    found = place("opensearch", tmp_path, cluster.urls())
    yield found
    clear(found)


ARTICLES = list(make_state(range(40)).values())


@dataclass(frozen=True)
class Inside:
    """The indexes of a place, and what is in them."""

    settings: Settings

    @classmethod
    def of(cls, place: Place) -> Inside:
        return cls(place.settings)

    @cached_property
    def client(self) -> Any:
        return connect(self.settings)

    @property
    def names(self) -> Names:
        return Names(self.settings.opensearch_index)

    def state(self) -> State:
        return live_state(self.client, self.names)

    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """What a search finds in the live index, by id. All of it: where a node was lost, its part may be to come."""
        deadline = time.monotonic() + 60
        body = {"size": 10_000, "docvalue_fields": ["sequence"]}
        while True:
            answer = self.client.search(index=self.names.articles, body=body)
            if answer["_shards"]["successful"] == answer["_shards"]["total"]:
                break
            assert time.monotonic() < deadline, answer["_shards"]
            time.sleep(0.5)
        return {hit["_source"]["article"]["id"]: hit for hit in answer["hits"]["hits"]}

    def articles(self) -> Mapping[str, Article]:
        return {key: article_of(hit["_source"]["article"]) for key, hit in self.documents().items()}

    def indexes(self) -> set[str]:
        """The indexes there are, but for that of the locks."""
        found = self.client.indices.get_alias(index=f"{self.names.articles}-*")
        return set(found) - {self.names.locks}

    def generations(self) -> set[str]:
        """The generations of which there is anything."""
        return {generation for index in self.indexes() if (generation := self.names.generation_of(index))}


def by_id(*articles: Article) -> dict[str, Article]:
    return {article.id: article for article in articles}


def run(where: Place, name: str, *arguments: str, text: str = "") -> Any:
    settings = where.settings
    environment = {
        "FIHRIS_ENGINE": "opensearch",
        "FIHRIS_INDEX": str(settings.index),
        "FIHRIS_OPENSEARCH_URL": settings.opensearch_url,
        "FIHRIS_OPENSEARCH_INDEX": settings.opensearch_index,
        "FIHRIS_OPENSEARCH_REPLICAS": "0",
    }
    command = next(command for command in COMMANDS if command.name == name)
    return CliRunner().invoke(command, arguments, input=text, env=environment)


def rollback(where: Place) -> None:
    writer = open_writer(where.settings)
    with writer.locked("rollback", "a test", 5.0):
        writer.rollback()


def until(true: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
