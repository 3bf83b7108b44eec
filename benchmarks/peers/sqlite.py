"""SQLite FTS5, by the standard library: a contentless table of folded words, the articles in a table beside it.

The tokenizer is told to cut at spaces alone. Total and top ten are two statements, as FTS5 wants them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.peers.protocol import TOP, Answer, Prepared, Question

_JOIN = {"any": " OR ", "all": " AND ", "phrase": " + "}
_TOKENS = "unicode61 remove_diacritics 0 categories ''L* M* N* P* S* C*''"


class Fts5:
    """See the module."""

    def build(self, articles: Iterable[Prepared], directory: Path) -> None:
        """See ``Peer``."""
        database = sqlite3.connect(directory / "fts5.sqlite")
        database.execute(f"CREATE VIRTUAL TABLE t USING fts5(title, body, content='', tokenize='{_TOKENS}')")
        database.execute("CREATE TABLE a (n INTEGER PRIMARY KEY, id TEXT, source TEXT, day INTEGER, original TEXT)")
        for number, article in enumerate(articles):
            words = (number, article.title, article.body)
            row = (number, article.id, article.source, article.day, article.original)
            database.execute("INSERT INTO t(rowid, title, body) VALUES (?, ?, ?)", words)
            database.execute("INSERT INTO a VALUES (?, ?, ?, ?, ?)", row)
        database.commit()
        database.close()

    def open(self, directory: Path) -> int:
        """See ``Peer``."""
        self._database = sqlite3.connect(directory / "fts5.sqlite")
        return 1

    def ask(self, question: Question) -> Answer:
        """See ``Peer``."""
        text = _JOIN[question.match].join(f'"{word}"' for word in question.words)
        tables, where, values = "t", "t MATCH ?", [text]
        if question.source or question.first or question.last:
            tables = "t JOIN a ON a.n = t.rowid"
        if question.source:
            where += " AND a.source = ?"
            values.append(question.source)
        if question.first or question.last:
            where += f" AND a.day BETWEEN {question.first} AND {question.last}"
        hits = f"FROM {tables} WHERE {where}"
        ((total,),) = self._rows(f"SELECT count(*) {hits}", values)
        top = self._rows(f"SELECT t.rowid {hits} ORDER BY t.rank LIMIT {TOP}", values)
        ids: tuple[str, ...] = ()
        counts: tuple[tuple[str, int], ...] = ()
        if question.stored:
            read = "SELECT id, original FROM a WHERE n = ?"
            ids = tuple(self._rows(read, [number])[0][0] for (number,) in top)
        if question.counts:
            joined = f"FROM t JOIN a ON a.n = t.rowid WHERE {where} GROUP BY a.source"
            counts = tuple(map(tuple, self._rows(f"SELECT a.source, count(*) {joined}", values)))
        return Answer(total, ids, counts)

    def _rows(self, statement: str, values: list[str]) -> list[Any]:
        return self._database.execute(statement, values).fetchall()


def make() -> Fts5:
    """The peer."""
    return Fts5()
