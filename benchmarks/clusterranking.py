"""How like the embedded engine a cluster ranks: ``python -m benchmarks.clusterranking``.

Loads the pools of the judged sets into three nodes and asks both engines the same queries, with one window of
candidates after another. Prints for each set the MRR@10 of both, for how many queries the first hit and the first ten
are the same, and how much of the first hundred. Queries are asked as ``fihris evaluate`` asks them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks import ours
from benchmarks.clusterload import nodes, rebuild, settings_of
from benchmarks.judged import SETS, JudgedSet
from benchmarks.pools import prepare
from benchmarks.process import REPOSITORY
from index.article import Article
from index.readers import Reading
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.evaluation import ask
from search.measures import MEASURES, Run, Values
from search.opensearch.engine import ClusterEngine
from search.opensearch.question import CANDIDATES

WINDOWS = (100, 200, CANDIDATES)
_MRR = MEASURES[0]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two runs are: shares of queries with the same first hit and first ten, mean share of the first 100."""

    first: float
    ten: float
    hundred: float

    @classmethod
    def of(cls, one: Run, other: Run) -> Likeness:
        """Compare runs of the same queries."""
        pairs = [(list(one[query]), list(other[query])) for query in one]
        return cls(
            float(np.mean([a[:1] == b[:1] for a, b in pairs])),
            float(np.mean([a[:10] == b[:10] for a, b in pairs])),
            float(np.mean([len({*a} & {*b}) / max(1, len(a)) for a, b in pairs])),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "relevance")
    parser.add_argument("--queries", type=int, default=100, help="of each set, at even distances (0: all)")
    parser.add_argument("--set", action="append", dest="sets", choices=[each.name for each in SETS])
    options = parser.parse_args()
    chosen = [each for each in SETS if not options.sets or each.name in options.sets]
    with nodes() as cluster, tempfile.TemporaryDirectory() as directory:
        for name in dict.fromkeys(each.pool for each in chosen):
            pool = prepare(name, options.home)
            embedded, _ = ours.index(pool)
            settings = settings_of(cluster, Path(directory), replicas=0)
            rebuild(settings, (article for article in Reading([str(pool.articles)]) if isinstance(article, Article)))
            for each in chosen:
                if each.pool == name:
                    compare(each, embedded, settings, options.queries)


def compare(judged: JudgedSet, embedded: Path, settings: Settings, most: int) -> None:
    """Print a set's lines."""
    queries = judged.queries()
    if most:
        queries = dict(islice(queries.items(), 0, None, max(1, len(queries) // most)))
    qrels = {query: found for query, found in judged.qrels().items() if query in queries}
    one = ask(EmbeddedEngine(Settings(index=embedded, time_budget=0.0)), queries)
    print(f"{judged.name}: {len(queries)} queries, embedded {_MRR} {_mrr(qrels, one):.4f}")
    for window in WINDOWS:
        engine = ClusterEngine(settings, window=window)
        other = ask(engine, queries)
        engine.close()
        like = Likeness.of(one, other)
        print(
            f"  {window} candidates: {_MRR} {_mrr(qrels, other):.4f}, same first {like.first:.1%}, same ten "
            f"{like.ten:.1%}, of the first hundred {like.hundred:.1%}",
            flush=True,
        )


def _mrr(qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]) -> float:
    return Values(qrels, run).means()[_MRR]


if __name__ == "__main__":
    main()
