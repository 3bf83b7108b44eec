"""Whoosh as it comes: its own codec, writer and searcher, on an index of its own.

It is slow enough that it is asked over few articles only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, NUMERIC, STORED, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.query import And, NumericRange, Or, Phrase, Query, Term

from benchmarks.peers.protocol import TOP, Answer, Prepared, Question

FIELDS = ("title", "body")


class Stock:
    """See the module; ``memory`` is the writer's ``limitmb``."""

    def __init__(self, memory: int) -> None:
        self._memory = memory

    def build(self, articles: Iterable[Prepared], directory: Path) -> None:
        """See ``Peer``."""
        words = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True)
        day = NUMERIC(int, sortable=True)
        schema = Schema(id=ID(stored=True), title=words, body=words, source=ID(sortable=True), day=day, original=STORED)
        writer = create_in(directory, schema).writer(limitmb=self._memory)
        for article in articles:
            writer.add_document(
                id=article.id,
                title=article.title,
                body=article.body,
                source=article.source,
                day=article.day,
                original=article.original,
            )
        writer.commit()

    def open(self, directory: Path) -> int:
        """See ``Peer``."""
        index = open_dir(directory)
        self._searcher: Any = index.searcher()
        return len(index._segments())

    def ask(self, question: Question) -> Answer:
        """See ``Peer``."""
        more = {"groupedby": "source"} if question.counts else {}
        found = self._searcher.search(self._query(question), limit=TOP, filter=self._filter(question), **more)
        total = len(found)
        ids: tuple[str, ...] = ()
        counts: tuple[tuple[str, int], ...] = ()
        if question.stored:
            ids = tuple(hit.fields()["id"] for hit in found)
        if question.counts:
            counts = tuple((value, len(numbers)) for value, numbers in found.groups("source").items())
        return Answer(total, ids, counts)

    def _query(self, question: Question) -> Query:
        if question.match == "phrase":
            return Or([Phrase(field, list(question.words)) for field in FIELDS])
        if question.match == "any":
            return Or([Term(field, word) for word in question.words for field in FIELDS])
        return And([Or([Term(field, word) for field in FIELDS]) for word in question.words])

    def _filter(self, question: Question) -> Query | None:
        clauses: list[Query] = []
        if question.source:
            clauses.append(Term("source", question.source))
        if question.first or question.last:
            clauses.append(NumericRange("day", question.first, question.last))
        return And(clauses) if clauses else None


def make(memory: str) -> Stock:
    """The peer; ``memory`` in MB."""
    return Stock(int(memory))
