"""Ranking quality on the judged sets, beside Lucene's Arabic analyzer; ``make relevance`` runs it.

Builds the pools of ``benchmarks.pools`` into ``var/relevance`` where they are missing, indexes them with ``fihris
reindex`` and asks ``fihris evaluate`` for each set. Exits 1 where a set's MRR@10 is below Lucene's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.pools import SETS, SHARED, write
from index.generations import Generations, NoIndexError, RefusedIndexError

REPOSITORY = Path(__file__).resolve().parent.parent

LUCENE = {"arcd_train": 0.618, "tydi_ar_dev": 0.777, "xquad_ar": 0.784, "kaif_dev": 0.859, "saudi_headline": 0.623}
"""MRR@10 of Lucene's ArabicAnalyzer on the same pools, the better of BM25 .9/.4 and 1.2/.75; given, not run here."""


def fihris(*arguments: str) -> str:
    command = [sys.executable, "-m", "web.commands", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY).stdout


def prepare(pool: str, home: Path, rebuild: bool) -> Path:
    """Return the directory of the pool's index, built where it is missing, outdated or ``rebuild`` asks for it."""
    directory = home / pool
    try:
        Generations(directory).live().manifest()
    except (NoIndexError, RefusedIndexError):
        rebuild = True
    if rebuild:
        source = home / f"{pool}.jsonl.gz"
        write(pool, SHARED, source)
        fihris("reindex", str(source), "--index", str(directory), "--force")
    return directory


def evaluate(name: str, index: Path) -> dict[str, Any]:
    judgements = SHARED / "relevance"
    files = ("--queries", f"{judgements}/{name}.queries.tsv", "--qrels", f"{judgements}/{name}.qrels.tsv")
    found: dict[str, Any] = json.loads(fihris("evaluate", *files, "--index", str(index), "--json"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "relevance")
    parser.add_argument("--rebuild", action="store_true", help="index the pools again")
    options = parser.parse_args()
    indexes = {pool: prepare(pool, options.home, options.rebuild) for pool in dict.fromkeys(SETS.values())}
    for pool, directory in indexes.items():
        articles = json.loads(fihris("status", "--json", "--index", str(directory)))["articles"]
        print(f"{pool}: {articles:,} texts")
    measures = ("MRR@10", "nDCG@10", "recall@100", "success@1")
    print(f"{'set':16}{'queries':>8}" + "".join(f"{name:>12}" for name in measures) + f"{'Lucene MRR':>12}")
    below = []
    for name, pool in SETS.items():
        found = evaluate(name, indexes[pool])
        values = "".join(f"{found['measures'][measure]:12.3f}" for measure in measures)
        print(f"{name:16}{found['queries']:8}{values}{LUCENE[name]:12.3f}", flush=True)
        if found["measures"]["MRR@10"] < LUCENE[name]:
            below.append(name)
    if below:
        sys.exit(f"below Lucene: {', '.join(below)}")


if __name__ == "__main__":
    main()
