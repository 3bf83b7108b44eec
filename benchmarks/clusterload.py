"""Loading the real articles into three nodes and into the embedded engine: ``python -m benchmarks.clusterload``.

Prints seconds, articles a second and bytes of either, in the same run. The nodes share this machine with each other and
with whoever sends: of more machines it says nothing but what one of them does.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from benchmarks.cluster.nodes import Cluster
from benchmarks.corpus import real_articles
from index.article import Article
from index.opensearch.connection import connect
from index.opensearch.names import Names
from index.settings import Settings
from index.writers import open_writer

NODES = 3
_MEMORY = 512
_MERGE_SECONDS = 40
"""After so long, merging drops what a shard keeps of the latest documents for copies that are being made."""


@contextmanager
def nodes(count: int = NODES) -> Iterator[Cluster]:
    """Start nodes that end with this process."""
    with tempfile.TemporaryDirectory(prefix="fihris-cluster-") as home:
        cluster = Cluster(Path(home), leashed=True)
        try:
            cluster.start(count)
            yield cluster
        finally:
            cluster.stop()


def settings_of(cluster: Cluster, directory: Path, shards: int = NODES, replicas: int = 1) -> Settings:
    """Return the settings of an index in a cluster, with the copies of its assets in a directory."""
    return Settings(
        index=directory,
        engine="opensearch",
        opensearch_url=",".join(node.url for node in cluster.nodes),
        opensearch_index="bench",
        opensearch_shards=shards,
        opensearch_replicas=replicas,
        time_budget=0.0,
    )


def rebuild(settings: Settings, articles: Iterator[Article] | Sequence[Article], jobs: int = 2) -> float:
    """Publish articles, and return the seconds that it took."""
    writer = open_writer(settings)
    begin = time.monotonic()
    with writer.locked("reindex", "a benchmark", 60.0):
        writer.rebuild(articles, jobs=jobs, memory=_MEMORY, force=True, rejected=lambda: 0, protected=())
    return time.monotonic() - begin


def many(times: int) -> Iterator[Article]:
    """Yield the real articles so many times, each time with other ids."""
    for round_ in range(times):
        for article in real_articles():
            yield Article(**{**{f: getattr(article, f) for f in Article.__slots__}, "id": f"{article.id}-{round_}"})


def sizes(settings: Settings) -> tuple[int, int]:
    """Return the bytes of the articles' index without replicas: as it was loaded, and once its shards are merged."""
    client, names = connect(settings, 600), Names(settings.opensearch_index)

    def size() -> int:
        stats = client.indices.stats(index=names.articles, metric="store")
        return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

    loaded = size()
    time.sleep(_MERGE_SECONDS)
    client.indices.flush(index=names.articles, params={"force": "true"})
    # Shards of one segment would not be merged: one article more gives each of them a second.
    writer = open_writer(settings)
    with writer.locked("add", "a benchmark", 60.0):
        writer.add(list(islice(many(1), 200)), memory=_MEMORY, protected=())
    time.sleep(_MERGE_SECONDS)
    client.indices.flush(index=names.articles, params={"force": "true"})
    client.indices.forcemerge(index=names.articles, params={"max_num_segments": 1})
    client.indices.refresh(index=names.articles)
    return loaded, size()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="how many times the real articles")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fihris-") as directory, nodes() as cluster:
        count = sum(1 for _ in many(options.times))
        embedded = Settings(index=Path(directory, "embedded"))
        settings = settings_of(cluster, Path(directory, "copies"))
        rebuild(settings, list(islice(many(1), 2000)))  # the nodes compile what they do often
        ours = rebuild(embedded, many(options.times))
        seconds = rebuild(settings, many(options.times))
        loaded, merged = sizes(settings)
        told = {
            "articles": count,
            "embedded": {
                "seconds": round(ours, 1),
                "rate": round(count / ours),
                "size": open_writer(embedded).status().size,
            },
            "cluster": {
                "seconds": round(seconds, 1),
                "rate": round(count / seconds),
                "loaded": loaded,
                "merged": merged,
            },
        }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
