"""Families as numpy gathers them, step by step and each table by itself: what the kernel is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from index.arabic.coding import packed
from index.arabic.kinship import KEYED, OF_LEMMAS
from index.codec.lookup import find, pack
from index.families import NEAR, FamilyTable, Kin, Kind
from index.families.likeness import LEAST, Likeness

_LEMMA, _STEM = KEYED.index("lemma"), KEYED.index("stem")
_FIRST_ALL = 1e9
_ALIKE, _OF_EACH, _MOST = 24, 8, 1024


@dataclass(frozen=True)
class _Way:
    """Words of a table that are kin in one way: their places, how alike they are, and what a likeness of 1 counts."""

    kind: Kind
    members: NDArray[np.uint32]
    similarities: NDArray[np.float32]
    closeness: float


def gathered(tables: Sequence[FamilyTable], word: str, limit: int, closeness: Mapping[Kind, float]) -> list[Kin]:
    """Return what ``Families.kin`` must."""
    kinship = tables[0].kinship
    assert kinship is not None
    asked = packed([word])
    keys = kinship.keys(*asked)[:, 0].tolist()
    trigrams, sizes = kinship.trigrams(*asked, np.zeros(1, np.int64))
    found: dict[str, tuple[float, Kin]] = {}
    for table in tables:
        ways = _of_keys(table, keys, closeness)
        if closeness.get("similar"):
            ways.append(_alike(table, keys[_STEM], trigrams[0, : sizes[0]], closeness["similar"]))
        for order, kin in _nearest(table, ways, limit + 1):
            found.setdefault(kin.word, (order, kin))
    found.pop(word, None)
    others = sorted(found.values(), key=lambda each: (-each[0], each[1].word))
    places = [(table, int(find(table.words, pack([word.encode()]))[0])) for table in tables]
    count = next((int(table.counts[place]) for table, place in places if place >= 0), 0)
    return [Kin(word, "exact", 1.0, count), *(kin for _, kin in others[:limit])]


def _of_keys(table: FamilyTable, keys: Sequence[int], closeness: Mapping[Kind, float]) -> list[_Way]:
    """Return the words that share a key, in each way in which there are some."""
    ways = []
    for kind, groups, key in zip(cast(Sequence[Kind], KEYED), table.groups, keys, strict=True):
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
    numbers, dice = _alike_stems(table.likeness, trigrams)
    others = stems.keys[numbers] != np.uint64(own)
    numbers, dice = numbers[others], dice[others]
    heads = stems.members[stems.starts[numbers]]
    chosen = np.argsort(-dice * np.sqrt(table.counts[heads]), kind="stable")[:_ALIKE]
    numbers, dice = numbers[chosen], dice[chosen]
    families = [stems.members[stems.starts[stem] : stems.starts[stem + 1]][:_OF_EACH] for stem in numbers.tolist()]
    members = np.concatenate([stems.members[:0], *families])
    return _Way("similar", members, np.repeat(dice, list(map(len, families))), closeness)


def _alike_stems(likeness: Likeness, trigrams: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the stems that share enough trigrams, in the order in which they are seen to, and how alike they are."""
    shared: dict[int, int] = {}
    noted: list[int] = []
    for code in trigrams.tolist():
        for place in np.flatnonzero(likeness.trigrams == code).tolist():
            for stem in likeness.stems[likeness.starts[place] : likeness.starts[place + 1]].tolist():
                shared[stem] = shared.get(stem, 0) + 1
                enough = (len(trigrams) + int(likeness.sizes[stem])) * LEAST / 2
                if shared[stem] >= enough > shared[stem] - 1 and len(noted) < _MOST:
                    noted.append(stem)
    dice = [2 * shared[stem] / (len(trigrams) + int(likeness.sizes[stem])) for stem in noted]
    return np.array(noted, np.int64), np.array(dice, np.float32)


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
