"""The constants of the score, as data for every engine.

A word's score is BM25F (Robertson, Zaragoza and Taylor 2004, "Simple BM25 Extension to Multiple Weighted Fields") over
its family: the frequencies of all its forms in all fields are divided by each field's length normalisation, weighted by
form and field and added, and only then saturated. The exact spelling is reckoned once more by itself, as evidence that
the very word was written. The inverse document frequency is Lucene's, ln(1 + (N − n + ½) / (n + ½)), never negative.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from index.families import Kin, Kind

MATCHING = 0.5
"""A document matches a word through forms of this weight or more; lighter ones only add to its score."""


_KINDS: Mapping[Kind, float] = {
    "exact": 1.0, "spelling": 1.0, "lemma": 1.0, "verb": 0.6, "plural": 0.6, "stem": 0.6, "skeleton": 0.2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the score is reckoned with.

    ``k1``: saturation. ``weights`` and ``b``: weight and length normalisation (0–1) by field; fields that are not
    named weigh 1 and are not normalised. ``kinds``: weight of a form by its kind, times its similarity. ``others``:
    what the forms of an alternative of the word count, times their own weights, by its kind. ``exact``:
    weight of the exact spelling's own score beside the family's. ``phrase``: weight of an exact phrase beside its
    words' inverse document frequencies. ``family``: most forms of a word beside itself; 0 takes words as they are.
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
    family: int = 63
    recency: float = 0.5
    vocalised_agree: float = 2.0
    vocalised_disagree: float = 0.9

    def __post_init__(self) -> None:
        if self.vocalised_agree < 0 or not 0 <= self.vocalised_disagree < 1:
            raise ValueError("vocalised_agree is 0 at least, and vocalised_disagree from 0 to less than 1")

    def weight(self, kin: Kin) -> float:
        """Return the weight of a form's frequencies."""
        return self.kinds[kin.kind] * kin.similarity

    def rarity(self, size: int, documents: float) -> float:
        """Return the inverse document frequency of what stands in so many of ``size`` documents."""
        return math.log1p((size - documents + 0.5) / (documents + 0.5))


RANKING = Ranking()
"""What both engines use."""
