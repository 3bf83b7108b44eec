"""What the service counts and measures, in Prometheus' terms, added up over all worker processes.

The processes share a directory (PROMETHEUS_MULTIPROC_DIR, which ``web.gunicorn_config`` makes) that prometheus-client
looks for when it is imported: so this module is imported when an application is made, not with the package.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from search.engine import Engine, EngineUnavailableError
from web.asking import Asked

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_SEARCH_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """Counters of one application. Labels are routes, not paths, so that there is no end of them."""

    def __init__(self, engine: Engine) -> None:
        self._shared = values.ValueClass is not values.MutexValue
        self._index = _IndexCollector(engine)
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "fihris_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "fihris_request_seconds", "Seconds from the request to the end of its answer.", ["route"],
            registry=registry, buckets=_REQUEST_SECONDS,
        )  # fmt: skip
        self._active = Gauge(
            "fihris_requests_active", "Requests that are being answered.", registry=registry,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self._search_seconds = Histogram(
            "fihris_search_seconds", "Seconds that the engine took for a page of results.", ["route"],
            registry=registry, buckets=_SEARCH_SECONDS,
        )  # fmt: skip
        self._in_vain = Counter("fihris_searches_without_results", "Questions that found nothing.", registry=registry)
        self._partial = Counter(
            "fihris_searches_partial", "Questions that ran out of time, or that a part of the index did not answer.",
            registry=registry,
        )  # fmt: skip

    def begin(self) -> None:
        """Note that a request has come."""
        self._active.inc()

    def end(self, method: str, route: str, status: int, seconds: float, asked: Asked | None) -> None:
        """Note that it has been answered."""
        self._active.dec()
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if asked:
            self._in_vain.inc(asked.in_vain)
            self._partial.inc(asked.partial)
            if asked.seconds is not None:
                self._search_seconds.labels(route).observe(asked.seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format, of all processes and of the index as it is now."""
        registry = CollectorRegistry() if self._shared else self._registry
        if self._shared:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        index = CollectorRegistry()
        index.register(self._index)
        return generate_latest(registry) + generate_latest(index)


class _IndexCollector(Collector):
    """Asks the engine about the live index when it is asked itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterator[Metric]:
        """Name nothing: a collector that is registered must not look into the index."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yield what the live index is; where there is none, only that."""
        try:
            extent = self._engine.extent()
        except EngineUnavailableError:
            yield GaugeMetricFamily("fihris_index_up", "Whether there is an index that can be searched.", 0)
            return
        yield GaugeMetricFamily("fihris_index_up", "Whether there is an index that can be searched.", 1)
        yield InfoMetricFamily("fihris_index", "The generation that answers.", {"generation": extent.generation})
        yield GaugeMetricFamily("fihris_index_articles", "Articles in the live index.", extent.articles)
        yield GaugeMetricFamily("fihris_index_size_bytes", "Size of the live index on disk.", extent.size)
