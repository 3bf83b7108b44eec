"""What was measured, kept as JSON beside the tables made of it, so that a run of one size leaves the others alone."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.vocabulary import Point

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds at three percentiles of many questions."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Built:
    """An index that was built, by medians over the builds.

    ``seconds`` without what went into reading the prepared articles, ``wall`` with it; ``cpu`` seconds with it too, of
    all processes; ``memory`` and ``size`` in bytes; ``segments`` it has.
    """

    seconds: float
    wall: float
    cpu: float
    memory: int
    size: int
    segments: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Searches with ten hits or more: without fragments, with them, and question by question what these cost."""

    plain: Spread
    marked: Spread
    cost: Spread


@dataclass(frozen=True, slots=True)
class Serving:
    """The web service, seconds and bytes.

    ``one``: answers of ``/api/search`` by one worker to one client. ``requests``: a second, from wrk against
    ``workers`` workers (None where wrk is not installed), ``wrk`` its percentiles. ``private``: memory of a worker that
    no other process shares, after these requests, with what it remembers of them; ``resident``: all of it; ``started``:
    what it has of its own as soon as it has opened the index (None in older records).
    """

    one: Spread
    workers: int
    requests: float | None
    wrk: Spread | None
    private: int
    resident: int
    started: int | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When, with what and on which machine."""

    day: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """Everything measured over one number of articles; all mappings are by the name of a peer.

    ``folding``: CPU seconds that folding all words took beforehand, which no time of a peer but ours includes.
    ``spreads`` are by kind of question first, ``starts`` are seconds from process start to first answer.
    ``jobs`` is Fihris built with two processes on two cores.
    """

    articles: int
    rounds: int
    questions: int
    circumstances: Circumstances
    folding: float
    builds: Mapping[str, Built]
    jobs: Built | None
    spreads: Mapping[str, Mapping[str, Spread]]
    starts: Mapping[str, float]
    marks: Mapping[str, Marks]
    serving: Serving | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """The vocabulary of the real articles, read in a shuffled order, and of the grown ones; see ``benchmarks.growth``.

    ``beta``: the exponent of Heaps' law in the real ones. ``share``: of the grown articles' words, how many are coined.
    """

    beta: float
    share: float
    real: Sequence[Point]
    grown: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Record:
    """All runs by their size (such as ``70k``), and the growth of the vocabulary."""

    runs: Mapping[str, Run] = field(default_factory=dict)
    growth: Growth | None = None


def load(path: Path) -> Record:
    """Read a record; an empty one where there is no file."""
    return _restored(Record, json.loads(path.read_text("utf-8"))) if path.exists() else Record()


def save(record: Record, path: Path) -> None:
    """Write a record."""
    path.write_text(json.dumps(_rounded(asdict(record)), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _rounded(value: Any) -> Any:
    """The same value with floats to eight digits after the point, far less than can be told apart."""
    if isinstance(value, float):
        return round(value, 8)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value


def _restored(kind: type[T], value: Any) -> T:
    """Make an object of a type from what JSON kept of it: dataclasses, mappings, sequences, optional ones."""
    return typing.cast("T", _of_kind(kind, value))


def _of_kind(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return typing.cast("Any", kind)(**{name: _of_kind(hints[name], each) for name, each in value.items()})
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return _of_kind(next(each for each in inner if each is not type(None)), value)
    if origin is Mapping:
        return {key: _of_kind(inner[1], each) for key, each in value.items()}
    if origin is Sequence:
        return [_of_kind(inner[0], each) for each in value]
    return value
