"""Looking up a word's family in all tables of an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from index.arabic.coding import packed
from index.arabic.kinship import KEYED, OF_LEMMAS
from index.codec.lookup import find, pack
from index.families.kinds import NEAR, Kin, Kind
from index.families.table import FamilyTable

CLOSENESS: Mapping[Kind, float] = {
    "exact": 1.0, "spelling": 1.0, "lemma": 0.9, "verb": 0.6, "plural": 0.6, "stem": 0.5,
    "similar": 0.25, "skeleton": 0.2,
}  # fmt: skip
"""How much a word of each kind counts where nobody says otherwise."""

_KEYED = cast(Sequence[Kind], KEYED)
_LEMMA, _STEM = KEYED.index("lemma"), KEYED.index("stem")
_FIRST = np.zeros(1, np.int64)
_FIRST_ALL = 1e9
"""More than any nearness."""

_ALIKE, _OF_EACH = 24, 8
"""How many stems that are alike are taken, the nearest, and how many words of each, the most frequent."""


class Families:
    """All tables of an index as one. The first must be its generation's own."""

    def __init__(self, tables: Sequence[FamilyTable]) -> None:
        self._tables = tables
        self._kinship = tables[0].kinship if tables else None

    def kin(self, word: str, limit: int, closeness: Mapping[Kind, float] = CLOSENESS) -> list[Kin]:
        """Return a folded word's family: the word itself, then at most ``limit`` others, the nearest first.

        A word's kind is the closest by which it is related; kinds without ``closeness`` are left out. Closeness times
        similarity is how close a word is. Words of NEAR and more come first, then the others; within both the order is
        by closeness times the square root of the count, because a form that hardly ever stands in a text hardly ever
        helps to find one. Of equal ones, the first in the alphabet come first.
        """
        itself = self._count(word)
        found: dict[str, tuple[float, Kin]] = {}
        if self._kinship is not None:
            asked = packed([word])
            keys = self._kinship.keys(*asked)[:, 0].tolist()
            trigrams, sizes = self._kinship.trigrams(*asked, _FIRST)
            for table in self._tables:
                ways = _of_keys(table, keys, closeness)
                if closeness.get("similar"):
                    ways.append(_alike(table, keys[_STEM], trigrams[0, : sizes[0]], closeness["similar"]))
                for order, kin in _nearest(table, ways, limit + 1):
                    if kin.word not in found:
                        found[kin.word] = (order, kin)
        found.pop(word, None)
        others = sorted(found.values(), key=lambda each: (-each[0], each[1].word))
        return [Kin(word, "exact", 1.0, itself), *(kin for _, kin in others[:limit])]

    def attested(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of some folded words that the vocabulary holds."""
        wanted = list(words)
        asked = pack([word.encode("utf-8", "replace") for word in wanted])
        return frozenset(
            wanted[place] for table in self._tables for place in np.flatnonzero(find(table.words, asked) >= 0).tolist()
        )

    def _count(self, word: str) -> int:
        wanted = pack([word.encode("utf-8", "replace")])
        places = [(table, int(find(table.words, wanted)[0])) for table in self._tables]
        return next((int(table.counts[place]) for table, place in places if place >= 0), 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """Words of a table that are kin in one way: their places, how alike they are, and what a likeness of 1 counts."""

    kind: Kind
    members: NDArray[np.uint32]
    similarities: NDArray[np.float32]
    closeness: float


def _of_keys(table: FamilyTable, keys: Sequence[int], closeness: Mapping[Kind, float]) -> list[_Way]:
    """Return the words that share a key, in each way in which there are some."""
    ways = []
    for kind, groups, key in zip(_KEYED, table.groups, keys, strict=True):
        close = closeness.get(kind)
        if close:
            of_lemma = keys[_LEMMA] if kind in OF_LEMMAS else 0
            found = [groups.of_key(key or of_lemma)]
            if key and of_lemma:
                found.append(table.groups[_LEMMA].of_key(key))
            ways += [_Way(kind, each, np.ones(len(each), np.float32), close) for each in found if len(each)]
    return ways


def _alike(table: FamilyTable, own: int, trigrams: NDArray[np.uint32], closeness: float) -> _Way:
    """Return the words of stems that are alike to one, less those of the stem itself."""
    stems = table.groups[_STEM]
    numbers, dice = table.likeness.alike(trigrams)
    others = stems.keys[numbers] != np.uint64(own)
    numbers, dice = numbers[others], dice[others]
    heads = stems.members[stems.starts[numbers]]
    chosen = np.argsort(-dice * np.sqrt(table.counts[heads]), kind="stable")[:_ALIKE]
    numbers, dice = numbers[chosen], dice[chosen]
    begins = stems.starts[numbers].astype(np.int64)
    sizes = np.minimum(stems.starts[numbers + 1] - begins, _OF_EACH)
    ends = np.cumsum(sizes)
    places = np.repeat(begins - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)
    return _Way("similar", stems.members[places], np.repeat(dice, sizes), closeness)


def _nearest(table: FamilyTable, ways: Sequence[_Way], limit: int) -> list[tuple[float, Kin]]:
    """Return the nearest of some words, each with a number that is larger the nearer it is."""
    if not ways:
        return []
    sizes = [len(way.members) for way in ways]
    similarities = np.concatenate([way.similarities for way in ways])
    close = similarities * np.repeat([way.closeness for way in ways], sizes)
    closest = np.argsort(-close, kind="stable")
    places, firsts = np.unique(np.concatenate([way.members for way in ways])[closest], return_index=True)
    which = closest[firsts]
    counts = table.counts[places]
    nearness = close[which] * np.sqrt(counts) + _FIRST_ALL * (close[which] >= NEAR)
    chosen = np.argsort(-nearness, kind="stable")[:limit]
    places, which = places[chosen].astype(np.int64), which[chosen]
    words = table.words.texts(places)
    kinds = np.repeat(np.arange(len(ways)), sizes)[which].tolist()
    details = (similarities[which].tolist(), counts[chosen].tolist(), nearness[chosen].tolist())
    return [
        (order, Kin(word, ways[kind].kind, similarity, count))
        for word, kind, similarity, count, order in zip(words, kinds, *details, strict=True)
    ]
