"""A query word's forms: its family in the index's tables and what else answers it, weighted for the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress, zip_longest

import numpy as np
from numpy.typing import NDArray

from index.arabic import stem
from index.families import Families, Kin
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

    ``kinds``: how each is related to the query word. ``data``: the words one after the other; ``sizes``: bytes of each.
    ``weights``: what an occurrence counts. ``matches``: 1 where an article that holds the word matches. ``phrases``:
    what stands for it beside words; whatever holds one matches.
    """

    words: Sequence[bytes]
    kinds: Sequence[str]
    data: bytes
    sizes: NDArray[np.uint32]
    weights: NDArray[np.float32]
    matches: NDArray[np.uint8]
    all_match: bool
    phrases: Sequence[Phrased] = ()

    def __len__(self) -> int:
        return len(self.words)

    def told(self, number: int) -> tuple[str, str]:
        """Return a form as it is read, one of the words or after them of the phrases, and its kind."""
        past = number - len(self.words)
        if past < 0:
            return self.words[number].decode(), self.kinds[number]
        return " ".join(self.phrases[past].words), self.phrases[past].kind

    @classmethod
    def packed(
        cls, words: Sequence[bytes], kinds: Sequence[str], weights: Sequence[float], matching: Sequence[int] = ()
    ) -> Forms:
        """Pack words. Those of the weight MATCHING and more match, or those that ``matching`` says."""
        weighed = np.array(weights, np.float32)
        sizes = np.fromiter(map(len, words), np.uint32, len(words))
        matches = np.array(matching, np.uint8) if matching else (weighed >= MATCHING).astype(np.uint8)
        return cls(words, kinds, b"".join(words), sizes, weighed, matches, bool(matches.all()))


class Expansion:
    """The forms of words in one state of an index; may be shared by threads."""

    def __init__(self, families: Families, ranking: Ranking) -> None:
        self._families = families
        self._ranking = ranking
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
        return replace(Forms.packed(list(joined), kinds, weights, matching), phrases=tuple(phrases))

    def _expand(self, word: str) -> Forms:
        ranking = self._ranking
        family = [Kin(word, "exact", 1.0, 0)]
        if ranking.family:
            family = self._families.kin(word, ranking.family, ranking.kinds)
        words = [kin.word.encode("utf-8", "replace") for kin in family]
        return Forms.packed(words, [kin.kind for kin in family], [ranking.weight(kin) for kin in family])

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
