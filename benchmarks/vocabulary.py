"""How a vocabulary grows with the text: Heaps' law, V = K·Nᵝ distinct words among N, fitted and carried on.

Carrying on: a text of N₀ words with V₀ different ones shows the head of an endless Zipf distribution, p(r) ∝ r⁻ᵃ with
a = 1/β, whose distinct words grow as Nᵝ. The words not yet seen are its ranks beyond V₀: the one numbered k = 0, 1, …
has p(k) ∝ (1 + k/V₀)⁻ᵃ, so that P(K ≥ k) = (1 + k/V₀)^(1−a). ``Tail`` draws from it, and says how often one must so
that the vocabulary goes on growing as V₀·(N/N₀)ᵝ.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Point:
    """So many articles hold ``tokens`` words, ``distinct`` of them different."""

    articles: int
    tokens: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Law:
    """Growth as V₀·(N/N₀)ᵝ from a known point."""

    origin: Point
    beta: float

    def distinct(self, tokens: int) -> float:
        """Different words to be expected among so many."""
        return float(self.origin.distinct * (tokens / self.origin.tokens) ** self.beta)


def curve(texts: Iterable[Sequence[str]], marks: Sequence[int]) -> Iterator[Point]:
    """Yield a point whenever so many texts, each a sequence of words, have been read. ``marks`` ascend."""
    seen: set[str] = set()
    tokens = 0
    wanted = iter(marks)
    mark = next(wanted, 0)
    for number, text in enumerate(texts, 1):
        seen.update(text)
        tokens += len(text)
        if number == mark:
            yield Point(number, tokens, len(seen))
            mark = next(wanted, 0)


def fit(points: Sequence[Point]) -> Law:
    """Fit β by least squares over the logarithms; the law starts at the last point."""
    tokens = np.log([point.tokens for point in points])
    distinct = np.log([point.distinct for point in points])
    return Law(points[-1], float(np.polyfit(tokens, distinct, 1)[0]))


class Tail:
    """The words that a text has not shown yet, by number, drawn with the frequencies that Zipf's law gives them."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._size = law.origin.distinct
        self._exponent = 1 / law.beta

    def draw(self, chooser: random.Random) -> int:
        """Draw the number of a word: K = V₀·(u^(−1/(a−1)) − 1) for a uniform u in (0, 1]."""
        uniform = 1.0 - chooser.random()
        return int(self._size * math.expm1(-math.log(uniform) / (self._exponent - 1)))

    def distinct(self, draws: float) -> float:
        """How many different words so many draws are expected to give: the sum over k of 1 − exp(−n·p(k))."""
        # In x = 1 + k/V₀, on a logarithmic grid; beyond its end a word comes with a chance that is linear in p.
        grid = np.geomspace(1.0, 1e9, 4001)
        chance = (self._exponent - 1) / self._size * grid**-self._exponent
        inside = float(np.trapezoid(-np.expm1(-draws * chance), grid)) * self._size
        beyond = draws * float(grid[-1]) ** (1 - self._exponent)
        return float(inside + beyond)

    def share(self, tokens: int) -> float:
        """Which share of the words past the origin to draw from here, for the law to hold again at so many words."""
        more = tokens - self._law.origin.tokens
        wanted = self._law.distinct(tokens) - self._size
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            if self.distinct(middle * more) < wanted:
                low = middle
            else:
                high = middle
        return high
