"""What a search must find, worked out the plain way: loops over the words of every article, in Python's own floats.

Only the parser, the analysis, the families of words and the constants of the ranking are shared with the engine.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from plain_scores import PlainScores

from index.article import Article, instant, written_day
from search.alternatives import with_alternatives
from search.parser import parse
from search.query import Clause, Either, Group, Leaf, Node, Prefix, Word
from search.request import Filters, Match, SearchRequest
from search.results import SearchResults


@dataclass(frozen=True)
class Answer:
    """All hits in order as (score, document's number), and the counts of facet values.

    The hits whose numbers are ``first`` stand before all others. ``doubtful``: the scores without and with the second
    pass of those that it hardly included or hardly left out.
    """

    match: Literal["all", "any"]
    first: Collection[int]
    hits: Sequence[tuple[float, int]]
    facets: Mapping[str, Sequence[tuple[str, int]]]
    doubtful: Mapping[int, tuple[float, float]]


def leaves_that_score(node: Node) -> Iterator[Leaf]:
    """Yield the leaves of a node that are not excluded, each as often as it stands there."""
    if isinstance(node, Group):
        clauses: Sequence[Clause] = node.wanted()
    elif isinstance(node, Either):
        clauses = [option for option in node.options if not option.excluded]
    else:
        yield node
        return
    for clause in clauses:
        yield from leaves_that_score(clause.node)


class PlainSearch(PlainScores):
    """Answers questions over documents."""

    def answer(self, request: SearchRequest) -> Answer:
        query = with_alternatives(parse(request.text), self.synonyms, self.vocabulary.intersection)
        match: Literal["all", "any"] = "any" if request.match == "any" else "all"
        found = first = self._matching(query.root, match, request.filters)
        if request.match == "auto" and len(first) < request.per_page:
            widened = self._widened(query.root, request.filters)
            match, found = ("any", widened) if len(widened) > len(first) else (match, found)
        scoring = list(dict.fromkeys(leaves_that_score(query.root)))
        by_score = request.sort == "relevance" and query.root.clauses
        oldest = request.sort == "oldest"

        def scored(numbers: Sequence[int]) -> tuple[list[tuple[float, int]], dict[int, tuple[float, float]]]:
            hits = [(self._whole(scoring, n) if by_score else 0.0, n) for n in numbers]
            hits.sort(key=lambda hit: (-hit[0], self._time(hit[1], oldest), hit[1]))
            doubtful: dict[int, tuple[float, float]] = {}
            if by_score and hits and self.ranking.looks_twice:
                window = hits[: self.ranking.window]
                edge = window[-1][0]
                if len(window) < len(hits):
                    near = [(score, n) for score, n in hits if _same(score, edge)]
                    doubtful = {n: (score, score + self._nearer(scoring, n)) for score, n in near}
                hits[: len(window)] = [(score + self._nearer(scoring, n), n) for score, n in window]
                hits.sort(key=lambda hit: (-hit[0], self._time(hit[1], oldest), hit[1]))
            return hits, doubtful

        before = set(first)
        hits, doubtful = scored(first)
        if len(found) > len(first):  # all the hits of the first run stand before those that the second adds
            wider, more = scored(found)
            hits += [hit for hit in wider if hit[1] not in before]
            doubtful = {n: due for n, due in more.items() if n not in before} | doubtful
        return Answer(match, before, hits, self._facets(found), doubtful)

    def _whole(self, scoring: Sequence[Leaf], number: int) -> float:
        return self.factor(self.documents[number].article) * self.first_pass(scoring, number)

    def _nearer(self, scoring: Sequence[Leaf], number: int) -> float:
        return self.factor(self.documents[number].article) * sum(self.closer(scoring, number))

    def _widened(self, root: Group, filters: Filters) -> list[int]:
        """Return what matches where plain words need not: all that is no plain word, or any where nothing else is."""
        plain = [
            clause.node
            for clause in root.wanted()
            if isinstance(clause.node, Word | Prefix) and clause.node.field == ""
        ]
        others = [clause for clause in root.clauses if clause.excluded or clause.node not in plain]
        asked = [clause for clause in others if not clause.excluded and clause in root.wanted()]
        if not asked:
            return self._matching(root, "any", filters)
        kept = Group(tuple(clause for clause in others if clause.excluded or clause in asked), strict=True)
        return self._matching(kept, "all", filters)

    def _time(self, number: int, oldest: bool) -> tuple[bool, float]:
        published = self.documents[number].article.published
        seconds = instant(published).timestamp() if published else 0.0
        return not published, seconds if oldest else -seconds

    def _facets(self, found: Sequence[int]) -> Mapping[str, Sequence[tuple[str, int]]]:
        facets: dict[str, Sequence[tuple[str, int]]] = {}
        articles = [self.documents[number].article for number in found]
        for name in ("source", "category", "author"):
            counts = Counter(getattr(article, name) for article in articles if getattr(article, name))
            facets[name] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:100]
        years = Counter(written_day(article.published).year for article in articles if article.published)
        facets["year"] = [(str(year), years[year]) for year in sorted(years, reverse=True)]
        return facets

    def _matching(self, root: Group, match: Literal["all", "any"], filters: Filters) -> list[int]:
        return [
            number
            for number, document in enumerate(self.documents)
            if document.live and _passes(document.article, filters) and self._matches(root, number, match)
        ]

    def _matches(self, node: Node, number: int, match: Match) -> bool:
        if isinstance(node, Group):
            if any(self._matches(clause.node, number, match) for clause in node.excluded()):
                return False
            wanted = node.wanted()
            combine = all if node.strict or match == "all" else any
            return not wanted or combine(self._matches(clause.node, number, match) for clause in wanted)
        if isinstance(node, Either):
            return any(self._matches(each.node, number, match) != each.excluded for each in node.options)
        matching = self.readings(node) if isinstance(node, Word) else {}
        return any(not isinstance(node, Word) or matching[form].matches for form, _ in self.occurrences(node, number))


def _same(score: float, other: float) -> bool:
    """Tell whether scores may be the same in 32 bits."""
    return math.isclose(score, other, rel_tol=1e-5, abs_tol=1e-6)


def _passes(article: Article, filters: Filters) -> bool:
    for name in ("source", "category", "author"):
        wanted = getattr(filters, name)
        if wanted and getattr(article, name) not in wanted:
            return False
    first, last = filters.published_from, filters.published_to
    if not first and not last:
        return True
    if not article.published:
        return False
    day = written_day(article.published)
    return (first or day) <= day <= (last or day)


def assert_same(plain: PlainSearch, results: SearchResults, request: SearchRequest) -> None:
    """Compare a first page that holds every hit with the plain answer.

    Scores are of 32 bits there and of 64 here: hits whose scores differ by less than that may change places.
    """
    expected = plain.answer(request)
    assert results.total_relation == "eq"
    assert (results.total, results.match) == (len(expected.hits), expected.match)
    assert len(results.hits) == results.total
    numbers = {document.article.id: n for n, document in enumerate(plain.documents) if document.live}
    found = [(hit.score, numbers[hit.article.id]) for hit in results.hits]
    assert sorted(number for _, number in found) == sorted(number for _, number in expected.hits)
    scores = {number: score for score, number in expected.hits}
    for score, number in found:
        if number in expected.doubtful:
            scores[number] = next(due for due in expected.doubtful[number] if _same(score, due))
    for score, number in found:
        assert _same(score, scores[number])
    oldest = request.sort == "oldest"
    for (score, number), (lower, next_number) in pairwise(found):
        if (number in expected.first) != (next_number in expected.first):
            assert number in expected.first
            continue
        assert score >= lower
        if score == lower:
            assert (plain._time(number, oldest), number) < (plain._time(next_number, oldest), next_number)
    if request.facets:
        listed = {name: [(each.value, each.count) for each in values] for name, values in results.facets.items()}
        assert listed == {name: list(values) for name, values in expected.facets.items()}
