"""Counting the words and phrases of streams of pieces: each under its key, in the spelling that is seen most often."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.arabic.particles import ARTICLE, SAYING_NOTHING, SHORTEST_WITH_ARTICLE
from index.codec.interning import Interner
from index.completions.ideas import MOST_PHRASES, MOST_WORDS, Ideas, scored
from index.completions.pieces import ReadPieces, Stream
from index.completions.spans import places_of

_REPEATED = 2
"""How often two words must stand together to be a phrase."""

_HIGH = np.int64(32)
_LOW = np.int64(0xFFFF_FFFF)
_UNIT = 2
"""Bytes of a letter in UTF-16."""


class Counting:
    """What stands in headlines and texts.

    ``keys``: the folded words without the article. ``of_words``: by word the place of its key there.
    """

    def __init__(self, pieces: ReadPieces, streams: Sequence[Stream]) -> None:
        self._pieces = pieces
        self._streams = streams
        vocabulary = pieces.words
        count = len(vocabulary)
        # The strings that say nothing are a closed set; those that are new to the vocabulary get numbers behind it.
        nothing = vocabulary.numbers_of(SAYING_NOTHING)
        self._words = [word.decode() for word in vocabulary.strings()[:count]]
        units = np.frombuffer("".join(self._words).encode("utf-16-le"), np.uint16)
        sizes = np.array([len(word) for word in self._words], np.int64)
        if sizes.sum() != len(units):
            sizes = np.array([len(word.encode("utf-16-le")) // _UNIT for word in self._words], np.int64)
        begins = np.cumsum(sizes) - sizes
        first, second = (units[np.minimum(begins + at, len(units) - 1)] for at in range(2))
        self._definite = (first == ord(ARTICLE[0])) & (second == ord(ARTICLE[1])) & (sizes >= SHORTEST_WITH_ARTICLE)
        begins, sizes = begins + 2 * self._definite, sizes - 2 * self._definite
        keys = Interner()
        self.of_words = keys.numbers(units[places_of(begins, sizes)], np.cumsum(sizes))
        self.keys = [key.decode() for key in keys.strings()]
        digits = np.append(0, np.cumsum((units >= ord("0")) & (units <= ord("9"))))
        self._telling = (sizes > 1) & (digits[begins + sizes] == digits[begins])
        self._telling[nothing[nothing < count]] = False

    def words(self) -> Ideas:
        """Return the words that say something."""
        flat = np.flatnonzero(self._telling[self._pieces.flat])
        words, pieces = self._pieces.flat[flat], self._pieces.of_flat[flat]
        counts = [np.bincount(found, minlength=pieces.max(initial=0) + 1)[pieces] for found, _ in self._streams]
        return self._grouped(
            self.of_words[words].astype(np.int64), counts, self._definite[words], 1, MOST_WORDS,
            lambda group: self.keys[group],
            lambda place: self._pieces.form(int(pieces[place]), self._words[words[place]]),
        )  # fmt: skip

    def phrases(self) -> Ideas:
        """Return the pairs of such words that stand together more than once, with nothing but a space between them."""
        words = self._pieces.only_words()
        telling = (words >= 0) & np.append(self._telling, False)[words]
        before, after = self._pieces.bare()
        seen = [_pairs(stream, telling & after, telling & before) for stream in self._streams]
        pairs, totals = _distinct(np.concatenate(seen))
        pairs = pairs[totals >= _REPEATED]  # in one spelling: of others the most frequent one would be a rare one
        counts = []
        for each in seen:
            found, sizes = _distinct(each)
            places = np.minimum(np.searchsorted(pairs, found), max(0, len(pairs) - 1))
            known = pairs[places] == found if len(pairs) else np.zeros(len(found), np.bool_)
            counts.append(np.zeros(len(pairs), np.int64))
            counts[-1][places[known]] = sizes[known]
        firsts, seconds = words[pairs >> _HIGH], words[pairs & _LOW]
        groups = self.of_words[firsts].astype(np.int64) << _HIGH | self.of_words[seconds]
        halves = ((pairs >> _HIGH, firsts), (pairs & _LOW, seconds))
        return self._grouped(
            groups, counts, self._definite[firsts], _REPEATED, MOST_PHRASES,
            lambda group: f"{self.keys[group >> 32]} {self.keys[group & 0xFFFF_FFFF]}",
            lambda place: " ".join(self._pieces.form(int(p[place]), self._words[w[place]]) for p, w in halves),
        )  # fmt: skip

    def _grouped(
        self,
        groups: NDArray[np.int64],
        counts: Sequence[NDArray[np.int64]],
        definite: NDArray[np.bool_],
        least: int,
        most: int,
        key: Callable[[int], str],
        shown: Callable[[int], str],
    ) -> Ideas:
        """Make an idea of each group, shown as its most frequent member; return the ``most`` that rank best.

        ``groups``: the group of each member. ``counts``: of each member in headlines and in texts. ``least``: how often
        a group must be seen.
        """
        totals = counts[0] + counts[1]
        order = np.lexsort((-totals, groups))
        firsts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        headlines, texts, articles = (
            np.add.reduceat(each[order], firsts) if len(firsts) else firsts for each in (*counts, totals * definite)
        )
        kept = np.flatnonzero(headlines + texts >= least)
        kept = kept[np.argsort(-scored(headlines, texts)[kept], kind="stable")[:most]]
        forms = [shown(place) for place in order[firsts[kept]].tolist()]
        kept = kept[np.array([bool(form) for form in forms], np.bool_)]
        heads = order[firsts[kept]]
        return Ideas.of(
            [key(group) for group in groups[heads].tolist()],
            [form for form in forms if form],
            totals[heads], headlines[kept], texts[kept], articles[kept],
        )  # fmt: skip


def _pairs(stream: Stream, can_be_first: NDArray[np.bool_], can_be_second: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the pairs of pieces that stand together in a line, the first in the upper half of a number."""
    pieces, sizes = stream
    follows = np.ones(len(pieces) + 1, np.bool_)
    follows[np.cumsum(sizes)] = False
    places = np.flatnonzero(can_be_first[pieces[:-1]] & can_be_second[pieces[1:]] & follows[1:-1])
    return pieces[places].astype(np.int64) << _HIGH | pieces[places + 1]


def _distinct(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct values, ascending, and how often each is there."""
    ordered = np.sort(values)
    firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[firsts], np.diff(firsts, append=len(ordered))
