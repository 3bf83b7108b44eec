"""The merge policy: bounded work, bounded segments, deletions reclaimed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.amplification import Play
from index.codec.layout import MAX_DOCUMENTS
from index.tiers import FACTOR, FLOOR, MAX_BYTES, MOST_DELETED, Size, plan

TIERS = 6
"""Tiers from ``FLOOR`` up to half a segment; above that nothing is merged."""


def test_tiers() -> None:
    bounds = [FLOOR * FACTOR**n for n in range(TIERS)]
    assert bounds[-1] < MAX_DOCUMENTS // 2 <= bounds[-1] * FACTOR
    for number, bound in enumerate(bounds):
        assert (Size(bound - 1, 0, 1).tier(), Size(bound, 0, 1).tier()) == (number, number + 1)


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([], []),
        ([3], []),
        ([3, 5], [(0, 1)]),
        ([3, 4000, 1], [(0, 2)]),
        ([FLOOR] * (FACTOR - 1), []),
        ([FLOOR] * FACTOR, [tuple(range(FACTOR))]),
        ([MAX_DOCUMENTS] * 9, []),
        ([MAX_DOCUMENTS // 2 + 1] * 2, []),
        ([MAX_DOCUMENTS // 2] * 2, [(0, 1)]),
        ([30_000, 20_000], []),
        ([30_000, 20_000, 20_000], [(1, 2)]),
        ([25_000, 20_000, 20_000, 1], []),
        # One merge makes the next one due: both are done at once.
        ([64, 64, 64, FLOOR - 1, FLOOR - 1, 20, 20, 20], [tuple(range(8))]),
    ],
)
def test_groups(sizes: list[int], groups: list[tuple[int, ...]]) -> None:
    assert plan([Size(size, 0, size) for size in sizes]) == groups


@pytest.mark.parametrize(
    ("live", "deleted", "rewritten"),
    [(100, 0, False), (75, 25, False), (75, 26, True), (1, 60_000, True), (0, 1, True), (0, 0, True)],
)
def test_deletions_are_reclaimed(live: int, deleted: int, rewritten: bool) -> None:
    assert plan([Size(60_000, 0, 1), Size(live, deleted, 1)]) == ([(1,)] if rewritten else [])


def test_no_merge_is_larger_than_the_cap_of_bytes() -> None:
    third = MAX_BYTES // 3 + 1
    assert plan([Size(100, 0, third), Size(100, 0, third)]) == []
    assert plan([Size(100, 0, third), Size(100, 0, third), Size(100, 0, third)]) == [(0, 1)]
    assert plan([Size(1, 0, MAX_BYTES // 2 + 1), Size(1, 0, 1)]) == []


SIZES = st.builds(
    Size, st.integers(0, MAX_DOCUMENTS), st.integers(0, 100) | st.integers(0, MAX_DOCUMENTS), st.integers(0, MAX_BYTES)
)


@given(st.lists(SIZES, max_size=40))
def test_plan_is_sound_and_leaves_nothing_to_do(sizes: list[Size]) -> None:
    groups = plan(sizes)
    named = [place for group in groups for place in group]
    assert len(named) == len(set(named))
    after = [size for place, size in enumerate(sizes) if place not in named]
    for group in groups:
        members = [sizes[place] for place in group]
        live, size = sum(member.live for member in members), sum(member.bytes for member in members)
        if len(group) > 1:
            assert live <= MAX_DOCUMENTS
            assert size <= MAX_BYTES
        else:
            assert members[0].deleted > MOST_DELETED * (members[0].live + members[0].deleted) or not live
        if live:
            after.append(Size(live, 0, size))
    assert all(size.live for size in after)
    assert plan(after) == []


@given(st.lists(st.integers(1, 30) | st.integers(1, 3000) | st.just(1), min_size=1, max_size=400))
def test_amplification_is_bounded(batches: list[int]) -> None:
    """An article is written once when it comes, once with the small ones, and once a tier at most."""
    play = Play()
    for batch in batches:
        play.add(batch)
    assert play.written <= play.added * (2 + TIERS) + (FLOOR - 1) * len(batches)
    assert len(play.segments) <= (FACTOR - 1) * TIERS + 1 + play.added // (MAX_DOCUMENTS // 2)
    assert sum(size.live for size in play.segments) == play.added


@pytest.mark.parametrize("batch", [1, 7, 100, 900])
def test_no_add_writes_more_than_two_segments(batch: int) -> None:
    play = Play()
    for _ in range(min(40_000, 300_000 // batch)):
        play.add(batch)
    assert play.most <= batch + 2 * MAX_DOCUMENTS


@given(st.integers(1, 50))
def test_replacing_articles_costs_a_bounded_multiple(batch: int) -> None:
    play = Play()
    play.add(2000)
    for _ in range(100):
        play.replace(batch)
    assert sum(size.live for size in play.segments) == 2000
    # Of a segment that is rewritten a quarter at least was deleted, so that three are written for one that is replaced.
    replaced = play.added - 2000
    assert play.written <= 2000 + replaced * (2 + TIERS + (1 - MOST_DELETED) / MOST_DELETED) + (FLOOR - 1) * 101
    assert sum(size.deleted for size in play.segments) <= 2000 * MOST_DELETED / (1 - MOST_DELETED)
