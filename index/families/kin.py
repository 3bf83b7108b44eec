"""Looking up a word's family in all tables of an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from index.arabic.coding import packed
from index.arabic.kinship import KEYED
from index.codec.lookup import find, pack
from index.families.kinds import Kin, Kind
from index.families.table import FamilyTable

CLOSENESS: Mapping[Kind, float] = {
    "exact": 1.0, "spelling": 1.0, "lemma": 0.9, "verb": 0.6, "stem": 0.6, "skeleton": 0.2,
}  # fmt: skip
"""How much a word of each kind counts where nobody says otherwise."""

_KEYED = cast(Sequence[Kind], KEYED)


class Families:
    """All tables of an index as one. The first must be its generation's own."""

    def __init__(self, tables: Sequence[FamilyTable]) -> None:
        self._tables = tables
        self._kinship = tables[0].kinship if tables else None

    def kin(self, word: str, limit: int, closeness: Mapping[Kind, float] = CLOSENESS) -> list[Kin]:
        """Return a folded word's family: the word itself, then at most ``limit`` others, the nearest first.

        Nearness is ``closeness``, by kind, times the square root of the count; kinds of no closeness are left out.
        """
        itself = Kin(word, "exact", 1.0, self._count(word))
        if self._kinship is None:
            return [itself]
        keys = self._kinship.keys(*packed([word]))[:, 0]
        found: dict[str, tuple[float, Kin]] = {}
        for table in self._tables:
            for kind, groups, key in zip(_KEYED, table.groups, keys, strict=True):
                near = closeness.get(kind, 0.0)
                if key and near:
                    # A family's most frequent words stand first.
                    for place in groups.of_key(key)[: limit + 1].tolist():
                        form = table.words[place].decode()
                        count = int(table.counts[place])
                        nearness = near * count**0.5
                        if form not in found:
                            found[form] = (nearness, Kin(form, kind, 1.0, count))
        found.pop(word, None)
        others = sorted(found.values(), key=lambda each: -each[0])
        return [itself, *(kin for _, kin in others[:limit])]

    def _count(self, word: str) -> int:
        wanted = pack([word.encode("utf-8", "replace")])
        places = [(table, int(find(table.words, wanted)[0])) for table in self._tables]
        return sum(int(table.counts[place]) for table, place in places if place >= 0)
