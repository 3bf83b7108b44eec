"""How words can be forms of one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["exact", "spelling", "lemma", "verb", "plural", "stem", "skeleton", "similar"]
"""How a word of a family is related to the word that was looked up, the closest first.

``exact``: the same folded word. ``spelling``: another spelling of it. ``lemma``: another form, as far as a lexicon
vouches for it. ``verb``: a form of the same verb, past or present. ``plural``: broken plural and singular. ``stem``:
what is left without affixes is the same. ``skeleton``: of that, the consonants are. ``similar``: of that, many trigrams
are (``likeness``), and it is the only kind with a similarity of its own.
"""

NEAR = 0.5
"""Kin whose closeness is less come after all others, however frequent they are."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Kin:
    """A word of a family.

    ``kind``: the closest by which it is related. ``similarity``: how alike the words are (0–1) beyond that.
    ``count``: in how many documents the word stands, each field counted by itself.
    """

    word: str
    kind: Kind
    similarity: float
    count: int
