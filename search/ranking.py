"""The constants of the score, as data for every engine.

A word's score is BM25F (Robertson, Zaragoza and Taylor 2004, "Simple BM25 Extension to Multiple Weighted Fields") over
its family: the frequencies of all its forms in all fields are divided by each field's length normalisation, weighted by
form and field and added, and only then saturated. The exact spelling is reckoned once more by itself, as evidence that
the very word was written. The inverse document frequency is Lucene's, ln(1 + (N − n + ½) / (n + ½)), never negative.
Long words tell more than short ones of the same frequency, which are often of several meanings: it is multiplied by
(letters / 5) ** ``length``.

What an article has of the query's words at all counts besides (``coverage``), so that one that has all of them stands
before one that has some of them often. The ``window`` best are then looked at more closely, and put in order again by
two things more: how early in the body each word stands first (``early``), worth · h / (h + place); and how near one
another the words stand (``proximity``), after Büttcher, Clarke and Lushman (2006, "Term proximity scoring for ad-hoc
retrieval on very large text collections"): two neighbours among a text's words of the query give each the other's worth
over the square of their distance, and what a word is given so is saturated. Only forms of the weight ``located`` and
more are looked for there. The others follow in the order of the first pass.

`make relevance` shows what each part is worth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from index.families import NEAR, Kin, Kind

_USUAL, _SHORTEST, _LONGEST = 5, 2, 10
"""Letters of a usual word, and of those that are taken as the shortest and the longest."""

MATCHING = NEAR
"""A document matches a word through forms of this weight or more; lighter ones only add to its score."""


_KINDS: Mapping[Kind, float] = {
    "exact": 1.0, "spelling": 1.0, "lemma": 1.0, "verb": 0.6, "plural": 0.6, "stem": 0.6, "skeleton": 0.2,
    "similar": 0.25,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the score is reckoned with.

    ``k1``: saturation. ``weights`` and ``b``: weight and length normalisation (0–1) by field; fields that are not
    named weigh 1 and are not normalised. ``kinds``: weight of a form by its kind, times its similarity. ``others``:
    what the forms of an alternative of the word count, times their own weights, by its kind. ``exact``:
    weight of the exact spelling's own score beside the family's. ``phrase``: weight of an exact phrase beside its
    words' inverse document frequencies. ``family``: most forms of a word beside itself; 0 takes words as they are,
    and nothing else answers them.

    ``length``: see above; 0 makes all words alike. ``coverage``: what all words of the query together are worth by
    being there; of some of them their share. ``window``: how many of the best articles get a second look; 0: none.
    ``early``: what a word is worth at the very beginning of the body, in units of its inverse document frequency;
    ``early_words``: after how many words it is half as much. ``proximity``: what nearness is worth. ``located``: the
    least weight of forms whose places are looked at, in documents that match by the word.

    ``vocalised_agree``: what is added to the weight of an occurrence, as a share of it, where its harakat agree with
    those of the query word; ``vocalised_disagree``: what is taken off where they do not, less than all of it, so that
    no article is lost.
    ``recency``: how far apart the factors of the newest and the oldest articles are where newer ones are preferred; see
    ``search.preferences``.
    """

    k1: float = 1.2
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"title": 1.5}))
    b: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"title": 0.5, "body": 0.6}))
    kinds: Mapping[Kind, float] = field(default_factory=lambda: MappingProxyType(_KINDS))
    others: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"synonym": 0.8, "compound": 1.0}))
    exact: float = 0.4
    phrase: float = 1.4
    family: int = 48
    length: float = 0.6
    coverage: float = 7.0
    window: int = 16
    early: float = 0.8
    early_words: float = 20.0
    proximity: float = 1.0
    located: float = 0.35
    recency: float = 0.5
    vocalised_agree: float = 2.0
    vocalised_disagree: float = 0.9

    def __post_init__(self) -> None:
        if not 0 <= self.window <= 255:
            raise ValueError("window is from 0 to 255")
        if self.vocalised_agree < 0 or not 0 <= self.vocalised_disagree < 1:
            raise ValueError("vocalised_agree is 0 at least, and vocalised_disagree from 0 to less than 1")

    def weight(self, kin: Kin) -> float:
        """Return the weight of a form's frequencies."""
        return self.kinds[kin.kind] * kin.similarity

    def telling(self, word: str) -> float:
        """Return what a folded word's inverse document frequency is multiplied by for its length."""
        letters = min(max(len(word), _SHORTEST), _LONGEST)
        return float((letters / _USUAL) ** self.length)

    def presence(self, leaves: int) -> float:
        """Return what each of so many leaves of a query is worth by being there at all."""
        return self.coverage / leaves if leaves > 1 else 0.0

    @property
    def looks_twice(self) -> bool:
        """Whether there is a second pass."""
        return self.window > 0 and (self.early != 0 or self.proximity != 0)

    def rarity(self, size: int, documents: float) -> float:
        """Return the inverse document frequency of what stands in so many of ``size`` documents."""
        return math.log1p((size - documents + 0.5) / (documents + 0.5))


RANKING = Ranking()
"""What both engines use."""
