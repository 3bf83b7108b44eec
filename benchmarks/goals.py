"""What the engine is to reach, and whether the runs on record say it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.peers.roster import FAMILIES, FIHRIS
from benchmarks.record import Built, Record, Run

WHOLE = "70k"
"""The run over all real articles, which the goals are about."""

FEW = "5k"
"""The run that slow peers take part in."""

LARGE = ("350k", "1400k")

_MEGA = 1e6
_MS = 1e3


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on something measured. ``measure`` returns None, or raises LookupError, where no run measured it."""

    what: str
    unit: str
    bound: float
    at_least: bool
    measure: Callable[[Record], float | None]

    def value(self, record: Record) -> float | None:
        """What was measured; None where nothing was."""
        try:
            return self.measure(record)
        except LookupError:
            return None

    def met(self, value: float) -> bool:
        """Whether a value keeps to the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


def _run(record: Record, size: str = WHOLE) -> Run:
    return record.runs[size]


def _rate(run: Run, peer: str, folding: bool = False) -> float:
    """Articles a second; ``folding``: with the time that folding the words for the peer took."""
    return run.articles / (run.builds[peer].seconds + (run.folding if folding else 0.0))


def _faster(peer: str, size: str, folding: bool = False) -> Callable[[Record], float]:
    return lambda record: _rate(_run(record, size), FIHRIS) / _rate(_run(record, size), peer, folding)


def _slower(kind: str, peer: str, part: str, size: str = WHOLE) -> Callable[[Record], float]:
    """Our time at a percentile against a peer's."""

    def ratio(record: Record) -> float:
        spreads = _run(record, size).spreads[kind]
        return float(getattr(spreads[FIHRIS], part) / getattr(spreads[peer], part))

    return ratio


def _families(kind: str, part: str) -> Callable[[Record], float]:
    def ratio(record: Record) -> float:
        spreads = _run(record).spreads[kind]
        return float(getattr(spreads[FAMILIES], part) / getattr(spreads[FIHRIS], part))

    return ratio


def _processes(record: Record) -> float | None:
    run = _run(record)
    return run.builds[FIHRIS].wall / run.jobs.wall if run.jobs else None


def _built(part: Callable[[Built], float]) -> Callable[[Record], float]:
    return lambda record: part(_run(record).builds[FIHRIS])


def _size(record: Record) -> float:
    builds = _run(record).builds
    return builds[FIHRIS].size / builds["tantivy"].size


def _api(part: str) -> Callable[[Record], float | None]:
    def value(record: Record) -> float | None:
        serving = _run(record).serving
        return float(getattr(serving.one, part)) * _MS if serving else None

    return value


def _requests(record: Record) -> float | None:
    serving = _run(record).serving
    return serving.requests if serving else None


def _private(record: Record) -> float | None:
    serving = _run(record).serving
    return (serving.started or serving.private) / _MEGA if serving else None


def _fragments(record: Record) -> float:
    return _run(record).marks[FAMILIES].cost.p50 * _MS


def _start(record: Record) -> float:
    return _run(record).starts[FAMILIES]


def _peer_goals() -> Iterator[Goal]:
    for kind, name, late in (("any", "OR", 0.6), ("all", "AND", 1.0), ("phrase", "phrase", 1.0)):
        yield Goal(f"{name}, p50 against tantivy", "×", 1.0, False, _slower(kind, "tantivy", "p50"))
        yield Goal(f"{name}, p95 against tantivy", "×", late, False, _slower(kind, "tantivy", "p95"))
    for kind, name in (("all", "AND"), ("phrase", "phrase")):
        yield Goal(f"{name}, p50 against Lucene", "×", 1.0, False, _slower(kind, "lucene", "p50"))
        yield Goal(f"{name}, p95 against Lucene", "×", 0.5, False, _slower(kind, "lucene", "p95"))
    for size in LARGE:
        yield Goal(f"OR, p95 against tantivy, {size}", "×", 0.8, False, _slower("any", "tantivy", "p95", size))
    for kind, name in (("any", "OR"), ("all", "AND")):
        yield Goal(f"{name}, families on against off, p50", "×", 2.0, False, _families(kind, "p50"))
        yield Goal(f"{name}, families on against off, p95", "×", 2.5, False, _families(kind, "p95"))


GOALS: tuple[Goal, ...] = (
    Goal("indexing against tantivy, our folding counted for both", "×", 1.2, True, _faster("tantivy", WHOLE, True)),
    Goal("indexing against tantivy given folded words", "×", 1.2, True, _faster("tantivy", WHOLE)),
    Goal("indexing against stock Whoosh given folded words", "×", 10.0, True, _faster("stock", FEW)),
    Goal("two processes against one", "×", 1.7, True, _processes),
    Goal("size on disk against tantivy", "×", 1.3, False, _size),
    Goal("peak memory of indexing", "MB", 800.0, False, _built(lambda built: built.memory / _MEGA)),
    *_peer_goals(),
    Goal("`/api/search`, one worker, p50", "ms", 3.0, False, _api("p50")),
    Goal("`/api/search`, one worker, p99", "ms", 15.0, False, _api("p99")),
    Goal("`/api/search`, two workers", "requests/s", 500.0, True, _requests),
    Goal("ten hits with fragments, p50", "ms", 1.0, False, _fragments),
    Goal("process start to first answer", "s", 1.5, False, _start),
    Goal("private memory of a further worker, started", "MB", 20.0, False, _private),
)
"""Every goal of the table, in its order."""
