"""Looking up a word's family in all tables of an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np

from index.arabic.coding import packed
from index.arabic.kinship import KEYED, OF_LEMMAS
from index.codec.lookup import find, pack
from index.families.kinds import Kin, Kind
from index.families.table import FamilyTable

CLOSENESS: Mapping[Kind, float] = {
    "exact": 1.0, "spelling": 1.0, "lemma": 0.9, "verb": 0.6, "plural": 0.6, "stem": 0.5, "skeleton": 0.2,
}  # fmt: skip
"""How much a word of each kind counts where nobody says otherwise."""

_KEYED = cast(Sequence[Kind], KEYED)
_LEMMA = KEYED.index("lemma")


class Families:
    """All tables of an index as one. The first must be its generation's own."""

    def __init__(self, tables: Sequence[FamilyTable]) -> None:
        self._tables = tables
        self._kinship = tables[0].kinship if tables else None

    def kin(self, word: str, limit: int, closeness: Mapping[Kind, float] = CLOSENESS) -> list[Kin]:
        """Return a folded word's family: the word itself, then at most ``limit`` others, the nearest first.

        A word's kind is the closest by which it is related; kinds without ``closeness`` are left out. Nearness is
        closeness times similarity times the square root of the count: a form that hardly ever stands in a text hardly
        ever helps to find one. Of equally near ones, the first in the alphabet come first.
        """
        itself = self._count(word)
        found: dict[str, tuple[float, Kin]] = {}
        if self._kinship is not None:
            keys = self._kinship.keys(*packed([word]))[:, 0].tolist()
            for table in self._tables:
                for near, kin in _related(table, keys, limit + 1, closeness):
                    if kin.word not in found:
                        found[kin.word] = (near, kin)
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


def _related(
    table: FamilyTable, keys: Sequence[int], limit: int, closeness: Mapping[Kind, float]
) -> list[tuple[float, Kin]]:
    """Return the nearest words of a table with one of these keys, and how near they are."""
    asked = []
    groups = dict(zip(_KEYED, table.groups, strict=True))
    for kind, key in zip(_KEYED, keys, strict=True):
        near = closeness.get(kind)
        if near:
            of_lemma = keys[_LEMMA] if kind in OF_LEMMAS else 0
            members = [groups[kind].of_key(np.uint64(key or of_lemma))]
            if key and of_lemma:
                members.append(groups["lemma"].of_key(np.uint64(key)))
            asked += [(kind, near, each) for each in members if len(each)]
    if not asked:
        return []
    asked.sort(key=lambda each: -each[1])
    places, firsts = np.unique(np.concatenate([members for _, _, members in asked]), return_index=True)
    kinds = np.repeat(np.arange(len(asked)), [len(members) for _, _, members in asked])[firsts]
    counts = table.counts[places]
    nearness = np.array([near for _, near, _ in asked])[kinds] * np.sqrt(counts)
    chosen = np.argsort(-nearness, kind="stable")[:limit]
    return [
        (near, Kin(table.words[place].decode(), asked[kind][0], 1.0, count))
        for place, kind, count, near in zip(
            places[chosen].tolist(),
            kinds[chosen].tolist(),
            counts[chosen].tolist(),
            nearness[chosen].tolist(),
            strict=True,
        )
    ]
