"""An index of a test's own in each engine, written and asked through the seams that both engines have."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.article import Article
from index.commands import SAMPLE
from index.opensearch.connection import ClusterError, connect, telling
from index.readers import Reading
from index.settings import ENGINES, Settings
from index.writers import open_writer
from search.embedded import EmbeddedEngine
from search.engine import Engine
from search.opensearch.engine import ClusterEngine
from search.opensearch.question import CANDIDATES

_WAIT = 30.0


@dataclass(frozen=True)
class Place:
    """Where an engine keeps an index."""

    settings: Settings

    def rebuild(self, articles: Iterable[Article]) -> None:
        writer = open_writer(self.settings)
        with writer.locked("reindex", "a test", _WAIT):
            writer.rebuild(articles, jobs=1, memory=32, force=True, rejected=lambda: 0, protected=())

    def add(self, *articles: Article) -> None:
        writer = open_writer(self.settings)
        with writer.locked("add", "a test", _WAIT):
            writer.add(articles, memory=32, protected=())

    def delete(self, *ids: str) -> None:
        writer = open_writer(self.settings)
        with writer.locked("delete", "a test", _WAIT):
            writer.delete(ids)

    def open(self, today: Callable[[], date] = date.today, window: int = CANDIDATES, **changes: Any) -> Engine:
        """Open an engine that sees every change at once. ``window``: of a cluster."""
        settings = replace(self.settings, **changes)
        if settings.engine == "whoosh":
            return EmbeddedEngine(settings, today=today)
        return ClusterEngine(settings, today=today, window=window, state_seconds=0.0)

    def holding(self, *articles: Article, **changes: Any) -> Engine:
        """Build an index of these articles, and open it."""
        self.rebuild(articles)
        return self.open(**changes)


def place(engine: str, directory: Path, urls: Sequence[str] = ()) -> Place:
    """Return a place that no other test has."""
    name = f"test-{secrets.token_hex(6)}"
    settings = Settings(
        index=directory / engine, engine=engine, opensearch_index=name, opensearch_shards=2, opensearch_replicas=0,
        time_budget=0.0,
    )  # fmt: skip
    return Place(replace(settings, opensearch_url=",".join(urls)) if urls else settings)


def clear(where: Place) -> None:
    """Delete what a place has in a cluster."""
    if where.settings.engine == "opensearch":
        client = connect(where.settings)
        with suppress(ClusterError), telling():
            client.indices.delete(index=f"{where.settings.opensearch_index}-*")
        client.close()


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place for an index, in each engine."""
    urls = request.getfixturevalue("cluster").urls() if request.param == "opensearch" else ()
    found = place(request.param, tmp_path, urls)
    yield found
    clear(found)


@pytest.fixture(scope="session")
def samples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Place]:
    """The bundled sample in any engine, made when it is first asked for; not to be written to."""
    made: dict[str, Place] = {}

    def of(engine: str) -> Place:
        if engine not in made:
            urls = request.getfixturevalue("cluster").urls() if engine == "opensearch" else ()
            made[engine] = place(engine, tmp_path_factory.mktemp("sample"), urls)
            made[engine].rebuild(sample())
        return made[engine]

    return of


@pytest.fixture(params=ENGINES)
def sampled(request: pytest.FixtureRequest, samples: Callable[[str], Place]) -> Place:
    """The place of the bundled sample, in each engine; not to be written to."""
    return samples(request.param)


@pytest.fixture
def each_engine(sampled: Place) -> Engine:
    """Each engine on the bundled sample."""
    return sampled.open()


def sample() -> list[Article]:
    """Return the bundled articles."""
    return [article for article in Reading([str(SAMPLE)]) if isinstance(article, Article)]
