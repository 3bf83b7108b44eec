"""Questions to an index that our own executor cannot run, answered by Whoosh's own searcher.

Somebody's script may write to an index with Whoosh's writer in Whoosh's own codec. While such a segment is there, every
question goes this way. Whoosh's query classes find words, phrases and prefixes and score them. What matches is the same
as ever, and so are totals, facets, filters and the order by date; scores are not: Whoosh's BM25F is a sum of BM25 over
fields, and here over the forms of a word as well, it knows the lengths of texts only roughly, and nothing of harakat.

How the leaves of a query combine is decided here, over marks for some thousand documents at a time. Whoosh 2.7.4 has
classes for that, but ``Not`` lists deleted documents, and ``AndNot`` inside another query lets excluded documents
by, misses others or raises IndexError.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from itertools import compress
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from whoosh import query as stock
from whoosh.index import FileIndex
from whoosh.matching import Matcher
from whoosh.reading import IndexReader
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from index.article import Article
from index.codec.layout import COUNTED
from index.generation import RefusedIndexError
from index.schema import NO_INSTANT, SCORED
from search.deadline import Deadline
from search.execution import Found
from search.expansion import Expansion
from search.preferences import Preference
from search.query import Clause, Either, Group, Leaf, Node, Phrase, Prefix, Query, Word
from search.ranking import Ranking
from search.request import Filters, Sort
from search.results import Reason
from search.stock import Columns, families_of
from search.view import FacetTable

Match: TypeAlias = Literal["all", "any"]
Marks: TypeAlias = NDArray[np.bool_]

_WINDOW = 4096
"""Documents between two looks at the clock."""

_ARTICLE = tuple(field.name for field in fields(Article))


class StockView:
    """One commit of an index with segments in any codec; may be shared by threads, which take turns."""

    def __init__(self, directory: Path, index: FileIndex, facets: Mapping[str, FacetTable], ranking: Ranking) -> None:
        """Open the latest commit. ``facets``: tables of values, to which those of this index are added.

        Raises FileNotFoundError where a commit has just removed a segment, and RefusedIndexError for what Whoosh cannot
        read.
        """
        self.ranking = ranking
        self._index = index
        self._turn = threading.Lock()
        try:
            self._segments = index._segments()
            self._open()
            reader: IndexReader = self._searcher.reader()
            self.size: int = reader.doc_count_all()
            self.columns = Columns(reader, facets)
            self.expansion = Expansion(families_of(directory, reader), ranking)
        except FileNotFoundError:
            raise
        except Exception as error:  # Whoosh raises anything on a damaged file
            raise RefusedIndexError(f"{directory} cannot be read ({error!r}): run `fihris reindex`") from error

    def _open(self) -> None:
        reader = FileIndex._reader(self._index.storage, self._index.schema, self._segments, None)
        ranking = self.ranking
        normalised = {f"{name}_B": b for name, b in ranking.b.items()}
        self._searcher = Searcher(reader, weighting=BM25F(B=0.0, K1=ranking.k1, **normalised))
        self._process = os.getpid()
        weakref.finalize(self._searcher, reader.close)

    @contextmanager
    def searcher(self) -> Iterator[Searcher]:
        """Give Whoosh's searcher to one thread: all that use one share places in files."""
        with self._turn:
            if self._process != os.getpid():
                self._open()  # and so do a process and the one that it was forked from
            yield self._searcher

    def days(self) -> NDArray[np.integer]:
        """Return the day of each document, see ``index.schema``."""
        return self.columns.days

    def sources(self) -> NDArray[np.integer]:
        """Return the number of each document's source in the facets' table."""
        return self.columns.facets["source"]

    def article(self, number: int) -> Article:
        """Return a stored article."""
        with self.searcher() as searcher:
            stored = searcher.stored_fields(number)
        return Article(**{name: stored.get(name, "") for name in _ARTICLE})

    def find(self, article_id: str) -> int:
        """Return the document of an id, or -1."""
        with self.searcher() as searcher:
            return next(iter(searcher.docs_for_query(stock.Term("id", _encoded(article_id)))), -1)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


class StockExecution:
    """One query over one view. May be run more than once, for another reading of its words."""

    def __init__(self, view: StockView, query: Query, deadline: Deadline, preference: Preference | None = None) -> None:
        self._view = view
        self._preference = preference
        self._root = query.root
        self._wanted = list(dict.fromkeys(query.leaves()))
        self._leaves = list(dict.fromkeys(_deciding(query.root)))
        self._deadline = deadline

    def worth(self) -> dict[Leaf, float]:
        """Return how telling each leaf is."""
        with self._view.searcher() as searcher:
            return {leaf: self._worth(searcher, leaf) or 1.0 for leaf in self._wanted}

    def explain(self, number: int) -> tuple[Reason, ...]:
        """Return nothing: how Whoosh came to a document's score is not known."""
        return ()

    def _worth(self, searcher: Searcher, leaf: Leaf) -> float:
        ranking, size = self._view.ranking, self._view.size
        asked = (leaf.field,) if leaf.field else SCORED

        def documents(word: bytes) -> int:
            return max([int(searcher.doc_frequency(name, word)) for name in asked])

        if isinstance(leaf, Phrase) and len(leaf.words) > 1:
            counts = [documents(_encoded(word)) for word in dict.fromkeys(leaf.words)]
            return ranking.phrase * sum(ranking.rarity(size, count) for count in counts)
        if isinstance(leaf, Word):
            forms = self._view.expansion.forms_of(leaf)
            words = list(compress(forms.words, forms.matches.tolist()))
        elif isinstance(leaf, Phrase):
            words = [_encoded(leaf.words[0])]
        else:
            words = []  # which words begin so is not known yet
        holding = min(size, sum(map(documents, words)))
        return (1 + ranking.exact) * ranking.rarity(size, holding)

    def run(
        self, match: Match, filters: Filters, sort: Sort, depth: int, *, counting: bool = True,
        binding: Group | None = None,
    ) -> Found:  # fmt: skip
        """Find what matches and is let through by the filters, and the best ``depth`` of it.

        ``binding``: a part of the query that decides what matches, all of it, while the rest only adds to scores;
        ``match`` means nothing then.
        """
        deciding: tuple[Group, Match] = (binding, "all") if binding else (self._root, match)
        columns = self._view.columns
        selected = columns.selected(filters)
        scored = set(self._wanted) if sort == "relevance" else set()
        numbers: list[NDArray[np.int64]] = []
        scores: list[NDArray[np.float32]] = []
        with self._view.searcher() as searcher:
            for first, marks, window in self._windows(searcher, *deciding, scored):
                there = np.flatnonzero(marks & selected[first : first + len(marks)])
                numbers.append(there + first)
                scores.append(window[there])
        complete = not self._deadline.passed
        found = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
        worths = np.concatenate(scores) if scores else np.zeros(0, np.float32)
        if self._preference:
            worths = worths * self._preference.factors[found]
        instants = columns.instants[found]
        if sort == "oldest":
            instants = np.where(instants == NO_INSTANT, NO_INSTANT, -instants)
        order = np.lexsort((found, -instants, -worths))[:depth]
        counts = {name: np.bincount(columns.facets[name][found]) for name in COUNTED} if counting else None
        return Found(len(found), worths[order], found[order], counts, complete)

    def _windows(
        self, searcher: Searcher, deciding: Group, match: Match, scored: set[Leaf]
    ) -> Iterator[tuple[int, Marks, NDArray[np.float32]]]:
        """Yield the first number of some documents, which of them match, and their scores, until time is up."""
        context = searcher.context(needs_current=True)
        for leaf_searcher, base in searcher.leaf_searchers():
            if self._deadline.check():
                return
            matchers = {
                leaf: [each.matcher(leaf_searcher, context) for each in self._queries(leaf)] for leaf in self._leaves
            }
            size = leaf_searcher.doc_count_all()
            for begin in range(0, size, _WINDOW):
                if self._deadline.check():
                    return
                end = min(begin + _WINDOW, size)
                scores = np.zeros(end - begin, np.float32)
                known = {
                    leaf: _read(each, begin, end, scores if leaf in scored else None) for leaf, each in matchers.items()
                }
                yield base + begin, _Matches(end - begin, known, match).of(deciding), scores

    def _queries(self, leaf: Leaf) -> list[Any]:
        """Return a leaf in Whoosh's terms: a document matches by any of these."""
        ranking = self._view.ranking
        queries: list[Any] = []
        for name in (leaf.field,) if leaf.field else SCORED:
            weight = ranking.weights.get(name, 1.0)
            exact = weight * (1 + ranking.exact)
            if isinstance(leaf, Prefix):
                queries.append(stock.Prefix(name, _encoded(leaf.text), boost=exact))
            elif isinstance(leaf, Phrase) and len(leaf.words) > 1:
                words = [_encoded(word) for word in leaf.words]
                queries.append(stock.Phrase(name, words, boost=weight * ranking.phrase))
            elif isinstance(leaf, Phrase):
                queries.append(stock.Term(name, _encoded(leaf.words[0]), boost=exact))
            else:
                forms = self._view.expansion.forms_of(leaf)
                for phrase in forms.phrases:
                    queries.append(stock.Phrase(name, list(map(_encoded, phrase.words)), boost=weight * phrase.weight))
                chosen = compress(zip(forms.words, forms.weights.tolist(), strict=True), forms.matches.tolist())
                for place, (form, kinship) in enumerate(chosen):
                    queries.append(stock.Term(name, form, boost=weight * kinship if place else exact))
        return queries


def _deciding(node: Node) -> Iterator[Leaf]:
    """Yield all leaves that decide anything, excluded ones as well."""
    if isinstance(node, Group):
        for clause in (*node.wanted(), *node.excluded()):
            yield from _deciding(clause.node)
    elif isinstance(node, Either):
        for clause in node.options:
            yield from _deciding(clause.node)
    else:
        yield node


def _read(matchers: Sequence[Matcher], begin: int, end: int, scores: NDArray[np.float32] | None) -> Marks:
    """Go on to document ``end``; return which from ``begin`` on were met, and add to their scores."""
    met = np.zeros(end - begin, np.bool_)
    for matcher in matchers:
        places: list[int] = []
        worths: list[float] = []
        while matcher.is_active() and (number := matcher.id()) < end:
            places.append(number - begin)
            if scores is not None:
                worths.append(matcher.score())
            matcher.next()
        met[places] = True
        if scores is not None:
            scores[places] += np.array(worths, np.float32)
    return met


class _Matches:
    """Which documents of a window a node matches. ``known``: by leaf; ``match``: what groups ask of their clauses."""

    def __init__(self, size: int, known: Mapping[Leaf, Marks], match: Match) -> None:
        self._size = size
        self._known = known
        self._match = match

    def of(self, node: Node) -> Marks:
        """Return which documents a node matches, deleted ones perhaps among them."""
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Either):
            return np.asarray(np.logical_or.reduce([self._clause(option) for option in node.options]), np.bool_)
        return self._known[node]

    def _group(self, group: Group) -> Marks:
        parts = [self.of(clause.node) for clause in group.wanted()]
        combine = np.logical_and if group.strict or self._match == "all" else np.logical_or
        matches = np.asarray(combine.reduce(parts), np.bool_) if parts else np.ones(self._size, np.bool_)
        for clause in group.excluded():
            matches = matches & ~self.of(clause.node)
        return matches

    def _clause(self, clause: Clause) -> Marks:
        matches = self.of(clause.node)
        return ~matches if clause.excluded else matches
