"""A query word's forms: its family in the index's tables, weighted for the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.arabic import stem
from index.families import Families, Kin, Kind
from search.ranking import MATCHING, Ranking

_CACHED = 1_000
"""Words whose forms are remembered; then all are forgotten."""


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """Vocabulary words that stand for a query word, itself first, as kernels take them.

    ``kinds``: how each is related to the query word. ``data``: the words one after the other; ``sizes``: bytes of each.
    ``weights``: what an occurrence counts. ``matches``: 1 where an article that holds the word matches.
    """

    words: Sequence[bytes]
    kinds: Sequence[Kind]
    data: bytes
    sizes: NDArray[np.uint32]
    weights: NDArray[np.float32]
    matches: NDArray[np.uint8]
    all_match: bool

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def packed(cls, words: Sequence[bytes], kinds: Sequence[Kind], weights: Sequence[float]) -> Forms:
        """Pack words. Those of the weight MATCHING and more match."""
        weighed = np.array(weights, np.float32)
        sizes = np.fromiter(map(len, words), np.uint32, len(words))
        matches = weighed >= MATCHING
        return cls(words, kinds, b"".join(words), sizes, weighed, matches.astype(np.uint8), bool(matches.all()))


class Expansion:
    """The forms of words in one state of an index; may be shared by threads."""

    def __init__(self, families: Families, ranking: Ranking) -> None:
        self._families = families
        self._ranking = ranking
        self._known: dict[str, Forms] = {}

    def forms(self, word: str) -> Forms:
        """Return the forms of a folded word."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _CACHED:
                self._known.clear()
            found = self._known[word] = self._expand(word)
        return found

    def _expand(self, word: str) -> Forms:
        ranking = self._ranking
        family = [Kin(word, "exact", 1.0, 0)]
        if ranking.family:
            family = self._families.kin(word, ranking.family, ranking.kinds)
        words = [kin.word.encode("utf-8", "replace") for kin in family]
        return Forms.packed(words, [kin.kind for kin in family], [ranking.weight(kin) for kin in family])

    def matching(self, word: str) -> frozenset[str]:
        """Return the folded words by which an article matches a query word: what is matched is what is marked."""
        forms = self.forms(word)
        chosen = zip(forms.words[1:], forms.matches[1:].tolist(), strict=True)
        return frozenset((word, *(form.decode() for form, matches in chosen if matches)))


def recognizer(word: str) -> Callable[[str], bool]:
    """Return a test for folded words where there is no index to ask: those of one stem with ``word`` pass."""
    key = stem(word)
    return lambda other: other == word or stem(other) == key
