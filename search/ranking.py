"""The constants of the score, as data for every engine.

A word's score is BM25F (Robertson, Zaragoza and Taylor 2004, "Simple BM25 Extension to Multiple Weighted Fields"): its
frequencies are divided by each field's length normalisation, weighted and added over the fields, and only then
saturated. It is reckoned twice, over the stem, which finds every form, and over the exact spelling, which says that the
very word was written; their weighted sum is the word's score. The inverse document frequency is Lucene's,
ln(1 + (N − n + ½) / (n + ½)), which is never negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from search.expansion import Kind


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the score is reckoned with.

    ``k1``: saturation. ``weights`` and ``b``: weight and length normalisation (0–1) by field; fields that are not
    named weigh 1 and are not normalised. ``kinds``: weight of a word's score by kind of form.
    ``phrase``: weight of an exact phrase beside its words' inverse document frequencies.
    """

    k1: float = 1.2
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"title": 1.5}))
    b: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"title": 0.5, "body": 0.6}))
    kinds: Mapping[Kind, float] = field(default_factory=lambda: MappingProxyType({"stem": 1.0, "exact": 0.4}))
    phrase: float = 1.4

    def only_exact(self) -> float:
        """Return the weight of what can be found in one spelling only: as much as that of all kinds together."""
        return sum(self.kinds.values())


RANKING = Ranking()
"""What both engines use."""
