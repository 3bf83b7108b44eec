"""What an article scores for a word, a phrase or a beginning, worked out the plain way; see ``plain_search``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from index.arabic import vocalised, words
from index.arabic.vowels import SEPARATOR, agreement
from index.article import Article
from index.families import Families, Kin, table_of
from index.schema import SCORED, TEXTS
from index.synonyms import NO_SYNONYMS, Synonyms
from search.query import Alternative, Leaf, Phrase, Prefix, Word
from search.ranking import MATCHING, RANKING, Ranking

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


class PlainScores:
    """Scores documents. Deleted ones count in the statistics and nowhere else."""

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


def _fields(leaf: Leaf) -> Sequence[str]:
    return (leaf.field,) if leaf.field else SCORED


def _saturated(amount: float) -> float:
    return (K1 + 1) * amount / (amount + K1)
