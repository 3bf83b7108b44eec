"""A query word's forms: its family in the index's tables and what else answers it, weighted for the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

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
        """Join a word's forms with those of its alternatives, as many again as a family may have, in turns."""
        own = self.forms(word.text)
        joined = {form: (kind, weight, matches) for form, kind, weight, matches in _listed(own)}
        others: list[list[tuple[bytes, str, float, int]]] = []
        phrases = []
        for other in word.others:
            factor = self._ranking.others[other.kind]
            if len(other.words) > 1:
                phrases.append(Phrased(other.words, other.kind, factor))
            else:
                forms = _listed(self.forms(other.words[0]))
                others.append([(form, other.kind, weight * factor, matches) for form, _, weight, matches in forms])
        most = len(joined) + max(len(others), self._ranking.family)
        for each in chain.from_iterable(zip_longest(*others)):
            if each is not None and (each[0] in joined or len(joined) < most):
                form, kind, weight, matches = each
                known = joined.get(form, (kind, 0.0, 0))
                joined[form] = (kind if weight > known[1] else known[0], max(weight, known[1]), matches | known[2])
        kinds, weights, matching = zip(*joined.values(), strict=True)
        return replace(Forms.packed(list(joined), kinds, weights, matching), phrases=tuple(phrases))

    def _expand(self, word: str) -> Forms:
        ranking = self._ranking
        family = self._families.kin(word, ranking.family) if ranking.family else [Kin(word, "exact", 1.0, 0)]
        words = [kin.word.encode("utf-8", "replace") for kin in family]
        return Forms.packed(words, [kin.kind for kin in family], [ranking.weight(kin) for kin in family])

    def matching(self, word: Word) -> frozenset[str]:
        """Return the folded words by which an article matches a query's word: what is matched is what is marked.

        Phrases that stand for the word are not among them.
        """
        forms = self.forms_of(word)
        chosen = zip(forms.words[1:], forms.matches[1:].tolist(), strict=True)
        return frozenset((word.text, *(form.decode() for form, matches in chosen if matches)))


def _listed(forms: Forms) -> Iterable[tuple[bytes, str, float, int]]:
    return zip(forms.words, forms.kinds, forms.weights.tolist(), forms.matches.tolist(), strict=True)


def recognizer(word: Word) -> Callable[[str], bool]:
    """Return a test for folded words where there is no index to ask: those of one stem with ``word`` pass."""
    texts = frozenset((word.text, *(other.words[0] for other in word.others if len(other.words) == 1)))
    stems = frozenset(map(stem, texts))
    return lambda other: other in texts or stem(other) in stems
