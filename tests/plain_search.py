"""What a search must find, worked out the plain way: loops over the words of every article, in Python's own floats.

Only the parser, the analysis, the families of words and the constants of the ranking are shared with the engine.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from index.arabic import vocalised, words
from index.arabic.vowels import SEPARATOR, agreement
from index.article import Article, instant, written_day
from index.families import Families, Kin, table_of
from index.schema import SCORED, TEXTS
from index.synonyms import NO_SYNONYMS, Synonyms
from search.alternatives import with_alternatives
from search.parser import parse
from search.query import Alternative, Clause, Either, Group, Leaf, Node, Phrase, Prefix, Word
from search.ranking import MATCHING, RANKING, Ranking
from search.request import Filters, Match, SearchRequest
from search.results import SearchResults

K1 = RANKING.k1
MOST = 255
"""No frequency counts for more."""
LONGEST = 65_535
"""No length counts for more."""


@dataclass(frozen=True)
class Document:
    """An article as some segment holds it, deleted or not."""

    article: Article
    live: bool = True

    @cached_property
    def texts(self) -> Mapping[str, Sequence[str]]:
        return {name: words(getattr(self.article, name)) for name in TEXTS}

    @cached_property
    def vocalised(self) -> Mapping[str, Counter[tuple[str, str]]]:
        """By field how often which word stands there with which harakat."""
        return {
            name: Counter(tuple(word.split(SEPARATOR)) for word in vocalised(getattr(self.article, name)))
            for name in SCORED
        }

    @cached_property
    def counts(self) -> Mapping[str, Counter[str]]:
        return {name: Counter(text) for name, text in self.texts.items()}


@dataclass(frozen=True)
class Reading:
    """What an occurrence of a form counts, and whether an article that holds it matches."""

    weight: float
    matches: bool


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


class PlainSearch:
    """Answers questions over documents. Deleted ones count in the statistics and nowhere else."""

    def __init__(
        self,
        documents: Sequence[Document],
        ranking: Ranking = RANKING,
        synonyms: Synonyms = NO_SYNONYMS,
        factor: Callable[[Article], float] = lambda _: 1.0,
    ) -> None:
        self.documents = documents
        self.synonyms = synonyms
        self.factor = factor
        self.ranking = ranking
        self.size = len(documents)
        self.average = {
            name: max(1.0, sum(len(each.texts[name]) for each in documents) / max(1, self.size)) for name in TEXTS
        }
        self._holding: Counter[tuple[str, str]] = Counter()
        for document in documents:
            self._holding.update((name, word) for name in TEXTS for word in document.counts[name])
        self.vocabulary = frozenset(word for _, word in self._holding)
        self._begun: dict[tuple[str, str], int] = {}
        words: Counter[str] = Counter()
        for (_, word), count in self._holding.items():
            words[word] += count
        self._families = Families([table_of(words)])
        self._kin: dict[str, dict[str, Kin]] = {}

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

    def readings(self, word: Word) -> dict[str, Reading]:
        """Return what a word is answered by, itself first: forms, forms of alternatives, and phrases."""
        found: dict[str, Reading] = {}
        alone = [Alternative((word.text,), "synonym"), *(other for other in word.others if len(other.words) == 1)]
        for number, other in enumerate(alone):
            factor = self.ranking.others[other.kind] if number else 1.0
            for form, kin in self.forms(other.words[0]).items():
                own = self.ranking.weight(kin)
                if number and own < MATCHING:  # looser kin of an alternative are none of the word's
                    continue
                before = found.get(form, Reading(0.0, False))
                found[form] = Reading(max(before.weight, own * factor), before.matches or own >= MATCHING)
        for other in word.others:
            if len(other.words) > 1:
                found[" ".join(other.words)] = Reading(self.ranking.others[other.kind], True)
        return found

    def forms(self, word: str) -> Mapping[str, Kin]:
        """Return a word and its kin, no more than the ranking takes. Which these are other tests say."""
        if word not in self._kin:
            family = self._families.kin(word, self.ranking.family, self.ranking.kinds)
            self._kin[word] = {kin.word: kin for kin in family}
        return self._kin[word]

    def occurrences(self, leaf: Leaf, number: int) -> dict[tuple[str, str], int]:
        """Return by form and field how often a leaf stands in a document, where it does."""
        document = self.documents[number]
        found = {}
        for field in _fields(leaf):
            counts = document.counts[field]
            if isinstance(leaf, Word):
                for form in self.readings(leaf):
                    found[form, field] = self._times(form.split(), document.texts[field])
            elif isinstance(leaf, Prefix):
                found[leaf.text, field] = sum(n for word, n in counts.items() if word.startswith(leaf.text))
            else:
                found[" ".join(leaf.words), field] = self._times(list(leaf.words), document.texts[field])
        return {place: min(count, MOST) for place, count in found.items() if count}

    @staticmethod
    def _times(wanted: Sequence[str], text: Sequence[str]) -> int:
        places = [at for at, word in enumerate(text) if word == wanted[0]]
        return sum(list(text[at : at + len(wanted)]) == wanted for at in places)

    def weight(self, leaf: Leaf, form: str) -> float:
        """Return what an occurrence of a form counts."""
        return self.readings(leaf)[form].weight if isinstance(leaf, Word) else 1.0

    def first_pass(self, scoring: Sequence[Leaf], number: int) -> float:
        """Return what all leaves add to a document's score, by themselves and by being there."""
        present = sum(1 for leaf in scoring if self.occurrences(leaf, number))
        return sum(self.score(leaf, number) for leaf in scoring) + self.coverage(len(scoring), present)

    def coverage(self, leaves: int, present: int) -> float:
        return self.ranking.coverage * present / leaves if leaves > 1 else 0.0

    def closer(self, scoring: Sequence[Leaf], number: int) -> tuple[float, float]:
        """Return what a second look adds to a document's score: for early words, and for words near one another."""
        near = dict.fromkeys(scoring, 0.0)
        early = 0.0
        places: dict[tuple[str, int], tuple[float, int]] = {}
        for order, leaf in enumerate(scoring):
            for field in set(_fields(leaf)) & set(SCORED) if isinstance(leaf, Word) else ():
                met = self._places(leaf, field, number)
                if field == "body" and met:
                    half = self.ranking.early_words
                    early += self.worth(leaf) * half / (half + min(met))
                for at, weight in met.items():
                    places[field, at] = max(places.get((field, at), (0.0, 0)), (weight, -order))
        for (field, at), (other_field, other_at) in pairwise(sorted(places)):
            here, there = scoring[-places[field, at][1]], scoring[-places[other_field, other_at][1]]
            if field == other_field and here != there:
                both = places[field, at][0] * places[other_field, other_at][0] / (other_at - at) ** 2
                near[here] += self.worth(there) * both
                near[there] += self.worth(here) * both
        together = sum(min(1.0, self.worth(leaf)) * _saturated(amount) for leaf, amount in near.items() if amount)
        return self.ranking.early * early, self.ranking.proximity * together

    def _places(self, leaf: Word, field: str, number: int) -> dict[int, float]:
        """Return where forms of a word stand in a field, and their weights: of each form its first places."""
        times: Counter[str] = Counter()
        found = {}
        for at, word in enumerate(self.documents[number].texts[field]):
            times[word] += 1
            if word in self.readings(leaf) and times[word] <= MOST:
                weight = self.weight(leaf, word)
                if weight >= self.ranking.located:
                    found[at] = weight
        return found

    def worth(self, leaf: Word) -> float:
        """Return the inverse document frequency of a word in all its forms, as its length has it."""
        # Forms are taken to be independent of one another.
        matching = [form for form, reading in self.readings(leaf).items() if reading.matches]
        none = math.prod(1 - self._frequency(form, leaf) / self.size for form in matching)
        return self._rarity(self.size * (1 - none)) * self._length(leaf.text)

    def _length(self, word: str) -> float:
        return (min(max(len(word), 2), 10) / 5) ** self.ranking.length

    def parts(self, leaf: Leaf, number: int, form: str, field: str) -> dict[int, int]:
        """Return how often a form agrees with the leaf's harakat (1), disagrees (-1) and says nothing (0)."""
        count = self.documents[number].counts[field][form]
        parts = Counter[int]()
        for (word, marks), times in self.documents[number].vocalised.get(field, {}).items():
            related = isinstance(leaf, Word) and self.forms(leaf.text)[form].kind in {"exact", "spelling", "lemma"}
            if word == form and isinstance(leaf, Word) and related:
                parts[agreement(leaf.text, leaf.vowels, form, marks)] += times
        parts[0] = count - parts[1] - parts[-1]
        return {verdict: min(times, MOST) for verdict, times in parts.items() if times}

    def times(self, leaf: Leaf, number: int, form: str, field: str, count: int) -> float:
        """Return what a form's frequency in a field counts, of which there are ``count`` at most."""
        if not isinstance(leaf, Word) or not leaf.vowels or form not in self.forms(leaf.text):
            return count
        factors = {1: 1 + self.ranking.vocalised_agree, 0: 1.0, -1: 1 - self.ranking.vocalised_disagree}
        return sum(factors[verdict] * n for verdict, n in self.parts(leaf, number, form, field).items())

    def score(self, leaf: Leaf, number: int) -> float:
        """Return what a leaf adds to a document's score."""
        amounts = {
            (form, field): self.times(leaf, number, form, field, count)
            * self.weight(leaf, form)
            * self._norm(field, number)
            for (form, field), count in self.occurrences(leaf, number).items()
        }
        whole = sum(amounts.values())
        if isinstance(leaf, Phrase) and len(leaf.words) > 1:
            worths = [self._rarity(self._frequency(word, leaf)) * self._length(word) for word in set(leaf.words)]
            return self.ranking.phrase * sum(worths) * _saturated(whole)
        if isinstance(leaf, Word):
            own = sum(amount for (form, _), amount in amounts.items() if form == leaf.text)
            exact = self.ranking.exact * self._rarity(self._frequency(leaf.text, leaf)) * self._length(leaf.text)
            return self.worth(leaf) * _saturated(whole) + exact * _saturated(own)
        word, factor = (leaf.words[0], self._length(leaf.words[0])) if isinstance(leaf, Phrase) else (leaf.text, 1.0)
        return (1 + self.ranking.exact) * self._rarity(self._frequency(word, leaf)) * factor * _saturated(whole)

    def _frequency(self, word: str, leaf: Leaf) -> int:
        """Return in how many documents a word, a phrase, or any that begins so stands: in the field where most do."""
        return max(
            self._beginning(field, word)
            if isinstance(leaf, Prefix)
            else sum(self._times(word.split(), document.texts[field]) > 0 for document in self.documents)
            if " " in word
            else self._holding[field, word]
            for field in _fields(leaf)
        )

    def _beginning(self, field: str, letters: str) -> int:
        if (field, letters) not in self._begun:
            found = [
                document for document in self.documents if any(w.startswith(letters) for w in document.counts[field])
            ]
            self._begun[field, letters] = len(found)
        return self._begun[field, letters]

    def _rarity(self, documents: float) -> float:
        return math.log(1 + (self.size - documents + 0.5) / (documents + 0.5))

    def _norm(self, field: str, number: int) -> float:
        b = {"title": 0.5, "body": 0.6}.get(field, 0.0)
        length = min(len(self.documents[number].texts[field]), LONGEST)
        return {"title": 1.5}.get(field, 1.0) / (1 - b + b * length / self.average[field])


def _same(score: float, other: float) -> bool:
    """Tell whether scores may be the same in 32 bits."""
    return math.isclose(score, other, rel_tol=1e-5, abs_tol=1e-6)


def _fields(leaf: Leaf) -> Sequence[str]:
    return (leaf.field,) if leaf.field else SCORED


def _saturated(amount: float) -> float:
    return (K1 + 1) * amount / (amount + K1)


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
