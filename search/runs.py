"""Runs in the form of TREC, which every evaluation tool reads: ``query-id Q0 article-id rank score name``, by lines.

Spaces stand between the words of a line; tabs, where an id holds a space, and these other tools misread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from search.judgements import JudgementError, lines
from search.measures import Run

_COLUMNS = 6


def read_run(path: Path) -> dict[str, dict[str, float]]:
    """Read a run: query id → article id → score, in the order of the file.

    As in trec_eval, the order of a query's articles is that of their scores, whatever their ranks say. Raises
    JudgementError for a line that is none, a score that is no number, or an article that comes twice for one query.
    """
    run: dict[str, dict[str, float]] = {}
    for number, line in lines(path):
        words = line.split("\t") if "\t" in line else line.split()
        if len(words) != _COLUMNS:
            raise JudgementError(
                f"{path}, line {number}: {len(words)} columns where a run has {_COLUMNS}: "
                "query id, Q0, article id, rank, score, name"
            )
        query, _, article, _, score, _ = words
        scores = run.setdefault(query, {})
        if article in scores:
            raise JudgementError(f"{path}, line {number}: the article {article!r} came before for query {query!r}")
        scores[article] = _score(score, path, number)
    return run


def _score(text: str, path: Path, number: int) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise JudgementError(f"{path}, line {number}: the score {text!r} is not a number")
    return score


def write_run(run: Run, path: Path, name: str) -> None:
    """Write a run, the articles of each query in the order of the mapping, which must be that of falling scores."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for query, scores in run.items():
            for rank, (article, score) in enumerate(scores.items(), start=1):
                between = "\t" if " " in query + article else " "
                file.write(between.join((query, "Q0", article, str(rank), f"{score:.9g}", name)) + "\n")


def falling(scores: Iterable[float]) -> Iterator[float]:
    """Yield scores that never rise, so that they fall with every step, by the least that single precision can tell.

    trec_eval reads scores in single precision and orders those that tie by id: this way the order survives.
    """
    last = np.float32(np.inf)
    for score in scores:
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        yield float(last)
