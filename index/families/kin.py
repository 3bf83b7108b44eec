"""Looking up a word's family in all tables of an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
                families = [*_of_keys(table, keys, closeness)]
                if closeness.get("similar"):
                    families += _alike(table, keys[_STEM], trigrams[0, : sizes[0]], closeness["similar"])
                for order, kin in _nearest(table, families, limit + 1):
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


@dataclass(frozen=True, slots=True)
class _Family:
    """Words of a table that are kin in one way: ``close`` is closeness times similarity."""

    kind: Kind
    close: float
    similarity: float
    members: NDArray[np.uint32]


def _of_keys(table: FamilyTable, keys: Sequence[int], closeness: Mapping[Kind, float]) -> Iterator[_Family]:
    """Yield the words that share a key."""
    for kind, groups, key in zip(_KEYED, table.groups, keys, strict=True):
        close = closeness.get(kind)
        if close:
            of_lemma = keys[_LEMMA] if kind in OF_LEMMAS else 0
            yield _Family(kind, close, 1.0, groups.of_key(key or of_lemma))
            if key and of_lemma:
                yield _Family(kind, close, 1.0, table.groups[_LEMMA].of_key(key))


def _alike(table: FamilyTable, own: int, trigrams: NDArray[np.uint32], closeness: float) -> Iterator[_Family]:
    """Yield the words of stems that are alike to one, less those of the stem itself."""
    stems = table.groups[_STEM]
    numbers, dice = table.likeness.alike(trigrams)
    heads = stems.members[stems.starts[numbers]]
    chosen = np.argsort(-dice * np.sqrt(table.counts[heads]), kind="stable")[:_ALIKE]
    for number, similarity in zip(numbers[chosen].tolist(), dice[chosen].tolist(), strict=True):
        if int(stems.keys[number]) != own:
            members = stems.members[stems.starts[number] : stems.starts[number + 1]][:_OF_EACH]
            yield _Family("similar", closeness * similarity, similarity, members)


def _nearest(table: FamilyTable, families: Sequence[_Family], limit: int) -> Iterator[tuple[float, Kin]]:
    """Yield the nearest words of some families, each with a number that is larger the nearer it is."""
    families = sorted((family for family in families if len(family.members)), key=lambda family: -family.close)
    if not families:
        return
    places, firsts = np.unique(np.concatenate([family.members for family in families]), return_index=True)
    which = np.repeat(np.arange(len(families)), [len(family.members) for family in families])[firsts]
    counts = table.counts[places]
    close = np.array([family.close for family in families])[which]
    nearness = close * np.sqrt(counts) + _FIRST_ALL * (close >= NEAR)
    chosen = np.argsort(-nearness, kind="stable")[:limit]
    details = (which[chosen].tolist(), counts[chosen].tolist(), nearness[chosen].tolist())
    for place, number, count, order in zip(places[chosen].tolist(), *details, strict=True):
        family = families[number]
        yield order, Kin(table.words[place].decode(), family.kind, family.similarity, count)
