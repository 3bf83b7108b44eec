"""tantivy, by its Python package: one indexing thread, title and body with positions, the article stored.

Each word is asked of both fields, BM25 added up over them; filters match without scoring. A search is one call that
gives the exact count and the top ten. tantivy's merge policy is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Document, FieldType, Index, Occur, Query

from benchmarks.peers.protocol import TOP, Answer, Prepared, Question

FIELDS = ("title", "body")
FACET_VALUES = 100


class Tantivy:
    """See the module; ``memory`` is the writer's heap in MB."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        builder = tantivy.SchemaBuilder()
        for name in FIELDS:
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field("source", fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("day", fast=True, indexed=True)
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("original", stored=True)
        self._schema = builder.build()

    def build(self, articles: Iterable[Prepared], directory: Path) -> None:
        """See ``Peer``."""
        index = Index(self._schema, path=str(directory))
        self._register(index)
        writer = index.writer(heap_size=self._memory * 1_000_000, num_threads=1)
        for article in articles:
            document = Document()
            document.add_text("title", article.title)
            document.add_text("body", article.body)
            document.add_text("source", article.source)
            document.add_integer("day", article.day)
            document.add_text("id", article.id)
            document.add_bytes("original", article.original.encode())
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def _register(self, index: Index) -> None:
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("whitespace", analyzer)

    def open(self, directory: Path) -> int:
        """See ``Peer``."""
        index = Index(self._schema, path=str(directory))
        self._register(index)
        index.reload()
        self._searcher: Any = index.searcher()
        return int(self._searcher.num_segments)

    def ask(self, question: Question) -> Answer:
        """See ``Peer``."""
        query = self._query(question)
        found = self._searcher.search(query, TOP, count=True)
        ids: list[str] = []
        counts: tuple[tuple[str, int], ...] = ()
        if question.stored:
            for _, address in found.hits:
                document = self._searcher.doc(address)
                document.get_first("original")
                ids.append(str(document.get_first("id")))
        if question.counts:
            terms = {"source": {"terms": {"field": "source", "size": FACET_VALUES}}}
            buckets = self._searcher.aggregate(query, terms)["source"]["buckets"]
            # An article without a source has the empty one here, which is no value to the others.
            counts = tuple((bucket["key"], int(bucket["doc_count"])) for bucket in buckets if bucket["key"])
        return Answer(found.count, tuple(ids), counts)

    def _query(self, question: Question) -> Query:
        words: list[str | tuple[int, str]] = list(question.words)
        if question.match == "phrase":
            options: list[tuple[Occur, Query]] = [
                (Occur.Should, Query.phrase_query(self._schema, field, words)) for field in FIELDS
            ]
            query = Query.boolean_query(options)
        elif question.match == "any":
            query = Query.boolean_query([term for word in question.words for term in self._word(word)])
        else:
            either = [Query.boolean_query(self._word(word)) for word in question.words]
            query = Query.boolean_query([(Occur.Must, word) for word in either])
        clauses = [(Occur.Must, query)]
        if question.source:
            chosen = Query.term_query(self._schema, "source", question.source, "basic")
            clauses.append((Occur.Must, Query.const_score_query(chosen, 0.0)))
        if question.first or question.last:
            days = Query.range_query(self._schema, "day", FieldType.Integer, question.first, question.last)
            clauses.append((Occur.Must, Query.const_score_query(days, 0.0)))
        return query if len(clauses) == 1 else Query.boolean_query(clauses)

    def _word(self, word: str) -> list[tuple[Occur, Query]]:
        return [(Occur.Should, Query.term_query(self._schema, field, word, "freq")) for field in FIELDS]


def make(memory: str) -> Tantivy:
    """The peer; ``memory`` in MB."""
    return Tantivy(int(memory))
