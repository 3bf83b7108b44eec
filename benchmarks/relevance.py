"""Ranking quality on the judged sets beside Lucene and tantivy; ``make relevance`` runs it.

Pools, indexes and the runs of other engines are kept in ``var/relevance`` and made where they are missing or outdated.
``docs/relevance.md`` is written, except with ``--quick``, which leaves out the ablation and only prints. Exits 1 where
a floor of ``benchmarks.judged`` is not reached.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import baselines, conflation, machine, ours, variants
from benchmarks.findings import MRR, Cost, Findings, Scores
from benchmarks.judged import JUDGEMENTS, SETS, JudgedSet
from benchmarks.measure import spread
from benchmarks.pools import Pool, prepare
from benchmarks.process import REPOSITORY
from benchmarks.relevancepage import page
from benchmarks.variants import Variant
from search.measures import MEASURES, Values
from search.ranking import RANKING, Ranking

ROUNDS = 3
BATCH = 50
"""Questions that are timed together, and again in so many rounds."""

_CHECKED = 10
"""One query of so many is asked as ``fihris evaluate`` does too."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Room:
    """A pool with our index of it. ``ids``: of every document by its number."""

    pool: Pool
    index: Path
    built: ours.Built
    ids: Sequence[str]


class Bench:
    """One run of the command over some sets; everything that is kept lies in ``home``."""

    def __init__(self, sets: Sequence[JudgedSet], home: Path, rebuild: bool) -> None:
        self._sets = sets
        self._home = home
        self._queries = {each.name: each.queries() for each in sets}
        self._qrels = {each.name: each.qrels() for each in sets}
        self._rooms = {name: self._room(name, rebuild) for name in dict.fromkeys(each.pool for each in sets)}

    def _room(self, name: str, rebuild: bool) -> Room:
        say(f"preparing {name} …")
        pool = prepare(name, self._home)
        directory, built = ours.index(pool, rebuild)
        return Room(pool, directory, built, ours.names(ours.view(directory)))

    def run(self, ablation: bool) -> Findings:
        """Measure everything, the ablation only where it is asked for."""
        lucene, others, missing = self._baselines()
        steps = {variant.label: self._measured(variant, True) for variant in variants.steps()}
        off = {variant.label: self._measured(variant, False) for variant in variants.ablations()} if ablation else {}
        return Findings(
            day=machine.today(),
            sets=self._sets,
            sizes={name: room.pool.size() for name, room in self._rooms.items()},
            versions=baselines.versions(self._home, missing),
            missing=missing,
            lucene=lucene,
            others=others,
            steps=steps,
            ablations=off,
            conflation=conflation.found(),
            cost=self._cost(),
        )

    def _baselines(self) -> tuple[Mapping[str, Scores], Mapping[str, Scores], Mapping[str, str]]:
        there, missing = baselines.available(self._home)
        lucene: dict[str, Scores] = {}
        others: dict[str, Scores] = {}
        for engine in there:
            say(f"{engine.label} …")
            scores = {
                each.name: Values(
                    self._qrels[each.name], baselines.run_of(engine, each, self._rooms[each.pool].pool)
                )
                for each in self._sets
            }  # fmt: skip
            (lucene if isinstance(engine, baselines.Lucene) else others)[engine.label] = scores
        return lucene, others, missing

    def _measured(self, variant: Variant, check: bool) -> Scores:
        say(f"{variant.label} …")
        scores: dict[str, Values] = {}
        rankers = {
            name: ours.Ranker(room.index, variant.ranking, room.ids) for name, room in self._rooms.items()
        }  # fmt: skip
        for each in self._sets:
            queries = self._queries[each.name]
            run = rankers[each.pool].run(queries)
            if check:
                some = list(queries)[::_CHECKED]
                rankers[each.pool].check({query: queries[query] for query in some}, run)
            scores[each.name] = Values(self._qrels[each.name], run)
        return scores

    def _cost(self) -> Cost:
        say("cost …")
        base = next(variants.steps()).ranking
        reading = {}
        for label, ranking in (("base", base), ("whole", RANKING)):
            views = {name: ours.view(room.index, ranking) for name, room in self._rooms.items()}
            reading[label] = {
                each.name: ours.reading(views[each.pool], list(self._queries[each.name].values()))
                for each in self._sets
            }
        times = self._times(base)
        return Cost(
            built={name: room.built for name, room in self._rooms.items()},
            base=reading["base"],
            whole=reading["whole"],
            times={when: (spread(first), spread(whole)) for when, (first, whole) in times.items()},
        )

    def _times(self, base: Ranking) -> Mapping[str, tuple[list[float], list[float]]]:
        """Return the seconds of every question at the first step and as shipped, first asked and asked again.

        Batches are small enough for the forms of all their words to be remembered when they are asked again.
        """
        new: tuple[list[float], list[float]] = ([], [])
        again: tuple[list[float], list[float]] = ([], [])
        for each in self._sets:
            room = self._rooms[each.pool]
            texts = list(self._queries[each.name].values())
            rankers = [ours.Ranker(room.index, ranking, room.ids) for ranking in (base, RANKING)]
            for ranker in rankers:
                ranker.seconds(texts[:1])  # opens the index
            for at in range(0, len(texts), BATCH):
                rounds = [[ranker.seconds(texts[at : at + BATCH]) for ranker in rankers] for _ in range(1 + ROUNDS)]
                for place in range(len(rankers)):
                    new[place].extend(rounds[0][place])
                    medians = zip(*(each[place] for each in rounds[1:]), strict=True)
                    again[place].extend(map(statistics.median, medians))
        return {"first asked": new, "asked again": again}


def summary(found: Findings) -> str:
    """The measures of every set as shipped, beside the better Lucene, for the terminal."""
    lines = [f"{'':16}" + "".join(f"{name:>12}" for name in (*MEASURES, "Lucene MRR", "difference"))]
    for each in found.sets:
        ours_ = found.shipped[each.name]
        values = "".join(f"{value:12.3f}" for value in ours_.means().values())
        better = found.better_lucene(each.name)
        beside = f"{better[1].means()[MRR]:12.3f}{ours_.against(better[1])[MRR].mean:+12.3f}" if better else ""
        lines.append(f"{each.name:16}{values}{beside}")
    mean = found.question_mean(found.shipped)
    if mean is not None:
        lines.append(f"questions: MRR@10 {mean:.4f}")
    lines += [f"{name} was not run: {why}" for name, why in found.missing.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance", description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "relevance", help="what is kept lies here")
    parser.add_argument("--sets", default=",".join(each.name for each in SETS), help="[%(default)s]")
    parser.add_argument("--quick", action="store_true", help="without the ablation; the page is left as it is")
    parser.add_argument("--rebuild", action="store_true", help="index the pools again")
    parser.add_argument("--docs", type=Path, default=REPOSITORY / "docs", help="where the page is written")
    options = parser.parse_args()
    chosen = options.sets.split(",")
    if unknown := set(chosen) - {each.name for each in SETS}:
        parser.error(f"no such set: {', '.join(sorted(unknown))}")
    sets = [each for each in SETS if each.name in chosen]
    whole = not options.quick and len(sets) == len(SETS)
    if not JUDGEMENTS.is_dir():
        sys.exit(f"the judged sets are not at {JUDGEMENTS}")
    found = Bench(sets, options.home.resolve(), options.rebuild).run(ablation=not options.quick)
    text = page(found)
    if whole:
        (options.docs / "relevance.md").write_text(text, "utf-8")
        print(summary(found))
    else:
        print(text)
    if below := list(found.shortfalls()):
        sys.exit("\n".join(below))


if __name__ == "__main__":
    main()
