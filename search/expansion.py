"""A query word's forms: its family in the index's tables and what else answers it, weighted for the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress, zip_longest

import numpy as np
from numpy.typing import NDArray

from index.arabic import stem
from index.codec.layout import Strings
from index.codec.lookup import pack
from index.families import KINDS, Families, Family, by_kind
from search.query import Word
from search.ranking import MATCHING, Ranking

_CACHED = 1_000
"""Words whose forms are remembered; then all are forgotten."""


@dataclass(frozen=True, slots=True)
class Phrased:
    """Words that in this order stand for a query word, how they are related to it, and what an occurrence counts."""

    words: tuple[str, ...]
    kind: str
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """Vocabulary words that stand for a query word, itself first, as kernels take them.

    ``data``, ``ends``: form ``i`` is ``data[ends[i]:ends[i+1]]``, in UTF-8. ``places``: in the published vocabulary, -1
    where it has none or that is not known. ``names[numbers[i]]``: how it is related to
    the query word. ``weights``: what an occurrence counts. ``matches``: 1 where an article that holds the form matches.
    ``phrases``: what stands for the word beside words; whatever holds one matches.
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.uint32]
    places: NDArray[np.int64]
    names: Sequence[str]
    numbers: NDArray[np.uint8]
    weights: NDArray[np.float32]
    matches: NDArray[np.uint8]
    phrases: Sequence[Phrased] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def words(self) -> list[bytes]:
        """The forms, made anew each time: kernels need none of them."""
        return Strings(self.data, self.ends).to_list()

    @property
    def kinds(self) -> list[str]:
        """How each form is related to the query word."""
        return [self.names[number] for number in self.numbers.tolist()]

    def told(self, number: int) -> tuple[str, str]:
        """Return a form as it is read, one of the words or after them of the phrases, and its kind."""
        past = number - len(self)
        if past < 0:
            form = self.data[int(self.ends[number]) : int(self.ends[number + 1])]
            return form.tobytes().decode(), self.names[self.numbers[number]]
        return " ".join(self.phrases[past].words), self.phrases[past].kind

    @classmethod
    def packed(
        cls, words: Sequence[bytes], kinds: Sequence[str], weights: Sequence[float], matching: Sequence[int] = ()
    ) -> Forms:
        """Pack words. Those of the weight MATCHING and more match, or those that ``matching`` says."""
        names = tuple(dict.fromkeys(kinds))
        numbers = np.array([names.index(kind) for kind in kinds], np.uint8)
        packed = pack(words)
        places = np.full(len(words), -1, np.int64)
        weighed = np.array(weights, np.float32)
        matches = np.array(matching, np.uint8) if matching else _matching(weighed)
        return cls(packed.bytes_, packed.ends, places, names, numbers, weighed, matches)

    @classmethod
    def of(cls, family: Family) -> Forms:
        """Return a family as forms, each of the weight of its closeness."""
        weights = family.closeness
        return cls(family.data, family.ends, family.places, KINDS, family.kinds, weights, _matching(weights))


def _matching(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (weights >= MATCHING).view(np.uint8)


class Expansion:
    """The forms of words in one state of an index; may be shared by threads."""

    def __init__(self, families: Families, ranking: Ranking) -> None:
        self._families = families
        self._ranking = ranking
        self._closeness = by_kind(ranking.kinds)
        self._known: dict[str, Forms] = {}
        self._known_words: dict[Word, Forms] = {}

    def forms(self, word: str) -> Forms:
        """Return the forms of a folded word."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _CACHED:
                self._known.clear()
            found = self._known[word] = self._expand(word)
        return found

    def forms_of(self, word: Word) -> Forms:
        """Return the forms of a query's word and, after its own, those of what else answers it."""
        if not word.others:
            return self.forms(word.text)
        found = self._known_words.get(word)
        if found is None:
            if len(self._known_words) >= _CACHED:
                self._known_words.clear()
            found = self._known_words[word] = self._joined(word)
        return found

    def attested(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of some folded words that the index holds."""
        return self._families.attested(words)

    def _joined(self, word: Word) -> Forms:
        """Join a word's forms with those that match of its alternatives, as many as a family may have, in turns."""
        own = self.forms(word.text)
        told = zip(own.words, own.kinds, own.weights.tolist(), own.matches.tolist(), strict=True)
        joined = {form: (kind, weight, matches) for form, kind, weight, matches in told}
        others: list[list[tuple[bytes, str, float]]] = []
        phrases = []
        for other in word.others:
            factor = self._ranking.others[other.kind]
            if len(other.words) > 1:
                phrases.append(Phrased(other.words, other.kind, factor))
            else:
                forms = self.forms(other.words[0])
                told_of = compress(zip(forms.words, forms.weights.tolist(), strict=True), forms.matches.tolist())
                others.append([(form, other.kind, weight * factor) for form, weight in told_of])
        most = len(joined) + max(len(others), self._ranking.family)
        for each in filter(None, chain.from_iterable(zip_longest(*others))):
            form, kind, weight = each
            if form in joined or len(joined) < most:
                known = joined.get(form, (kind, 0.0, 1))
                joined[form] = (kind, weight, 1) if weight > known[1] else (known[0], known[1], 1)
        kinds, weights, matching = zip(*joined.values(), strict=True)
        forms = Forms.packed(list(joined), kinds, weights, matching)
        places = self._families.places(Strings(forms.data, forms.ends))
        return replace(forms, places=places, phrases=tuple(phrases))

    def _expand(self, word: str) -> Forms:
        if not self._ranking.family:
            return Forms.packed([word.encode("utf-8", "replace")], ["exact"], [self._ranking.kinds["exact"]])
        return Forms.of(self._families.family(word, self._ranking.family, self._closeness))

    def matching(self, word: Word) -> frozenset[str]:
        """Return the folded words by which an article matches a query's word: what is matched is what is marked.

        Phrases that stand for the word are not among them.
        """
        forms = self.forms_of(word)
        chosen = zip(forms.words[1:], forms.matches[1:].tolist(), strict=True)
        return frozenset((word.text, *(form.decode() for form, matches in chosen if matches)))


def recognizer(word: Word) -> Callable[[str], bool]:
    """Return a test for folded words where there is no index to ask: those of one stem with ``word`` pass."""
    texts = frozenset((word.text, *(other.words[0] for other in word.others if len(other.words) == 1)))
    stems = frozenset(map(stem, texts))
    return lambda other: other in texts or stem(other) in stems
