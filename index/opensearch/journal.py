"""What is added and deleted while a new generation is being built: written down, and done again on the new one.

Whoever adds or deletes writes to the live generation and, where a build is running, to its journal as well, before
anything is acknowledged. The journal is an index with a document an article, so that only the last that happened to it
counts: the article, or that it is deleted. A build that is complete takes the journal over twice: once while others go
on writing, and once more, what came since, while it holds the lock ``change`` and until it is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.article import Article
from index.opensearch.connection import telling
from index.opensearch.documents import article_of, document_id, record
from index.opensearch.loading import Action, indexing

if TYPE_CHECKING:
    from opensearchpy import OpenSearch


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal in an index, for changes that will be the live generation's ``commit``."""

    index: str
    commit: int

    def added(self, articles: Sequence[Article]) -> list[Action]:
        """Return the actions that write down articles."""
        return [
            indexing(self.index, document_id(article.id), {"commit": self.commit, "article": record(article)})
            for article in articles
        ]

    def deleted(self, ids: Iterable[str]) -> list[Action]:
        """Return the actions that write down that articles are deleted."""
        return [indexing(self.index, document_id(each), {"commit": self.commit, "id": each}) for each in ids]


def entries(client: OpenSearch, index: str, after: int) -> Iterator[Article | str]:
    """Yield what a journal holds of commits after one: articles, and the ids of deleted ones."""
    from opensearchpy.helpers import scan

    query = {"query": {"range": {"commit": {"gt": after}}}}
    with telling():
        client.indices.refresh(index=index)
        for hit in scan(client, query=query, index=index, size=200, raise_on_error=True):
            source = hit["_source"]
            yield article_of(source["article"]) if "article" in source else source["id"]
