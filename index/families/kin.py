"""Looking up a word's family in all tables of an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arabic.kinship import KEYED
from index.codec.layout import Strings
from index.codec.lookup import find, pack
from index.families.gathering import COLUMNS, described, gather
from index.families.kinds import KINDS, Kin, Kind
from index.families.table import FamilyTable

CLOSENESS: Mapping[Kind, float] = {
    "exact": 1.0, "spelling": 1.0, "lemma": 0.9, "verb": 0.6, "plural": 0.6, "stem": 0.5,
    "similar": 0.25, "skeleton": 0.2,
}  # fmt: skip
"""How much a word of each kind counts where nobody says otherwise."""

_NO_KEYS, _NO_TRIGRAMS = np.zeros(len(KEYED), np.uint64), np.zeros(0, np.uint32)
_FIRST = np.zeros(1, np.int64)


def by_kind(closeness: Mapping[Kind, float]) -> NDArray[np.float64]:
    """Return how much a word of each kind counts, in the order of KINDS."""
    return np.array([closeness.get(kind, 0.0) for kind in KINDS])


class Family(NamedTuple):
    """A word and its family, the nearest first: word ``i`` is ``data[ends[i]:ends[i+1]]``, in UTF-8.

    ``places``: in the published vocabulary, which is the first table's; -1 where the word is not in it. ``kinds``:
    numbers of KINDS. ``closeness``: the kind's, times the similarity. ``similarities``, ``counts``: see ``Kin``.
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.uint32]
    places: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    similarities: NDArray[np.float32]
    closeness: NDArray[np.float32]
    counts: NDArray[np.int64]


class Families:
    """All tables of an index as one. The first must be its generation's own."""

    def __init__(self, tables: Sequence[FamilyTable]) -> None:
        self._tables = tables
        self._kinship = tables[0].kinship if tables else None
        self._described = np.array([described(table) for table in tables], np.int64).reshape(-1, COLUMNS)

    def family(self, word: str, limit: int, closeness: NDArray[np.float64]) -> Family:
        """Return a folded word's family as arrays: see ``kin``. ``closeness``: by kind, see ``by_kind``."""
        data = np.frombuffer(word.encode("utf-8", "replace"), np.uint8)
        keys, trigrams = _NO_KEYS, _NO_TRIGRAMS
        if self._kinship is not None:
            ends = np.array((0, len(data)), np.uint32)
            keys = self._kinship.keys(data, ends).ravel()
            of_word, sizes = self._kinship.trigrams(data, ends, _FIRST)
            trigrams = of_word[0, : sizes[0]]
        return Family(*gather(self._described, data, keys, trigrams, closeness, limit))

    def kin(self, word: str, limit: int, closeness: Mapping[Kind, float] = CLOSENESS) -> list[Kin]:
        """Return a folded word's family: the word itself, then at most ``limit`` others, the nearest first.

        A word's kind is the closest by which it is related; kinds without ``closeness`` are left out. Closeness times
        similarity is how close a word is. Words of NEAR and more come first, then the others; within both the order is
        by closeness times the square root of the count, because a form that hardly ever stands in a text hardly ever
        helps to find one. Of equal ones, the first in the alphabet come first.
        """
        family = self.family(word, limit, by_kind(closeness))
        words = Strings(family.data, family.ends).to_list()[1:]
        details = (each.tolist()[1:] for each in (family.kinds, family.similarities, family.counts))
        return [
            Kin(word, "exact", 1.0, int(family.counts[0])),
            *(Kin(of.decode(), KINDS[kind], *rest) for of, kind, *rest in zip(words, *details, strict=True)),
        ]

    def places(self, words: Strings) -> NDArray[np.int64]:
        """Return the places of words, in any order, in the published vocabulary; negative for those it lacks."""
        return find(self._tables[0].words, words) if self._tables else np.full(len(words), -1, np.int64)

    def attested(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of some folded words that the vocabulary holds."""
        wanted = list(words)
        asked = pack([word.encode("utf-8", "replace") for word in wanted])
        return frozenset(
            wanted[place] for table in self._tables for place in np.flatnonzero(find(table.words, asked) >= 0).tolist()
        )
