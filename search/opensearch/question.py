"""One request on its way through a cluster: candidates, our order of them, and past them the cluster's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.codec.layout import COUNTED
from index.opensearch.connection import ClusterUnavailableError
from index.opensearch.documents import article_of
from search.deadline import Deadline
from search.execution import Execution, Found, leaves_of, scoring_leaves
from search.opensearch.candidates import Candidate, candidate_of
from search.opensearch.requests import Answer, Requests
from search.opensearch.translation import EVERYTHING, Json, Translation, filtering, in_field, ordering
from search.opensearch.view import CandidateView, Known
from search.preferences import Preference
from search.query import Group, Leaf, Phrase, Prefix, Query, Word
from search.question import FACET_VALUES, Question
from search.request import MAX_DEPTH, NO_FILTERS, SearchRequest
from search.results import Everything, Factor, Note, Reason
from search.selection import Selection
from search.view import FacetTable
from search.workspace import Workspace

CANDIDATES = 300
"""How many of the cluster's best are put in our order. Our second pass looks at 100, which should be among them;
`python -m benchmarks.clusterranking` shows what fewer would lose."""

_AT_ONCE = 100
"""Articles that an export reads together."""

_MISSING = Note("missing", "بعض أجزاء الفهرس لا يجيب الآن، فهذه نتائج جزئية.")


@dataclass(frozen=True, slots=True)
class Taste:
    """What the operator prefers; see ``search.preferences``. ``today``: the day's number."""

    weights: Mapping[str, float]
    half_life: float
    amplitude: float
    today: int

    def of(self, view: CandidateView, sources: FacetTable) -> Preference | None:
        """Return what is preferred among candidates."""
        if not self.weights and not self.half_life:
            return None
        return Preference(
            view, sources.values.copy(), self.weights, self.half_life, self.amplitude, self.today
        )  # fmt: skip


class _Scored:
    """Some candidates with what runs the query over them. ``place``: where each document stands in the view."""

    def __init__(
        self, candidates: Sequence[Candidate], known: Known, query: Query, facets: Mapping[str, FacetTable],
        workspace: Workspace, taste: Taste, window: int,
    ) -> None:  # fmt: skip
        ranking = known.ranking if window else replace(known.ranking, window=0)
        self.view = CandidateView(candidates, known, leaves_of(query.root), facets, ranking)
        self.preference = taste.of(self.view, facets["source"])
        # What candidates there are is small: no budget is looked at here.
        self.execution = Execution(self.view, query, workspace, Deadline(0), self.preference)
        self.place = {candidate.id: number for number, candidate in enumerate(self.view.candidates)}

    def run(self, match: Literal["all", "any"], binding: Group | None) -> list[tuple[float, Candidate]]:
        """Return the candidates in our order, with their scores."""
        found = self.execution.run(
            match, Selection(NO_FILTERS), "relevance", self.view.size, counting=False, binding=binding
        )
        ordered = zip(found.scores.tolist(), found.documents.tolist(), strict=True)
        return [(score, self.view.candidates[number]) for score, number in ordered]


class ClusterQuestion(Question):
    """One request to one generation of a cluster.

    Documents are numbered in the order in which they are met. ``window``: how many candidates are put in our order.
    """

    def __init__(
        self, requests: Requests, known: Known, request: SearchRequest, query: Query, workspace: Workspace,
        deadline: Deadline, taste: Taste, window: int = CANDIDATES,
    ) -> None:  # fmt: skip
        super().__init__({name: FacetTable() for name in COUNTED}, request, query, deadline, known.expansion)
        self._requests = requests
        self._known = known
        self._workspace = workspace
        self._taste = taste
        self._window = window
        self._translation = Translation(known.expansion, known.statistics, known.ranking)
        self._leaves = leaves_of(query.root)
        self._scoring = scoring_leaves(query.root)
        self._by_score = self.sort() == "relevance" and bool(self._scoring)
        # Later pages are asked of the same copies, which may differ in the last digits of scores. The first is asked of
        # whichever answer soonest, so that nearly nobody waits for a node that hangs.
        self._copies = ""
        if request.page > 1:
            self._copies = blake2b(request.text.encode("utf-8", "replace"), digest_size=8).hexdigest()
        self._documents: list[Candidate] = []
        self._numbers: dict[str, int] = {}
        self._scored: list[_Scored] = []
        self._whole = False
        self._asked = False
        self._shards_failed = False
        self._last: tuple[Json, Sequence[Any] | None] = {}, None
        self._count_leaves()

    def _count_leaves(self) -> None:
        """Have counted what only the cluster can count: in how many articles prefixes and some phrases stand."""
        leaves: list[Phrase | Prefix] = [leaf for leaf in self._leaves if isinstance(leaf, Prefix)]
        for leaf in self._leaves:
            if isinstance(leaf, Word) and leaf.others:
                leaves += [Phrase(each.words, leaf.field) for each in self._expansion.forms_of(leaf).phrases]
        unknown = self._known.statistics.unknown(leaves)
        if unknown:
            counts = self._requests.count([in_field(leaf, field) for leaf, field in unknown])
            if counts:
                self._known.statistics.learn(dict(zip(unknown, counts, strict=True)))

    def partly(self) -> Sequence[Note]:
        """Return why the answer may lack something: time, or a part of the index that no node has."""
        return (*super().partly(), *((_MISSING,) if self._shards_failed else ()))

    def found(self, match: Literal["all", "any"], binding: Group | None = None) -> Found:
        """Find the hits of the page that is asked for; those of pages before it may be left out, as numbers of -1."""
        request = self._request
        again, self._asked = self._asked, True
        end = min(request.page * request.per_page, MAX_DEPTH)
        begin = min((request.page - 1) * request.per_page, MAX_DEPTH)
        if self._whole:
            begin, end = 0, self._window
        if self._deadline.check():
            return self._nothing()
        query = self._query_of(match, binding)
        if again or begin < self._window:
            return self._from_the_top(query, match, binding, end)
        answer = self._ask(query, begin, end - begin, words=self._by_score or request.explain, counting=True)
        if answer.total < request.per_page and request.match == "auto":
            return self._from_the_top(query, match, binding, end)  # all of it will be asked for
        # Past the window the order is the cluster's; what is scored there is scored by us, without a second look.
        candidates = [candidate_of(hit) for hit in answer.hits]
        return self._joined(answer, begin, self._scores(candidates, match, binding), candidates)

    def _from_the_top(
        self, query: Json, match: Literal["all", "any"], binding: Group | None, end: int
    ) -> Found:  # fmt: skip
        words = self._by_score or self._request.explain
        size = self._window if self._by_score else max(end, 1)
        first = self._ask(query, 0, min(size, MAX_DEPTH), words=words, counting=not self._whole)
        self._last = query, first.hits[-1]["sort"] if len(first.hits) == size else None
        candidates = [candidate_of(hit) for hit in first.hits]
        scores: dict[str, float] = {}
        if words:
            known = {candidate.id for candidate in candidates}
            before = [each for each in self._documents if each.words and each.id not in known]
            scored = self._score([*before, *candidates], self._known.ranking.window)
            if self._by_score:
                best = [(score, each) for score, each in scored.run(match, binding) if each.id in known]
                candidates = [candidate for _, candidate in best]
                scores = {candidate.id: score for score, candidate in best}
        if end > len(candidates) and first.total > len(first.hits) == size and not self._whole:
            rest = self._ask(query, size, end - size, words=False, counting=False)
            candidates += [candidate_of(hit) for hit in rest.hits]
        return self._joined(first, 0, scores, candidates)

    def _scores(
        self, candidates: Sequence[Candidate], match: Literal["all", "any"], binding: Group | None
    ) -> dict[str, float]:
        if not candidates or not candidates[0].words:
            return {}
        scored = self._score(candidates, 0)
        return {each.id: score for score, each in scored.run(match, binding)} if self._by_score else {}

    def _score(self, candidates: Sequence[Candidate], window: int) -> _Scored:
        scored = _Scored(
            candidates, self._known, self._query, self._facets, self._workspace, self._taste, window
        )  # fmt: skip
        self._scored.append(scored)
        return scored

    def _ask(self, query: Json, begin: int, size: int, *, words: bool, counting: bool) -> Answer:
        facets = FACET_VALUES if counting and self._request.facets else 0
        answer = self._requests.search(
            query, ordering("relevance" if self._by_score else self._time()), begin, size, by_score=self._by_score,
            words=words, facets=facets, seconds=self._deadline.left(), copies=self._copies,
        )  # fmt: skip
        self._deadline.passed |= answer.timed_out
        self._shards_failed |= answer.shards_failed
        return answer

    def _time(self) -> Literal["newest", "oldest"]:
        return "oldest" if self.sort() == "oldest" else "newest"

    def _query_of(self, match: Literal["all", "any"], binding: Group | None) -> Json:
        root = self._query.root
        matching = self._translation.matching(binding, "all") if binding else self._translation.matching(root, match)
        asked = [] if matching == EVERYTHING else [matching]
        asked += filtering(self._request.filters)
        all_there = match == "all" and not binding and all(isinstance(each.node, Leaf) for each in root.wanted())
        scoring = self._translation.scoring(self._scoring, all_there=all_there) if self._by_score else []
        return (
            {"bool": {"filter": asked, "should": scoring, "minimum_should_match": 0}}
            if asked or scoring
            else EVERYTHING
        )

    def _joined(
        self, answer: Answer, begin: int, scores: Mapping[str, float], candidates: Sequence[Candidate]
    ) -> Found:  # fmt: skip
        numbers = [-1] * begin + [self._number(candidate) for candidate in candidates]
        values = [0.0] * begin + [
            scores.get(candidate.id, candidate.score) if self._by_score else 0.0 for candidate in candidates
        ]
        counts = self._counts(answer) if answer.buckets or (self._request.facets and not self._whole) else None
        complete = not answer.timed_out and not answer.shards_failed
        return Found(answer.total, np.array(values, np.float32), np.array(numbers, np.int64), counts, complete)

    def _number(self, candidate: Candidate) -> int:
        number = self._numbers.setdefault(candidate.id, len(self._documents))
        if number == len(self._documents):
            self._documents.append(candidate)
        return number

    def _counts(self, answer: Answer) -> Mapping[str, NDArray[np.int64]]:
        counts = {}
        for name in COUNTED:
            buckets = answer.buckets.get(name, [])
            places = self._facets[name].numbers([value.encode() for value, _ in buckets])
            counts[name] = np.zeros(len(self._facets[name].values), np.int64)
            counts[name][places] = [count for _, count in buckets]
        return counts

    def _nothing(self) -> Found:
        counts = self._counts(Answer(0, (), {}, True, False)) if self._request.facets else None
        return Found(0, np.zeros(0, np.float32), np.zeros(0, np.int64), counts, False)

    def articles(self, numbers: Sequence[int]) -> Sequence[Article]:
        """Return the articles of some documents; raises MovedError where one is gone."""
        return self._requests.read([self._documents[number].id for number in numbers])

    def worth(self) -> dict[Leaf, float]:
        """Return how telling each leaf of the query is."""
        return (self._scored[0] if self._scored else self._score((), 0)).execution.worth()

    def explain(self, number: int) -> tuple[Reason, ...]:
        """Return the parts of a document's score."""
        scored = self._of(number)
        return scored.execution.explain(scored.place[self._documents[number].id]) if scored else ()

    def factors(self, number: int) -> tuple[Factor, ...]:
        """Return what a document's score is multiplied by."""
        scored = self._of(number)
        if scored is None or scored.preference is None:
            return ()
        return scored.preference.explain(scored.place[self._documents[number].id])

    def _of(self, number: int) -> _Scored | None:
        """Return where a document was scored: where it was met first, as its score is."""
        name = self._documents[number].id
        return next((scored for scored in self._scored if name in scored.place), None)

    def all_of(self) -> Everything:
        """Find all that match, and read it from one state of the index, as long as that takes."""
        self._whole = True
        self._requests.hold()
        try:
            match, found = self.run()
        except BaseException:
            self._requests.release()
            raise
        return self.everything(found, match, self._stream([self._documents[number].id for number in found.documents]))

    def _part(self, query: Json, after: Sequence[Any] | None) -> Answer:
        """Return the next articles of an export. It is better broken off than without some of them."""
        answer = self._requests.search(
            query, ordering("relevance" if self._by_score else self._time()), 0, _AT_ONCE, by_score=self._by_score,
            words=False, facets=0, seconds=0.0, copies=self._copies, after=after, articles=True,
        )  # fmt: skip
        if answer.shards_failed:
            raise ClusterUnavailableError("a part of the index does not answer")
        return answer

    def _stream(self, first: Sequence[str]) -> Iterator[Article]:
        """Yield the articles of some documents, and of all that follow the last one that was found."""
        try:
            for begin in range(0, len(first), _AT_ONCE):
                some = first[begin : begin + _AT_ONCE]
                hits = self._part({"ids": {"values": list(some)}}, None).hits
                articles = {hit["_id"]: article_of(hit["_source"]["article"]) for hit in hits}
                yield from map(articles.__getitem__, some)
            query, after = self._last
            known = frozenset(first)
            while after is not None:
                hits = self._part(query, after).hits
                yield from (article_of(hit["_source"]["article"]) for hit in hits if hit["_id"] not in known)
                after = hits[-1]["sort"] if len(hits) == _AT_ONCE else None
        finally:
            self._requests.release()
