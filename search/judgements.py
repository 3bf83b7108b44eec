"""Queries and relevance judgements (qrels) from tab-separated files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class JudgementError(ValueError):
    """Judgements, queries or a run that cannot be used; the text says why, and names file and line where one is bad."""


def read_queries(path: Path) -> dict[str, str]:
    """Read ``qid<TAB>query`` lines into query id → text, in the order of the file."""
    queries: dict[str, str] = {}
    for number, (qid, text) in _rows(path, 2, "a query id and a query"):
        if qid in queries:
            raise JudgementError(f"{path}, line {number}: the query id {qid!r} came before")
        queries[qid] = text
    return queries


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read ``qid<TAB>article id<TAB>relevance`` lines (relevance 0: judged not relevant) by query id."""
    qrels: dict[str, dict[str, int]] = {}
    for number, (qid, article_id, relevance) in _rows(path, 3, "a query id, an article id and a relevance"):
        try:
            given = int(relevance)
        except ValueError:
            raise JudgementError(f"{path}, line {number}: relevance {relevance!r} is not a whole number") from None
        before = qrels.setdefault(qid, {}).setdefault(article_id, given)
        if before != given:
            raise JudgementError(f"{path}, line {number}: {article_id!r} was judged {before} for {qid!r} before")
    return qrels


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file that are not blank, each with its number, counted from 1."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise JudgementError(f"{path}: not UTF-8 at byte {error.start}") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def _rows(path: Path, columns: int, expected: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines(path):
        row = line.split("\t")
        if len(row) != columns:
            raise JudgementError(f"{path}, line {number}: {len(row)} columns where {expected} are expected")
        yield number, row
