"""A cluster in trouble, under constant questions and adds: ``python -m benchmarks.clustertrouble loss|reindex``.

``loss``: one node of three is killed (``kill -9``) and, later, brought back. Told: how many requests failed, how long
after the kill the last one did, whether every article that was acknowledged is there, when the cluster was green again.
``reindex``: the index is built again and again, each time of articles of another edition. Told: how many requests
failed, and how many answers held articles of two editions.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

from benchmarks.cluster.nodes import Cluster
from benchmarks.clusterload import nodes, rebuild, settings_of
from benchmarks.corpus import real_articles
from index.article import Article
from index.opensearch.connection import connect
from index.opensearch.names import Names
from index.settings import Settings
from index.writers import open_writer
from search.engine import Engine
from search.engines import open_engine
from search.request import SearchRequest
from search.results import SearchResults

_QUESTIONS = ("السعودية", "مجلس الوزراء", "كرة القدم", '"الأمم المتحدة"', "ارتفاع أسعار النفط", "جامع* -الدول")
_ASKERS = 2
_ADD_EVERY = 0.5
_ADDED = 5
_CALM, _LOST, _BACK = 15.0, 45.0, 30.0
"""Seconds before the kill, from there until the node is brought back, and after that."""


@dataclass
class Load:
    """What was asked and added: for each request its beginning, its end, and why it failed."""

    asked: list[tuple[float, float, str]] = field(default_factory=list)
    added: list[tuple[float, float, str]] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    partial: int = 0
    mixed: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def ask(self, engine: Engine, look: Callable[[SearchResults], None]) -> None:
        """Ask one question after the other."""
        for number in count():
            if self.ended.is_set():
                return
            begin, why = time.monotonic(), ""
            try:
                look(engine.search(SearchRequest(_QUESTIONS[number % len(_QUESTIONS)], page=1 + number % 3)))
            except Exception as error:  # whatever it is, it is what the table counts: a failure, with its reason
                why = f"{type(error).__name__}: {error}"
            self.asked.append((begin, time.monotonic(), why))
            time.sleep(0.02)

    def add(self, settings: Settings) -> None:
        """Add a few articles every half second."""
        texts = list(islice(real_articles(), 200))
        for number in count():
            if self.ended.wait(_ADD_EVERY):
                return
            some = [
                replace(texts[(number * _ADDED + each) % len(texts)], id=f"added-{number}-{each}")
                for each in range(_ADDED)
            ]
            begin, why = time.monotonic(), ""
            try:
                writer = open_writer(settings)
                with writer.locked("add", "a benchmark", 60.0):
                    writer.add(some, memory=64, protected=())
                self.acknowledged.update(article.id for article in some)
            except Exception as error:  # whatever it is, it is what the table counts: a failure, with its reason
                why = f"{type(error).__name__}: {error}"
            self.added.append((begin, time.monotonic(), why))

    def begin(self, settings: Settings, look: Callable[[SearchResults], None]) -> list[threading.Thread]:
        """Start the threads that ask, each with an engine of its own, and the one that adds."""
        threads = [
            threading.Thread(target=self.ask, args=(open_engine(settings), look), daemon=True) for _ in range(_ASKERS)
        ]
        threads.append(threading.Thread(target=self.add, args=(settings,), daemon=True))
        for thread in threads:
            thread.start()
        return threads

    def end(self, threads: list[threading.Thread]) -> None:
        """Stop them."""
        self.ended.set()
        for thread in threads:
            thread.join()


def told(requests: list[tuple[float, float, str]], since: float) -> dict[str, Any]:
    """Tell of requests: how many, how many failed and why, when the last one did, the longest after a moment."""
    failed = [(end, why) for _, end, why in requests if why]
    times = sorted(end - begin for begin, end, _ in requests)
    return {
        "requests": len(requests),
        "failed": len(failed),
        "why": sorted({why[:160] for _, why in failed})[:4],
        "last_failure_after": round(max(end for end, _ in failed) - since, 2) if failed else None,
        "median_ms": round(times[len(times) // 2] * 1000, 1),
        "longest_after": round(max((end - begin for begin, end, _ in requests if end > since), default=0.0), 2),
    }


def there(settings: Settings, ids: set[str]) -> set[str]:
    """Return those of some articles that a search of the live index finds."""
    client, found, wanted = connect(settings, 60), set(), sorted(ids)
    for begin in range(0, len(wanted), 500):
        some = wanted[begin : begin + 500]
        body = {"size": len(some), "query": {"terms": {"id": some}}, "_source": ["article.id"]}
        answer = client.search(index=Names(settings.opensearch_index).articles, body=body)
        found |= {hit["_source"]["article"]["id"] for hit in answer["hits"]["hits"]}
    return found


def loss(cluster: Cluster, settings: Settings, articles: int) -> dict[str, Any]:
    """Kill a node under load, the one that manages the cluster, and bring it back."""
    rebuild(settings, list(islice(real_articles(), articles)))
    load = Load()

    def look(results: SearchResults) -> None:
        load.partial += results.partial

    threads = load.begin(settings, look)
    time.sleep(_CALM)
    manager = connect(settings).cat.cluster_manager(params={"format": "json"})[0]["node"]
    killed = time.monotonic()
    cluster.kill(manager)
    time.sleep(_LOST)
    while_lost = there(settings, load.acknowledged)
    lost_then = load.acknowledged - while_lost
    revived = time.monotonic()
    cluster.revive(manager)
    cluster.wait(len(cluster.nodes))
    green = time.monotonic() - revived
    time.sleep(_BACK)
    load.end(threads)
    return {
        "killed": f"{manager}, the cluster manager",
        "questions": told(load.asked, killed),
        "partial_answers": load.partial,
        "adds": told(load.added, killed),
        "acknowledged": len(load.acknowledged),
        "missing_with_a_node_lost": len(lost_then - there(settings, lost_then)),
        "missing_at_the_end": len(load.acknowledged - there(settings, load.acknowledged)),
        "green_after_revival": round(green, 1),
    }


def reindex(settings: Settings, articles: int, editions: int = 4) -> dict[str, Any]:
    """Publish one edition after the other under load."""
    load = Load()
    seen: set[str] = set()

    def edition(number: int) -> list[Article]:
        return [replace(each, url=f"edition-{number}") for each in islice(real_articles(), articles)]

    def look(results: SearchResults) -> None:
        found = {hit.article.url for hit in results.hits if hit.article.url.startswith("edition-")}
        seen.update(found)
        load.mixed += len(found) > 1
        load.partial += results.partial

    rebuild(settings, edition(0))
    threads = load.begin(settings, look)
    begin = time.monotonic()
    for number in range(1, editions):
        before: set[str] = set()

        def reading(number: int = number, before: set[str] = before) -> Iterator[Article]:
            # What was added before the build began is not among its articles: it is gone, as after every build.
            before.update(load.acknowledged)
            yield from edition(number)

        rebuild(settings, reading())
        load.acknowledged -= before
    time.sleep(3)
    load.end(threads)
    return {
        "editions_published": editions,
        "editions_seen": len(seen),
        "questions": told(load.asked, begin),
        "answers_that_mix": load.mixed,
        "partial_answers": load.partial,
        "adds": told(load.added, begin),
        "added_during_the_last_build_or_after": len(load.acknowledged),
        "of_these_missing": len(load.acknowledged - there(settings, load.acknowledged)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("loss", "reindex"))
    parser.add_argument("--articles", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fihris-") as directory, nodes() as cluster:
        settings = settings_of(cluster, Path(directory))
        if options.what == "loss":
            found = loss(cluster, settings, options.articles)
        else:
            found = reindex(settings, options.articles)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
