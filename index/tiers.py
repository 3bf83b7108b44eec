"""Which segments to merge: a size-tiered policy over live documents, so that an add costs bounded work.

Tiers begin at ``FLOOR`` documents, each ``FACTOR`` times the one before. Segments below the first are merged as soon as
there are two of them, those of any other tier as soon as there are ``FACTOR``, or enough to fill a segment. What comes
of a merge lies in a higher tier, or holds over half of what a segment may: then it is merged no more. So an article is
written anew at most once a tier, and at most ``FLOOR`` − 1 times before the first. A segment of which more than
``MOST_DELETED`` is deleted is rewritten by itself: each rewritten article is paid for by a deleted one.

``benchmarks/amplification.py`` plays streams of adds through it and prints what they cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.codec.layout import MAX_DOCUMENTS

FLOOR = 16
FACTOR = 4
MOST_DELETED = 0.25
MAX_BYTES = 512 << 20
"""Most bytes of the files that are merged into one: a merge holds the larger part of them in memory."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a segment is: its live and its deleted documents, and the bytes of its file that the live ones take."""

    live: int
    deleted: int
    bytes: int

    def tier(self) -> int:
        """Return 0 below ``FLOOR``, and one more for every ``FACTOR`` from there on."""
        tier, end = 0, FLOOR
        while self.live >= end:
            tier, end = tier + 1, end * FACTOR
        return tier


@dataclass(frozen=True, slots=True)
class _Planned:
    """A segment as it is, or as it will be: what it is made of, and how large it is."""

    places: tuple[int, ...]
    size: Size
    rewritten: bool

    def mergeable(self) -> bool:
        """Tell whether it leaves room for another of its kind."""
        return self.size.live <= MAX_DOCUMENTS // 2 and self.size.bytes <= MAX_BYTES // 2


def plan(sizes: Sequence[Size]) -> list[tuple[int, ...]]:
    """Return groups of segments, by their places: each group is to become one segment, or none if nothing is live.

    Several steps of merging are one group: nothing is written twice. Segments that no group names stay as they are.
    """
    planned = [
        _Planned((place,), Size(size.live, 0, size.bytes), size.deleted > MOST_DELETED * (size.live + size.deleted))
        for place, size in enumerate(sizes)
    ]
    while group := _next(planned):
        merged = _Planned(
            tuple(sorted(place for each in group for place in each.places)),
            Size(sum(each.size.live for each in group), 0, sum(each.size.bytes for each in group)),
            rewritten=True,
        )
        planned = [each for each in planned if each not in group] + [merged]
    return [each.places for each in planned if each.rewritten or not each.size.live]


def _next(planned: Sequence[_Planned]) -> list[_Planned]:
    """Return the segments of the lowest tier that is to be merged, or none."""
    tiers: dict[int, list[_Planned]] = {}
    for each in planned:
        if each.mergeable() and each.size.live:
            tiers.setdefault(each.size.tier(), []).append(each)
    for tier in sorted(tiers):
        members = sorted(tiers[tier], key=lambda each: each.size.live)
        if len(members) < 2:
            continue
        documents = sum(each.size.live for each in members)
        size = sum(each.size.bytes for each in members)
        if tier == 0 or len(members) >= FACTOR or documents >= MAX_DOCUMENTS or size >= MAX_BYTES:
            return _fitting(members)
    return []


def _fitting(members: Sequence[_Planned]) -> list[_Planned]:
    """Return as many, from the first, as one segment holds; of mergeable ones that is two at least."""
    documents = size = 0
    group = []
    for each in members:
        documents += each.size.live
        size += each.size.bytes
        if documents > MAX_DOCUMENTS or size > MAX_BYTES:
            break
        group.append(each)
    return group
