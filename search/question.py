"""One request on its way through an engine: what is asked when too little is found, and the page of the answer."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.codec.layout import COUNTED
from search.deadline import Deadline
from search.execution import Found
from search.expansion import Expansion
from search.highlight import Marker
from search.query import Group, Leaf, Query, Word
from search.request import MAX_QUERY_LENGTH, SearchRequest, Sort
from search.results import Everything, FacetValue, Factor, Hit, Note, Reason, SearchResults
from search.view import FacetTable
from search.widening import widened, widening_note

FACET_VALUES = 100
"""Most values that one facet lists."""

PARTIAL = Note("partial", "انتهى الوقت المخصص للبحث قبل إتمامه، فهذه نتائج جزئية.")

_NO_MARKS = Marker(Query(Group(())))


class Question(ABC):
    """One request to one state of an index. ``facets``: the tables that ``Found.counts`` refer to."""

    def __init__(
        self, facets: Mapping[str, FacetTable], request: SearchRequest, query: Query, deadline: Deadline,
        expansion: Expansion,
    ) -> None:  # fmt: skip
        self._facets = facets
        self._request = request
        self._query = query
        self._deadline = deadline
        self._expansion = expansion
        self._notes: list[Note] = []

    @abstractmethod
    def found(self, match: Literal["all", "any"], binding: Group | None = None) -> Found:
        """Find the hits of the pages up to the one that is asked for; ``binding``: see ``Execution.run``."""

    @abstractmethod
    def articles(self, numbers: Sequence[int]) -> Sequence[Article]:
        """Return the articles of some documents."""

    @abstractmethod
    def worth(self) -> dict[Leaf, float]:
        """Return how telling each leaf of the query is."""

    @abstractmethod
    def explain(self, number: int) -> tuple[Reason, ...]:
        """Return the parts of a document's score."""

    @abstractmethod
    def factors(self, number: int) -> tuple[Factor, ...]:
        """Return what a document's score is multiplied by."""

    def partly(self) -> Sequence[Note]:
        """Return why the answer may lack something; nothing where it is complete."""
        return (PARTIAL,) if self._deadline.passed else ()

    def answer(self, begin: float) -> SearchResults:
        """Answer the request, which came at the moment ``begin``."""
        request = self._request
        match, found = self.run()
        shown = slice((request.page - 1) * request.per_page, request.page * request.per_page)
        scores, numbers = found.scores[shown].tolist(), found.documents[shown].tolist()
        articles = self.articles(numbers)
        hits: tuple[Hit, ...]
        page = zip(articles, numbers, scores, strict=True)
        if request.highlight:
            marker = marker_of(self._query, self._expansion, self.worth()) if numbers else _NO_MARKS
            hits = tuple(self._hit(*each, marker) for each in page)
        else:
            hits = tuple(Hit(article, score, (), (), *self._reasons(number)) for article, number, score in page)
        partly = tuple(self.partly())
        return SearchResults(
            text=request.text,
            match=match,
            notes=(*self._notes, *partly),
            total=found.total,
            page=request.page,
            per_page=request.per_page,
            took_ms=(time.perf_counter() - begin) * 1000,
            hits=hits,
            facets=self._counted(found.counts) if found.counts is not None else {},
            partial=bool(partly),
            total_relation="eq" if found.complete else "gte",
            alternatives=self._alternatives() if request.highlight else {},
        )

    def everything(self, found: Found, match: Literal["all", "any"], articles: Iterator[Article]) -> Everything:
        """Return all that ``run`` found, read by ``articles``."""
        return Everything(found.total, match, tuple(self._notes), articles)

    def run(self) -> tuple[Literal["all", "any"], Found]:
        """Find the hits, and where fewer than a page have all words those that have some behind them."""
        request = self._request
        self._notes += self._query.notes
        if request.text.strip() and not self._query.root.clauses:
            self._notes.append(Note("empty", "ليس في الاستعلام كلمة يُبحث عنها، فهذه كل المقالات."))
        if len(request.text) > MAX_QUERY_LENGTH:
            self._notes.append(Note("length", f"أُخذ أول {MAX_QUERY_LENGTH} حرفًا من الاستعلام وتُرك الباقي."))
        if request.match != "auto":
            return request.match, self.found(request.match)
        found = self.found("all")
        # Fewer than a page are all there are, whichever page is asked for.
        binding = widened(self._query.root) if found.total < request.per_page else None
        if binding is None or self._deadline.passed:
            return "all", found
        wider = self.found("any", binding if binding.clauses else None)
        if wider.total <= found.total:
            return "all", found
        self._notes.append(widening_note(found.total))
        others = ~np.isin(wider.documents, found.documents)
        scores = np.concatenate([found.scores, wider.scores[others]])
        documents = np.concatenate([found.documents, wider.documents[others]])
        return "any", wider._replace(total=max(wider.total, len(documents)), scores=scores, documents=documents)

    def sort(self) -> Sort:
        """Return the order: a request without words cannot go by relevance."""
        sort = self._request.sort
        return sort if self._query.root.clauses or sort != "relevance" else "newest"

    def _alternatives(self) -> Mapping[str, str]:
        """Return the words that answer those of the query without being their forms, and how."""
        found: dict[str, str] = {}
        for leaf in self._query.leaves():
            if isinstance(leaf, Word) and leaf.others:
                forms = self._expansion.forms_of(leaf)
                kinds = {other.kind for other in leaf.others}
                found |= {
                    form.decode(): kind for form, kind in zip(forms.words, forms.kinds, strict=True) if kind in kinds
                }
                found |= {word: phrase.kind for phrase in forms.phrases for word in phrase.words}
        return found

    def _hit(self, article: Article, number: int, score: float, marker: Marker) -> Hit:
        if self._deadline.check():
            marker = _NO_MARKS
        title = (marker.whole("title", article.title),) if article.title else ()
        return Hit(article, score, title, marker.fragments("body", article.body), *self._reasons(number))

    def _reasons(self, number: int) -> tuple[tuple[Reason, ...], tuple[Factor, ...]]:
        if not self._request.explain:
            return (), ()
        return self.explain(number), self.factors(number)

    def _counted(self, by_facet: Mapping[str, NDArray[np.int64]]) -> Mapping[str, tuple[FacetValue, ...]]:
        facets: dict[str, tuple[FacetValue, ...]] = {}
        for name in COUNTED:
            table = self._facets[name]
            counts = by_facet[name]
            there = np.flatnonzero(counts)
            if name != "year" and len(there) > 2 * FACET_VALUES:
                # One more than are listed: the value that stands for none is not.
                least = np.partition(counts[there], -FACET_VALUES - 1)[-FACET_VALUES - 1]
                there = there[counts[there] >= least]
            if name == "year":  # by number: the year 800 is no later than 2024
                order = np.argsort([-int(table.values[number] or 0) for number in there.tolist()])
            else:
                order = np.lexsort((table.ranks()[there], -counts[there]))[: FACET_VALUES + 1]
            listed = [
                FacetValue(table.values[number], int(counts[number]))
                for number in there[order].tolist()
                if table.values[number]
            ]
            facets[name] = tuple(listed if name == "year" else listed[:FACET_VALUES])
        return facets


def marker_of(query: Query, expansion: Expansion, weights: Mapping[Leaf, float] | None = None) -> Marker:
    """Return what marks the words that a query matches by."""
    return Marker(query, weights, expansion.matching)
