"""What the score must know of the whole index: how many articles, how long their fields, in how many a word stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.schema import SCORED, TEXTS
from search.expansion import Forms
from search.query import Phrase, Prefix
from search.ranking import Ranking


class Counts(Protocol):
    """Where the numbers come from."""

    @property
    def documents(self) -> int:
        """How many articles there are."""
        ...

    @property
    def words(self) -> Mapping[str, int]:
        """How many words there are by field of ``TEXTS``."""
        ...

    def documents_of(self, words: Sequence[bytes]) -> NDArray[np.int64]:
        """Return how many articles hold each of some words [fields, words], in the order of ``TEXTS``."""
        ...


class Statistics:
    """The numbers of one state of a cluster, as a score takes them; may be shared by threads."""

    def __init__(self, counts: Counts, ranking: Ranking) -> None:
        self._counts = counts
        self._ranking = ranking
        self.documents = max(1, counts.documents)
        self.average_lengths = {name: max(1.0, counts.words[name] / self.documents) for name in TEXTS}
        self._asked: dict[tuple[Phrase | Prefix, str], int] = {}

    def holding(self, words: Sequence[bytes], field: str) -> NDArray[np.int64]:
        """Return in how many articles each word stands, in the field of those asked where it stands in most."""
        asked = [TEXTS.index(name) for name in fields_of(field)]
        most: NDArray[np.int64] = self._counts.documents_of(words)[asked].max(axis=0)
        return most

    def unknown(self, leaves: Sequence[Phrase | Prefix]) -> list[tuple[Phrase | Prefix, str]]:
        """Return the leaves, each with a field, whose articles must be counted by the cluster; see ``learn``."""
        pairs = ((leaf, field) for leaf in leaves for field in fields_of(leaf.field))
        return [pair for pair in dict.fromkeys(pairs) if pair not in self._asked]

    def learn(self, counted: Mapping[tuple[Phrase | Prefix, str], int]) -> None:
        """Take what the cluster counted."""
        if len(self._asked) > _REMEMBERED:
            self._asked = {}
        self._asked = {**self._asked, **counted}

    def holding_leaf(self, leaf: Phrase | Prefix) -> int:
        """Return in how many articles a phrase or prefix stands, in the field where it does in most; 0: not counted."""
        return max(self._asked.get((leaf, field), 0) for field in fields_of(leaf.field))

    def worths(self, forms: Forms, field: str, also: Sequence[int] = ()) -> tuple[float, float]:
        """Return what a word's forms are worth together, and its own spelling besides: see ``find_word``.

        ``also``: how many articles hold each phrase that stands for the word.
        """
        ranking = self._ranking
        holding = self.holding(forms.words, field)
        matching = [*holding[forms.matches != 0].tolist(), *also]
        without = float(np.prod([1 - each / self.documents for each in matching]))
        saturated = ranking.k1 + 1
        return (
            saturated * ranking.rarity(self.documents, self.documents * (1 - without)),
            saturated * ranking.exact * ranking.rarity(self.documents, float(holding[0])),
        )

    def worth_of_prefix(self, leaf: Prefix) -> float:
        """Return what a prefix is worth: see ``find_beginning``."""
        ranking = self._ranking
        alone = ranking.kinds["exact"] + ranking.exact
        return (ranking.k1 + 1) * alone * ranking.rarity(self.documents, self.holding_leaf(leaf))


_REMEMBERED = 10_000
"""Phrases and prefixes whose numbers are remembered; then all are forgotten."""


def fields_of(field: str) -> tuple[str, ...]:
    """Return the fields that a leaf is asked of, by its ``field``."""
    return (field,) if field else SCORED
