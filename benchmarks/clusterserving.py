"""The service on three nodes beside the service on the embedded engine: ``python -m benchmarks.clusterserving``.

Loads the real articles, ``--times`` over, into both, and asks ``/api/search`` of both the same seeded questions in
turns: with facets and fragments, as it does by default, without a budget of time. Prints a Markdown table with ratios.
Everything shares this machine: the nodes, the services and whoever asks. Raises DisagreementError where the two find
different totals.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import serving
from benchmarks.cluster.nodes import Cluster
from benchmarks.clusterload import many, nodes, rebuild, settings_of
from benchmarks.corpus import prepare, real_articles
from benchmarks.measure import DisagreementError, spread
from benchmarks.queries import questions
from benchmarks.record import Spread
from index.settings import Settings

ENGINES = ("embedded", "cluster")
WORKERS = (1, 2)
ROUNDS = 3
_EVERY = 14
"""One of so many articles is one that questions are drawn from."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds of answers, first-time and repeated (medians over rounds). ``widened``: share of questions that were."""

    first: Spread
    again: Spread
    widened: float


def asked_paths(count: int) -> list[str]:
    """Draw questions, and write them as requests: words of headlines, as in ``benchmarks.speed``."""
    articles = [prepare(article) for article in islice(real_articles(), 0, None, _EVERY)]
    return serving.paths(questions(articles, count)["all"])


@contextmanager
def services(indexes: Mapping[str, Settings], workers: int, home: Path) -> Iterator[dict[str, int]]:
    """Run a service on each of the engines; yield their ports."""
    with ExitStack() as running:
        ports = {}
        for name, settings in indexes.items():
            variables = {
                "FIHRIS_ENGINE": settings.engine,
                "FIHRIS_OPENSEARCH_URL": settings.opensearch_url,
                "FIHRIS_OPENSEARCH_INDEX": settings.opensearch_index,
                "FIHRIS_TIME_BUDGET": "0",
            }
            run = serving.service(settings.index, workers, home / f"{name}.log", variables)
            ports[name] = running.enter_context(run)[1]
        yield ports


def ask_in_turns(ports: Mapping[str, int], warm: Sequence[str], asked: Sequence[str]) -> dict[str, Latencies]:
    """Ask one question after the other, each of one engine and then of the other, over lasting connections.

    ``warm``: other questions, asked before for nothing.
    """
    with ExitStack() as open_ones:
        connections = {
            name: open_ones.enter_context(closing(http.client.HTTPConnection(serving.HOST, port, timeout=120)))
            for name, port in ports.items()
        }
        for path in warm:
            for connection in connections.values():
                _get(connection, path)
        times: dict[str, list[list[float]]] = {name: [] for name in ports}
        widened = 0
        for round_ in range(1 + ROUNDS):
            for column in times.values():
                column.append([])
            for number, path in enumerate(asked):
                totals = {}
                for name in ENGINES if (number + round_) % 2 else reversed(ENGINES):
                    seconds, found = _get(connections[name], path)
                    times[name][-1].append(seconds)
                    totals[name] = found["total"]
                if len(set(totals.values())) > 1:
                    raise DisagreementError(f"{path}: {totals}")
                widened += not round_ and found["query"]["match"] == "any"
    return {
        name: Latencies(
            spread(rounds[0]),
            spread([statistics.median(column) for column in zip(*rounds[1:], strict=True)]),
            widened / len(asked),
        )
        for name, rounds in times.items()
    }


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[float, dict[str, Any]]:
    begin = time.perf_counter()
    try:
        connection.request("GET", path)
        response = connection.getresponse()
    except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
        # A service closes what is idle for seconds, as its connection is where the other one takes that long.
        connection.close()
        begin = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - begin
    if response.status != http.client.OK:
        raise serving.ServingError(f"{path} was answered with {response.status}")
    found: dict[str, Any] = json.loads(body)
    return seconds, found


def rates(ports: Mapping[str, int], asked: Sequence[str], home: Path) -> dict[str, float]:
    """Return requests a second of each under load, in turns: the best of two runs. Empty where wrk is not installed."""
    found: dict[str, float] = {}
    for _ in range(2):
        for name, port in ports.items():
            load = serving.rate(port, asked, home)
            if load is None:
                return {}
            found[name] = max(found.get(name, 0.0), load[0])
    return found


def row(what: str, values: Mapping[str, float], digits: int) -> str:
    """Return a row: both engines, and what the cluster's is of the embedded one's."""
    told = (f"{values[name]:,.{digits}f}" for name in ENGINES)
    return f"| {what} | {' | '.join(told)} | {values['cluster'] / values['embedded']:.2f} |"


def measure(cluster: Cluster, home: Path, times: int, count: int) -> Iterator[str]:
    """Load and ask; yield the table's lines."""
    indexes = {"embedded": Settings(index=home / "embedded"), "cluster": settings_of(cluster, home / "copies")}
    rebuild(indexes["cluster"], list(islice(many(1), 2000)))  # the nodes compile what they do often
    articles = sum(1 for _ in many(times))
    loaded = {name: articles / rebuild(settings, many(times)) for name, settings in indexes.items()}
    say(f"{articles} articles, loaded by {loaded}")
    paths = asked_paths(2 * count)
    warm, asked = paths[:count], paths[count:]
    yield f"| {articles:,} articles | embedded | cluster | cluster ÷ embedded |"
    yield "|---|---|---|---|"
    yield row("articles/s", loaded, 0)
    for workers in WORKERS:
        with services(indexes, workers, home) as ports:
            if workers == 1:
                found = ask_in_turns(ports, warm, asked)
                say(f"{found['cluster'].widened:.0%} of {count} questions were widened; all totals agree")
                for what, spreads in (
                    ("asked for the first time", {name: each.first for name, each in found.items()}),
                    ("asked again", {name: each.again for name, each in found.items()}),
                ):
                    for share in ("p50", "p95"):
                        values = {name: getattr(each, share) * 1000 for name, each in spreads.items()}
                        yield row(f"{what}, {share} ms", values, 1)
            load = rates(ports, asked, home)
            if load:
                yield row(f"requests/s, {workers} worker{'s' * (workers > 1)}", load, 1)


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="how many times the real articles")
    parser.add_argument("--questions", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fihris-") as directory, nodes() as cluster:
        for line in measure(cluster, Path(directory), options.times, options.questions):
            print(line, flush=True)


if __name__ == "__main__":
    main()
