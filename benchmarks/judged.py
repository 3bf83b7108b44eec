"""The judged sets: what each is asked of, and the least that it must reach."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pools import SHARED
from search.judgements import read_qrels, read_queries

JUDGEMENTS = SHARED / "relevance"


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A set of queries with judgements.

    ``question``: counted in the mean of the question sets. ``floor`` and ``recall_floor``: the least MRR@10 and
    recall@100 with which ``make relevance`` succeeds; they are raised when the ranking gets better.
    """

    name: str
    pool: str
    kind: str
    floor: float
    recall_floor: float = 0.0
    question: bool = True

    @property
    def queries_file(self) -> Path:
        """The file of queries."""
        return JUDGEMENTS / f"{self.name}.queries.tsv"

    def queries(self) -> dict[str, str]:
        """Return the judged queries by their ids."""
        qrels = self.qrels()
        return {query: text for query, text in read_queries(self.queries_file).items() if query in qrels}

    def qrels(self) -> dict[str, dict[str, int]]:
        """Return the judgements."""
        return read_qrels(JUDGEMENTS / f"{self.name}.qrels.tsv")

    def digest(self) -> str:
        """Return what tells this file of queries from another of the same name."""
        return hashlib.sha256(self.queries_file.read_bytes()).hexdigest()[:8]


SETS = (
    JudgedSet("arcd_train", "questions", "questions with typing errors", 0.69, 0.95),
    JudgedSet("tydi_ar_dev", "questions", "questions asked without seeing the text", 0.82, 0.96),
    JudgedSet("xquad_ar", "questions", "translated questions", 0.835, 0.958),
    JudgedSet("kaif_dev", "questions", "why and how questions", 0.913, 0.962),
    JudgedSet("saudi_headline", "headlines", "headline → its article and copies", 0.675, 0.98, question=False),
    JudgedSet("quran_dev", "classical", "questions to classical text", 0.36, question=False),
)

CONFLATION_FLOOR = 0.93
"""The least F1 on the pairs of word forms."""
