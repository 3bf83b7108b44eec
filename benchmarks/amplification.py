"""What merging costs: streams of adds played through the policy of ``index.tiers``, and what they make it write.

``python -m benchmarks.amplification`` prints a table; ``tests/test_tiers.py`` asserts the bounds.
"""

from __future__ import annotations

import random
from dataclasses import replace

from index.tiers import FACTOR, FLOOR, Size, plan

_ARTICLE_BYTES = 2_700
_STREAMS = (
    ("one by one", 1, 70_000),
    ("ten at a time", 10, 200_000),
    ("a hundred at a time", 100, 700_000),
    ("a thousand at a time", 1_000, 1_400_000),
)


class Play:
    """An index that is only numbers. ``written`` counts articles, each as often as it was written."""

    def __init__(self) -> None:
        self.segments: list[Size] = []
        self.added = self.written = 0
        self.most = 0
        """Most articles that one commit wrote."""
        self._random = random.Random(1)

    def add(self, articles: int) -> None:
        """Add new articles in one commit."""
        self._commit(articles)

    def replace(self, articles: int) -> None:
        """Add articles that each replace an older one, any of them."""
        for _ in range(articles):
            place = self._random.choices(range(len(self.segments)), [size.live for size in self.segments])[0]
            size = self.segments[place]
            self.segments[place] = replace(size, live=size.live - 1, deleted=size.deleted + 1)
        self._commit(articles)

    def _commit(self, articles: int) -> None:
        self.segments.append(Size(articles, 0, articles * _ARTICLE_BYTES))
        before = self.written
        self.added += articles
        self.written += articles
        merged = []
        gone: set[int] = set()
        for group in plan(self.segments):
            live = sum(self.segments[place].live for place in group)
            self.written += live
            gone.update(group)
            if live:
                merged.append(Size(live, 0, live * _ARTICLE_BYTES))
        self.segments = [size for place, size in enumerate(self.segments) if place not in gone] + merged
        self.most = max(self.most, self.written - before)


def main() -> None:
    print(f"floor {FLOOR}, factor {FACTOR}\n")
    print("| articles come | in all | each is written | segments on average | most written by one add |")
    print("|---|---|---|---|---|")
    for name, batch, total in _STREAMS:
        play = Play()
        segments = 0
        for _ in range(total // batch):
            play.add(batch)
            segments += len(play.segments)
        print(
            f"| {name} | {total:,} | {play.written / play.added:.1f} × | {segments * batch / total:.1f} "
            f"| {play.most:,} |"
        )
    play = Play()
    play.add(60_000)
    for _ in range(20_000):
        play.replace(3)
    print(f"\nReplacing 60,000 of 60,000, three at a time: each is written {play.written / play.added:.1f} ×")


if __name__ == "__main__":
    main()
