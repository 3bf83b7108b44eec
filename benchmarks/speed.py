"""Fihris beside its peers: indexing, size, memory, questions, start, fragments and the service; ``make bench`` runs it.

It writes ``docs/benchmarks.md``, which says how everything is measured. Only the sizes of this run are replaced there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from benchmarks import corpus, growth, machine, measure, serving
from benchmarks.goals import FEW, WHOLE
from benchmarks.peers import roster
from benchmarks.peers.protocol import Question
from benchmarks.peers.roster import FIHRIS, NAMES, SLOW, Entrant
from benchmarks.process import REPOSITORY, Build
from benchmarks.queries import questions
from benchmarks.record import Built, Circumstances, Growth, Marks, Record, Run, load, save
from benchmarks.report import page

DOCS = REPOSITORY / "docs"
LARGE = 100_000
"""From so many articles on only the fastest peers take part."""

FASTEST = (FIHRIS, roster.FAMILIES, "tantivy", "lucene")
SAMPLE = 5_000
"""Articles that questions are drawn from."""


MOST_FOLDED = 70_000
"""Articles that are folded for the time it takes; that of more is reckoned from it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; ``core`` None: not pinned."""

    sizes: tuple[str, ...]
    peers: tuple[str, ...]
    rounds: int
    builds: int
    questions: int
    memory: int
    core: int | None
    home: Path | None
    docs: Path

    def command(self) -> str:
        """The command line that measures the same elsewhere."""
        named = {"sizes": ",".join(self.sizes), "rounds": self.rounds, "builds": self.builds,
                 "questions": self.questions, "memory": self.memory}  # fmt: skip
        if self.peers != NAMES:
            named["peers"] = ",".join(self.peers)
        return "python -m benchmarks.speed " + " ".join(f"--{name} {value}" for name, value in named.items())


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@cache
def count_of(size: str) -> int:
    """The number of articles that a size such as ``350k`` names; ``70k`` stands for all real ones."""
    return sum(1 for _ in corpus.real_articles()) if size == WHOLE else int(size.removesuffix("k")) * 1000


def peers_for(count: int, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted peers that a run over so many articles takes."""
    if count > LARGE:
        return [name for name in wanted if name in FASTEST]
    return [name for name in wanted if name not in SLOW or count <= count_of(FEW)]


class Bench:
    """One run of the command: the prepared articles and the indexes lie in ``home``."""

    def __init__(self, options: Options, home: Path) -> None:
        self._options = options
        self._home = home
        self._counts = {size: count_of(size) for size in options.sizes}

    def prepare(self) -> Growth | None:
        """Write the articles of every size; return how the vocabulary grows where some were made for it."""
        found: Growth | None = None
        largest: Path | None = None
        real = count_of(WHOLE)
        for count in sorted(set(self._counts.values()), reverse=True):
            path = self._articles(count)
            if not path.exists():
                say(f"preparing {count:,} articles …")
                if largest:
                    corpus.head(largest, path, count)
                elif count > real:
                    found = growth.write(path, count)
                else:
                    corpus.write(corpus.real_articles(), whole := self._articles(real))
                    if count < real:
                        corpus.head(whole, path, count)
            largest = largest or path
        return found

    def _articles(self, count: int) -> Path:
        return self._home / f"{count}.tsv"

    def _folding(self, articles: Path, count: int) -> float:
        """Return the seconds that folding all words takes by itself; of many articles the first ones stand for all."""
        folded = min(count, MOST_FOLDED)
        some = articles
        if folded < count:
            some = self._home / "folded.tsv"
            corpus.head(articles, some, folded)
        took = measure.build(roster.folding(), some, self._home / "folding", self._options.core)
        shutil.rmtree(self._home / "folding")
        return (took.seconds - took.reading) * count / folded

    def run(self, size: str) -> Run:
        """Measure everything over the articles of a size."""
        options, count = self._options, self._counts[size]
        articles = self._articles(count)
        drawn = questions(corpus.sample(corpus.read(articles), SAMPLE, seed=1), options.questions)
        entrants, missing = roster.entrants(peers_for(count, options.peers), options.memory, self._home)
        indexes = {entrant.index: self._home / f"{size}-{entrant.index}" for entrant in entrants}
        builds = self._build(entrants, articles, indexes)
        folding = self._folding(articles, count)
        whole = size == WHOLE and FIHRIS in indexes
        jobs = self._build_by_two(articles) if whole else None
        with measure.Contest(entrants, indexes, options.core) as contest:
            spreads = {}
            for kind, asked in drawn.items():
                say(f"{size}: asking {kind} …")
                spreads[kind] = contest.ask(asked, options.rounds)
            marks = self._marks(contest, entrants, drawn["any"])
            segments = contest.segments
        starts = {each.name: self._start(each, indexes, drawn["any"][0]) for each in entrants}
        service = None
        if whole:
            say(f"{size}: asking the service …")
            service = serving.measure(indexes[FIHRIS], drawn["all"], options.rounds, self._home)
        return Run(
            articles=count,
            rounds=options.rounds,
            questions=options.questions,
            circumstances=Circumstances(
                day=machine.today(),
                command=options.command(),
                machine=machine.facts(),
                versions={each.name: each.version for each in entrants if each.name == each.index},
                missing=missing,
            ),
            folding=folding,
            builds={name: measure.built(each, segments[name]) for name, each in builds.items()},
            jobs=jobs,
            spreads=spreads,
            starts=starts,
            marks=marks,
            serving=service,
        )

    def _build(self, entrants: Sequence[Entrant], articles: Path, indexes: dict[str, Path]) -> dict[str, list[Build]]:
        """Build every index as often as is asked for, in interleaved rounds; the last of each stays."""
        builders = {entrant.index: entrant for entrant in reversed(entrants)}
        builds: dict[str, list[Build]] = {index: [] for index in indexes}
        for _ in range(self._options.builds):
            for index, directory in indexes.items():
                say(f"building {directory.name} …")
                builds[index].append(measure.build(builders[index], articles, directory, self._options.core))
        return builds

    def _build_by_two(self, articles: Path) -> Built:
        """Build with two processes on all cores, as often, and throw it away."""
        directory = self._home / "two"
        two = roster.fihris(False, 2, self._options.memory)
        builds: list[Build] = []
        for _ in range(self._options.builds):
            say("building with two processes …")
            builds.append(measure.build(two, articles, directory, None))
        parts = measure.segments(two, directory)
        shutil.rmtree(directory)
        return measure.built(builds, parts)

    def _marks(
        self, contest: measure.Contest, entrants: Sequence[Entrant], asked: Sequence[Question]
    ) -> dict[str, Marks]:
        ours = [entrant.name for entrant in entrants if entrant.index == FIHRIS]
        found = {name: contest.marks(name, asked, self._options.rounds) for name in ours}
        return {name: marks for name, marks in found.items() if marks}

    def _start(self, entrant: Entrant, indexes: dict[str, Path], question: Question) -> float:
        return measure.start(entrant, indexes[entrant.index], question, self._options.core)


def options_of(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    last = max(os.sched_getaffinity(0))
    parser.add_argument(
        "--sizes", default=f"{FEW},{WHOLE}", help=f"such as 350k; {WHOLE} is all real ones [%(default)s]"
    )
    parser.add_argument("--peers", default=",".join(NAMES), help="[%(default)s]")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of questions [%(default)s]")
    parser.add_argument("--builds", type=int, default=1, help="times each index is built [%(default)s]")
    parser.add_argument("--questions", type=int, default=300, help="of each kind [%(default)s]")
    parser.add_argument("--memory", type=int, default=512, help="MB, each engine's indexing buffer [%(default)s]")
    parser.add_argument("--core", type=int, default=last, help="the only core a peer uses; -1: all [%(default)s]")
    parser.add_argument("--home", type=Path, help="keep articles and indexes here, and use those articles again")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page and the measurements are written")
    given = parser.parse_args(arguments)
    peers = tuple(given.peers.split(","))
    if unknown := set(peers) - set(NAMES):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return Options(
        tuple(given.sizes.split(",")), peers, given.rounds, given.builds, given.questions, given.memory,
        given.core if given.core >= 0 else None, given.home, given.docs,
    )  # fmt: skip


def write(record: Record, docs: Path) -> None:
    """Write the measurements and the page."""
    docs.mkdir(parents=True, exist_ok=True)
    save(record, docs / "benchmarks.json")
    (docs / "benchmarks.md").write_text(page(record), "utf-8")


def main() -> None:
    options = options_of(sys.argv[1:])
    rooms = REPOSITORY / "var"
    rooms.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=rooms, prefix="bench-") as temporary:
        home = (options.home or Path(temporary)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        bench = Bench(options, home)
        grown = bench.prepare()
        for size in options.sizes:
            run = bench.run(size)
            record = load(options.docs / "benchmarks.json")
            write(replace(record, runs={**record.runs, size: run}, growth=grown or record.growth), options.docs)
    say(f"written: {options.docs / 'benchmarks.md'}")


if __name__ == "__main__":
    main()
