"""Indexes to which somebody's script has written with Whoosh's own writer, in Whoosh's own codec."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from publications import MEMORY

from index import embedded
from index.article import Article
from index.commands import SAMPLE
from index.generations import Generations
from index.readers import Reading
from index.schema import document
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.fallback import StockView
from search.ranking import RANKING
from search.results import SearchResults
from search.view import FacetTable


def open_engine(directory: Path, time_budget: float = 0.0) -> EmbeddedEngine:
    return EmbeddedEngine(Settings(index=directory, time_budget=time_budget))


def rebuild(directory: Path, articles: Iterable[Article]) -> None:
    embedded.rebuild(Generations(directory), articles, jobs=1, memory=MEMORY, force=True)


def script(directory: Path, articles: Iterable[Article], **commit: Any) -> None:
    """Change the live index as a script does that knows the schema and nothing of our codec."""
    writer = Generations(directory).live().open_index().writer()
    for article in articles:
        writer.update_document(**document(article))
    writer.commit(**(commit or {"merge": False}))


def count(directory: Path) -> int:
    return embedded.status(Generations(directory)).fallback_queries


def ids(results: SearchResults) -> list[str]:
    return [hit.article.id for hit in results.hits]


def stock_view(directory: Path) -> StockView:
    generation = Generations(directory).live()
    facets = {name: FacetTable() for name in ("source", "category", "author", "year")}
    return StockView(generation.directory, generation.open_index(), facets, RANKING)


def sample_articles() -> list[Article]:
    return [item for item in Reading([str(SAMPLE)]) if isinstance(item, Article)]


def build_mixed(directory: Path) -> None:
    """Index the sample in segments of both codecs, each with deleted documents."""
    articles = sample_articles()
    doomed = [replace(article, id=f"gone {number}") for number, article in enumerate(articles[::5])]
    rebuild(directory, [*articles[:40], *doomed[:10]])
    embedded.add(Generations(directory), articles[40:50], memory=MEMORY)
    script(directory, [*doomed[10:], *articles[30:35], *articles[50:70]])
    embedded.delete(Generations(directory), [article.id for article in doomed])
    script(directory, articles[65:])
