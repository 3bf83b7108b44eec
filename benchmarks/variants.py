"""The ranking step by step, and with each of its constants switched off, as data.

A new constant of ``search.ranking.Ranking`` is one line here: in ``STAGES`` where it is a step of its own, in
``ABLATIONS`` in any case. What is changed is given by field names, as ``dataclasses.replace`` takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from search.ranking import RANKING, Ranking

Changes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """A ranking and what it is called in the tables."""

    label: str
    ranking: Ranking


BASE = "folded words only"

STAGES: tuple[tuple[str, Changes], ...] = (
    ("+ word families", {"family": 0}),
    ("+ exact spelling by itself", {"exact": 0.0}),
    ("+ long words tell more", {"length": 0.0}),
    ("+ how many of the words there are", {"coverage": 0.0}),
    ("+ early words and nearness (second pass)", {"window": 0}),
    ("+ harakat of query words", {"vocalised_agree": 0.0, "vocalised_disagree": 0.0}),
)
"""What each step adds, and the changes that take it away again. The last step is the ranking as it is shipped."""

ABLATIONS: tuple[tuple[str, Changes], ...] = (
    ("word families", {"family": 0}),
    *((f"forms by {kind}", {"kinds": {**RANKING.kinds, kind: 0.0}}) for kind in RANKING.kinds if kind != "exact"),
    ("exact spelling by itself", {"exact": 0.0}),
    ("long words tell more", {"length": 0.0}),
    ("how many of the words there are", {"coverage": 0.0}),
    ("the second pass", {"window": 0}),
    ("a second pass over twice as many", {"window": 2 * RANKING.window}),
    ("early words", {"early": 0.0}),
    ("nearness", {"proximity": 0.0}),
    ("harakat of query words", {"vocalised_agree": 0.0, "vocalised_disagree": 0.0}),
    ("weight of the title", {"weights": {"title": 1.0}}),
    ("length of the title", {"b": {**RANKING.b, "title": 0.0}}),
    ("length of the body", {"b": {**RANKING.b, "body": 0.0}}),
    ("saturation (k1 = 100)", {"k1": 100.0}),
)
"""What is switched off, and the changes that do so, each by itself. ``phrase`` counts in quoted queries alone."""


def steps() -> Iterator[Variant]:
    """Yield the ranking from its base to all of its steps."""
    for count in range(len(STAGES) + 1):
        away: dict[str, Any] = {}
        for _, changes in STAGES[count:]:
            away.update(changes)
        yield Variant(STAGES[count - 1][0] if count else BASE, replace(RANKING, **away))


def ablations() -> Iterator[Variant]:
    """Yield the ranking with one thing switched off at a time."""
    for label, changes in ABLATIONS:
        yield Variant(label, replace(RANKING, **changes))
