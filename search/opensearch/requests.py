"""What is sent to the cluster to answer questions, and what may come back instead of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.article import Article
from index.codec.layout import COUNTED
from index.generation import RefusedIndexError
from index.generations import NoIndexError
from index.opensearch.connection import ClusterError, telling
from index.opensearch.documents import article_of, document_id
from search.engine import EngineUnavailableError
from search.opensearch.candidates import COLUMNS, WORDS
from search.opensearch.translation import Json

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_KEEP_ALIVE = "2m"
"""How long a point in time is held between two parts of an export."""

_EVERY_VALUE = 1 << 20
"""Values of a facet that a shard counts: with all of them, counts are exact. A shard makes room for those it has."""


_GRACE = 1.0
"""Seconds that a node's answer may take beyond those that it is given for the work."""


class MovedError(RuntimeError):
    """An article was replaced or deleted between two requests for one answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the cluster found: how many in all, some hits, buckets by facet. ``whole``: all shards, and in time."""

    total: int
    hits: Sequence[Json]
    buckets: dict[str, list[tuple[str, int]]]
    timed_out: bool
    shards_failed: bool
    pit: str = ""


@contextmanager
def unavailable() -> Iterator[None]:
    """Raise EngineUnavailableError for what keeps the cluster from answering."""
    try:
        yield
    except (ClusterError, NoIndexError, RefusedIndexError) as error:
        raise EngineUnavailableError(str(error)) from error


class Requests:
    """Requests to one generation's index; all raise ClusterError.

    ``seconds``: how long counting, and reading what is known by its id, should take, 0: as long as any request. A node
    that does not say a word in this time is hung: another one is asked.
    """

    def __init__(self, client: OpenSearch, index: str, seconds: float = 0.0) -> None:
        self._client = client
        self._index = index
        self._patience: Json = _patience(seconds)
        self._pit = ""  # a point in time to ask instead of the index; see ``hold``

    def search(
        self, query: Json, sort: Sequence[Json], begin: int, size: int, *, by_score: bool, words: bool, facets: int,
        seconds: float, copies: str = "", after: Sequence[Any] | None = None, articles: bool = False,
    ) -> Answer:  # fmt: skip
        """Ask for the hits from ``begin`` on.

        ``words``: with those of all fields; ``articles``: with the articles. ``facets``: most values of each, 0:
        none. ``seconds``: after which shards answer with what they have, 0: never. ``copies``: the same for all
        pages of one list, so that the same copies of the shards give them. ``after``: the ``sort`` of the hit before.
        """
        body: Json = {
            "query": query,
            "sort": list(sort),
            "size": size,
            "track_total_hits": True,
            "track_scores": by_score,
            "_source": ["article"] if articles else False,
            "docvalue_fields": [*COLUMNS, *((WORDS,) if words else ())],
        }
        if after is None:
            body["from"] = begin
        else:
            body["search_after"] = list(after)
        if seconds:
            body["timeout"] = f"{max(1, round(seconds * 1000))}ms"
        if facets:
            body["aggs"] = {name: _counted(name, facets) for name in COUNTED}
        params: Json = {"search_type": "dfs_query_then_fetch"} if by_score else {}
        if self._pit:
            body["pit"] = {"id": self._pit, "keep_alive": _KEEP_ALIVE}
        elif copies:
            params["preference"] = copies
        params["allow_partial_search_results"] = "true"
        params |= _patience(seconds)
        with telling():
            found = self._client.search(body=body, index=None if self._pit else self._index, params=params)
        self._pit = found.get("pit_id", self._pit)
        shards = found["_shards"]
        buckets = {
            name: [(str(each["key"]), int(each["doc_count"])) for each in counted["buckets"]]
            for name, counted in found.get("aggregations", {}).items()
        }
        return Answer(
            found["hits"]["total"]["value"], found["hits"]["hits"], buckets, bool(found["timed_out"]),
            shards["successful"] < shards["total"],
        )  # fmt: skip

    def count(self, queries: Sequence[Json]) -> list[int]:
        """Return how many documents each query matches; none of it where a part of the index does not say."""
        lines: list[Json] = []
        for query in queries:
            lines += [{"index": self._index}, {"size": 0, "track_total_hits": True, "query": query}]
        with telling():
            found = self._client.msearch(body=lines, params={**self._patience})
        answers = found["responses"]
        if any("hits" not in each or each["_shards"]["successful"] < each["_shards"]["total"] for each in answers):
            return []
        return [int(each["hits"]["total"]["value"]) for each in answers]

    def read(self, ids: Sequence[str]) -> list[Article]:
        """Return the articles of documents; raises MovedError where one is gone."""
        if not ids:
            return []
        with telling():
            found = self._client.mget(
                body={"ids": list(ids)}, index=self._index,
                params={"_source_includes": "article", "realtime": "false", **self._patience},
            )  # fmt: skip
        articles = []
        for each in found["docs"]:
            if "error" in each:
                raise ClusterError(f"the cluster cannot read {each['_id']}: {each['error'].get('reason', '')}")
            if not each["found"]:
                raise MovedError(each["_id"])
            articles.append(article_of(each["_source"]["article"]))
        return articles

    def article(self, article_id: str) -> Article | None:
        """Return the article of an id."""
        name = document_id(article_id.encode("utf-8", "replace").decode())
        if not name:
            return None
        with telling():
            found = self._client.get(
                index=self._index, id=name,
                params={"_source_includes": "article", "realtime": "false", "ignore": 404, **self._patience},
            )  # fmt: skip
        return article_of(found["_source"]["article"]) if found.get("found") else None

    def titles(self, ids: Sequence[str]) -> list[str | None]:
        """Return the title that the article of each id has now, None where there is none."""
        with telling():
            found = self._client.mget(
                body={"ids": [document_id(each) for each in ids]}, index=self._index,
                params={"_source_includes": "article.title", "realtime": "false", **self._patience},
            )  # fmt: skip
        return [
            each["_source"].get("article", {}).get("title", "") if each.get("found") else None for each in found["docs"]
        ]

    def extent(self) -> tuple[int, int]:
        """Return how many articles there are, and their size in bytes without copies."""
        with telling():
            found = self._client.indices.stats(index=self._index, metric="docs,store")["_all"]["primaries"]
        return int(found["docs"]["count"]), int(found["store"]["size_in_bytes"])

    def hold(self) -> None:
        """Ask the index as it is now from here on, until ``release``."""
        with telling():
            self._pit = self._client.create_pit(
                index=self._index, params={"keep_alive": _KEEP_ALIVE, "allow_partial_pit_creation": "false"}
            )["pit_id"]

    def release(self) -> None:
        """Let go of what ``hold`` held; it goes by itself where the cluster does not answer."""
        if self._pit:
            try:
                with telling():
                    self._client.delete_pit(body={"pit_id": [self._pit]})
            except ClusterError:
                pass
            self._pit = ""


def _patience(seconds: float) -> Json:
    return {"request_timeout": seconds + _GRACE} if seconds else {}


def _counted(name: str, most: int) -> Json:
    if name == "year":
        return {"terms": {"field": name, "size": 10_000, "shard_size": 10_000}}
    ordered = [{"_count": "desc"}, {"_key": "asc"}]
    return {"terms": {"field": f"{name}_value", "size": most, "shard_size": _EVERY_VALUE, "order": ordered}}
