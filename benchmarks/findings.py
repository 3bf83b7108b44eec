"""What a run of ``make relevance`` found, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.conflation import Conflation
from benchmarks.judged import CONFLATION_FLOOR, JudgedSet
from benchmarks.ours import Built, Reading
from benchmarks.record import Spread
from search.measures import Values

MRR, RECALL = "MRR@10", "recall@100"

Scores = Mapping[str, Values]
"""The values of every judged query by the name of its set."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the ranking costs.

    ``built`` by pool. ``base`` and ``whole``: what questions read at the first step and as shipped, by set. ``times``:
    CPU seconds of a question at the first step and as shipped, by whether its words had been asked before.
    """

    built: Mapping[str, Built]
    base: Mapping[str, Reading]
    whole: Mapping[str, Reading]
    times: Mapping[str, tuple[Spread, Spread]]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was measured.

    ``lucene`` and ``others``: engines to compare with, by label. ``steps``: the ranking step by step, the last one as
    it is shipped. ``ablations``: by what is switched off. ``conflation``: by rule. ``sizes``: documents by pool.
    """

    day: str
    sets: Sequence[JudgedSet]
    sizes: Mapping[str, int]
    versions: Mapping[str, str]
    missing: Mapping[str, str]
    lucene: Mapping[str, Scores]
    others: Mapping[str, Scores]
    steps: Mapping[str, Scores]
    ablations: Mapping[str, Scores]
    conflation: Mapping[str, Conflation]
    cost: Cost

    @property
    def shipped(self) -> Scores:
        """The last step."""
        return list(self.steps.values())[-1]

    def better_lucene(self, name: str) -> tuple[str, Values] | None:
        """Return the setting of Lucene that has the higher MRR@10 on a set; None where Lucene was not run."""
        found = [(label, scores[name]) for label, scores in self.lucene.items()]
        return max(found, key=lambda each: each[1].means()[MRR]) if found else None

    def question_mean(self, scores: Scores, measure: str = MRR) -> float | None:
        """Return the mean of a measure over the question sets, each set counted alike; None where there is none."""
        values = [scores[each.name].means()[measure] for each in self.sets if each.question]
        return float(np.mean(values)) if values else None

    def shortfalls(self) -> Iterator[str]:
        """Yield a sentence for each floor that is not reached."""
        for each in self.sets:
            means = self.shipped[each.name].means()
            for measure, floor in ((MRR, each.floor), (RECALL, each.recall_floor)):
                if means[measure] < floor:
                    yield f"{each.name}: {measure} {means[measure]:.4f} is below {floor}"
        ours = list(self.conflation.values())[-1].f1
        if ours < CONFLATION_FLOOR:
            yield f"conflation: F1 {ours:.4f} is below {CONFLATION_FLOOR}"
