"""Xapian, by its Python bindings, under whichever interpreter has them (Debian's own, mostly).

Title terms carry the prefix ``S``, as Xapian's conventions have it; source is a boolean term, the day a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xapian  # type: ignore[import-not-found,unused-ignore]
from xapian import Query  # type: ignore[import-not-found,unused-ignore]

from benchmarks.peers.protocol import TOP, Answer, Prepared, Question

_PREFIXES = ("S", "")
_DAY, _SOURCE = 0, 1
_LONGEST = 245
"""Bytes; Xapian takes no longer term."""


class Xapian:
    """See the module."""

    def build(self, articles: Iterable[Prepared], directory: Path) -> None:
        """See ``Peer``."""
        database = xapian.WritableDatabase(str(directory), xapian.DB_CREATE_OR_OPEN)
        for article in articles:
            document = xapian.Document()
            for prefix, text in zip(_PREFIXES, (article.title, article.body), strict=True):
                for position, word in enumerate(text.split(), 1):
                    if len(term := (prefix + word).encode()) <= _LONGEST:
                        document.add_posting(term, position)
            document.add_boolean_term(f"XS{article.source}")
            document.add_value(_DAY, xapian.sortable_serialise(article.day))
            document.add_value(_SOURCE, article.source)
            document.set_data(f"{article.id}\t{article.original}")
            database.add_document(document)
        database.commit()
        database.close()

    def open(self, directory: Path) -> int:
        """See ``Peer``."""
        self._database = xapian.Database(str(directory))
        self._size: int = self._database.get_doccount()
        return 1

    def ask(self, question: Question) -> Answer:
        """See ``Peer``."""
        enquire = xapian.Enquire(self._database)
        enquire.set_query(self._query(question))
        spy = xapian.ValueCountMatchSpy(_SOURCE)
        if question.counts:
            enquire.add_matchspy(spy)
        found = enquire.get_mset(0, TOP, self._size)  # as many are checked: the count is exact
        ids: tuple[str, ...] = ()
        counts: tuple[tuple[str, int], ...] = ()
        if question.stored:
            ids = tuple(hit.document.get_data().decode().split("\t", 1)[0] for hit in found)
        if question.counts:
            counts = tuple((value.term.decode(), value.termfreq) for value in spy.values())
        return Answer(found.get_matches_estimated(), ids, counts)

    def _query(self, question: Question) -> Any:
        words = question.words
        if question.match == "phrase":
            phrases = [Query(Query.OP_PHRASE, [prefix + word for word in words]) for prefix in _PREFIXES]
            query = Query(Query.OP_OR, phrases)
        elif question.match == "any":
            query = Query(Query.OP_OR, [prefix + word for word in words for prefix in _PREFIXES])
        else:
            either = [Query(Query.OP_OR, [prefix + word for prefix in _PREFIXES]) for word in words]
            query = Query(Query.OP_AND, either)
        if question.source:
            query = Query(Query.OP_FILTER, query, Query(f"XS{question.source}"))
        if question.first or question.last:
            ends = (xapian.sortable_serialise(question.first), xapian.sortable_serialise(question.last))
            query = Query(Query.OP_FILTER, query, Query(Query.OP_VALUE_RANGE, _DAY, *ends))
        return query


def make() -> Xapian:
    """The peer."""
    return Xapian()
