"""Builds and questions, peer by peer, on one core.

Rounds are interleaved, so that all peers meet the same state of the machine. A question's time is the median over
rounds; percentiles are over questions.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from math import ceil
from pathlib import Path

from benchmarks.peers.protocol import TOP, Answer, Question
from benchmarks.peers.roster import Entrant
from benchmarks.process import Build, PeerProcess, first_answer
from benchmarks.record import Built, Marks, Spread

WARM_SECONDS = 2.0
"""How long each peer answers the questions of a kind before the clock starts: Lucene is compiled meanwhile."""

STARTS = 3
"""How often a peer's start is measured."""


class DisagreementError(RuntimeError):
    """Two peers that should match alike found different totals; the text shows a question."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def spread(seconds: Sequence[float]) -> Spread:
    """The three percentiles that are told."""
    return Spread(percentile(seconds, 0.5), percentile(seconds, 0.95), percentile(seconds, 0.99))


def build(entrant: Entrant, articles: Path, directory: Path, core: int | None) -> Build:
    """Build an index in a process of its own, in the place of what is there."""
    shutil.rmtree(directory, ignore_errors=True)
    with PeerProcess(entrant.command, core) as peer:
        return peer.build(articles, directory)


def segments(entrant: Entrant, directory: Path) -> int:
    """How many segments an index has."""
    with PeerProcess(entrant.command, None) as peer:
        return peer.open(directory)


def built(builds: Sequence[Build], parts: int) -> Built:
    """The medians of several builds of the same."""
    return Built(
        seconds=statistics.median(each.seconds - each.reading for each in builds),
        wall=statistics.median(each.seconds for each in builds),
        cpu=statistics.median(each.cpu for each in builds),
        memory=int(statistics.median(each.memory for each in builds)),
        size=int(statistics.median(each.size for each in builds)),
        segments=parts,
    )


class Contest:
    """Peers that have opened their indexes and wait for questions; a context manager that ends them.

    ``segments``: how many each index has, by its name.
    """

    def __init__(self, entrants: Sequence[Entrant], indexes: Mapping[str, Path], core: int | None) -> None:
        self._entrants = entrants
        self._stack = ExitStack()
        self._peers: dict[str, PeerProcess] = {}
        self.segments: dict[str, int] = {}
        with ExitStack() as opening:
            for entrant in entrants:
                peer = opening.enter_context(PeerProcess(entrant.command, core))
                self.segments[entrant.index] = peer.open(indexes[entrant.index])
                self._peers[entrant.name] = peer
            self._stack = opening.pop_all()

    def __enter__(self) -> Contest:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, questions: Sequence[Question], rounds: int, warm: float = WARM_SECONDS) -> dict[str, Spread]:
        """Ask every peer the questions in every round; return each peer's percentiles of the medians over rounds.

        Raises DisagreementError where peers that match alike do not find the same totals and counts.
        """
        for peer in self._peers.values():
            peer.warm(questions, warm)
        times: dict[str, list[list[float]]] = {name: [] for name in self._peers}
        for number in range(rounds):
            answers: dict[str, list[Answer]] = {}
            for entrant in _turned(self._entrants, number):
                timed = self._peers[entrant.name].ask(questions)
                times[entrant.name].append([each.seconds for each in timed])
                answers[entrant.name] = [each.answer for each in timed]
            self._compare(questions, answers)
        return {name: spread(_medians(rows)) for name, rows in times.items()}

    def _compare(self, questions: Sequence[Question], answers: Mapping[str, Sequence[Answer]]) -> None:
        same = [entrant for entrant in self._entrants if entrant.same]
        for entrant in same[1:]:
            compare(questions, (same[0], answers[same[0].name]), (entrant, answers[entrant.name]))

    def marks(self, name: str, questions: Sequence[Question], rounds: int, warm: float = WARM_SECONDS) -> Marks | None:
        """What fragments cost one peer, over those of the questions that have ten hits; None where none has."""
        peer = self._peers[name]
        found = peer.ask(questions)
        full = [question for question, each in zip(questions, found, strict=True) if each.answer.total >= TOP]
        if not full:
            return None
        marked = [replace(question, marks=True) for question in full]
        peer.warm(full, warm)
        peer.warm(marked, warm)
        without: list[list[float]] = []
        with_marks: list[list[float]] = []
        for _ in range(rounds):
            without.append([each.seconds for each in peer.ask(full)])
            with_marks.append([each.seconds for each in peer.ask(marked)])
        before, after = _medians(without), _medians(with_marks)
        return Marks(spread(before), spread(after), spread([b - a for a, b in zip(before, after, strict=True)]))


def _turned(entrants: Sequence[Entrant], number: int) -> list[Entrant]:
    """The peers in another order each round, so that none always comes after the same one."""
    place = number % len(entrants)
    return [*entrants[place:], *entrants[:place]]


def _medians(rows: Sequence[Sequence[float]]) -> list[float]:
    """The median of each column."""
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def compare(
    questions: Sequence[Question], one: tuple[Entrant, Sequence[Answer]], other: tuple[Entrant, Sequence[Answer]]
) -> None:
    """Raise DisagreementError where the totals or the counts by source of two peers differ."""
    for question, first, second in zip(questions, one[1], other[1], strict=True):
        if (first.total, sorted(first.counts)) != (second.total, sorted(second.counts)):
            raise DisagreementError(
                f"{question}: {one[0].label} finds {first.total} {sorted(first.counts)}, "
                f"{other[0].label} {second.total} {sorted(second.counts)}"
            )


def start(entrant: Entrant, directory: Path, question: Question, core: int | None) -> float:
    """Seconds from the start of a peer's process to its first answer, by the median of several."""
    return statistics.median(first_answer(entrant.command, directory, question, core) for _ in range(STARTS))
