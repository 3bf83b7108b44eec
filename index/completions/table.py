"""One table of completions: the ideas of a prefix and the headlines that go on from some words, the best of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arabic import tokenize
from index.arabic.letters import REMOVED
from index.completions.headlines import Headlines
from index.completions.ideas import Ideas
from index.completions.spans import block_bests, largest

_LAST = b"\xff"
"""Behind all letters in UTF-8."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A word or phrase: its key, how it is shown, how often that spelling was seen, and how much it may be wanted."""

    key: str
    shown: str
    seen: int
    score: int


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline, its article, when it was published, and whether what was typed is its beginning."""

    text: str
    id: str
    instant: int
    at_the_start: bool


class CompletionTable:
    """A table, over the arrays that ``CompletionsBuilder`` and ``joined`` make; may be shared by threads."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._ideas = Ideas.opened(arrays)
        self._scores: NDArray[np.uint32] = arrays["idea.scores"]
        self._bests: NDArray[np.uint32] = arrays["idea.bests"]
        self._headlines = Headlines.opened(arrays)

    @cached_property
    def _definite(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The scores of ideas that are mostly written with the article, 0 for others, and the largest by block."""
        mostly = self._ideas.definite * np.uint64(2) > self._ideas.headlines + self._ideas.texts
        scores = np.where(mostly, self._scores, np.uint32(0))
        return scores, block_bests(scores)

    def ideas(self, prefix: str, count: int, definite: bool = False) -> list[Idea]:
        """Return the best ideas whose key begins so; ``definite``: only those mostly written with the article."""
        scores, bests = self._definite if definite else (self._scores, self._bests)
        encoded = prefix.encode("utf-8", "replace")
        begin = bisect_left(self._ideas.keys, encoded)
        end = bisect_left(self._ideas.keys, encoded + _LAST, begin)
        places = largest(lambda at: scores[at], bests, begin, end, count)
        return self._of(places)

    def idea(self, key: str) -> list[Idea]:
        """Return the idea of a key, if there is one."""
        place = self._ideas.keys.find(key.encode("utf-8", "replace"))
        return self._of(np.array([place])) if place >= 0 else []

    def _of(self, places: NDArray[np.int64]) -> list[Idea]:
        return [
            Idea(*each)
            for each in zip(
                self._ideas.keys.texts(places), self._ideas.shown.texts(places),
                self._ideas.seen[places].tolist(), self._scores[places].tolist(), strict=True,
            )
        ]  # fmt: skip

    def headlines(self, words: Sequence[str], prefix: str, count: int) -> Iterator[Headline]:
        """Yield headlines that hold these keys side by side and then one that begins so, the best first, each but once.

        ``count``: about how many are asked for.
        """
        titles = self._headlines
        begin, end, rest = self._range(words, prefix)
        places = np.arange(begin, end) if rest else largest(titles.precedence, titles.bests, begin, end, count)
        if rest:
            places = np.array([place for place in places.tolist() if self._goes_on(place, rest)], np.int64)
            places = places[np.argsort(-titles.precedence(places).astype(np.int64), kind="stable")]
        seen: set[int] = set()
        for at in titles.suffixes[places].tolist():
            number = titles.of_word(at)
            if number not in seen:
                seen.add(number)
                at_the_start = int(titles.starts[number]) == at
                yield Headline(*titles.headline(number), int(titles.instants[number]), at_the_start)

    def continuations(self, words: Sequence[str], prefix: str, count: int) -> list[Idea]:
        """Return the words that follow these keys in headlines most often and whose key begins so, with these before.

        Of each ``score`` and ``seen`` are in how many places it does, and it is shown as the newest headline has it.
        """
        titles = self._headlines
        begin, end, rest = self._range(words, prefix)
        if rest:
            return []
        suffixes = titles.suffixes[begin:end].astype(np.int64)
        following = titles.words[suffixes + len(words)]
        numbers, counts = np.unique(following, return_counts=True)
        order = [place for place in np.argsort(-counts, kind="stable").tolist() if numbers[place]][:count]
        found = []
        for place in order:
            newest = int(suffixes[following == numbers[place]].min())
            shown = self._written(newest, len(words) + 1)
            key = " ".join([*words, titles.keys[int(numbers[place]) - 1].decode()])
            found += [Idea(key, shown, int(counts[place]), int(counts[place]))] if shown else []
        return found

    def _written(self, at: int, size: int) -> str:
        """Return words of a headline as they are written, from a place on; nothing if they are not side by side."""
        number = self._headlines.of_word(at)
        text, _ = self._headlines.headline(number)
        first = at - int(self._headlines.starts[number])
        tokens = list(tokenize(text))[first : first + size]
        if any(text[one.end : other.start].strip(REMOVED) != " " for one, other in pairwise(tokens)):
            return ""
        return text[tokens[0].start : tokens[-1].end] if len(tokens) == size else ""

    def _range(self, words: Sequence[str], prefix: str) -> tuple[int, int, list[tuple[int, int, int]]]:
        """Return the suffixes that begin with some words and a prefix, and what of these is still to be looked at.

        That is: how many words from the beginning of a suffix, and between which numbers the word there must lie.
        """
        titles = self._headlines
        spans = []
        for word in words:
            number = titles.keys.find(word.encode("utf-8", "replace")) + 1
            if not number:
                return 0, 0, []
            spans.append((number, number + 1))
        if prefix:
            encoded = prefix.encode("utf-8", "replace")
            first = bisect_left(titles.keys, encoded)
            last = bisect_left(titles.keys, encoded + _LAST, first)
            spans.append((first + 1, last + 1))
        if not spans or spans[-1][0] == spans[-1][1]:
            return 0, 0, []
        begin, end = (int(titles.firsts[number - 1]) for number in spans[0])
        sorted_by = titles.depth
        for depth, (low, high) in enumerate(spans[1:sorted_by], 1):
            at = self._word_at(depth)
            begin = bisect_left(range(len(titles.suffixes)), low, begin, end, key=at)
            end = bisect_left(range(len(titles.suffixes)), high, begin, end, key=at)
        return (
            begin,
            end,
            [(depth, *span) for depth, span in enumerate(spans[sorted_by:], sorted_by)] if begin < end else [],
        )

    def _word_at(self, depth: int) -> Callable[[int], int]:
        suffixes, words = self._headlines.suffixes, self._headlines.words
        return lambda place: int(words[int(suffixes[place]) + depth])

    def _goes_on(self, place: int, rest: Sequence[tuple[int, int, int]]) -> bool:
        # A word of one headline is never taken for one of the next: the 0 between them lies in no range.
        return all(low <= self._word_at(depth)(place) < high for depth, low, high in rest)

    def __iter__(self) -> Iterator[Idea]:
        """Yield all ideas."""
        return iter(self._of(np.arange(len(self._ideas.keys))))
