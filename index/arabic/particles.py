"""What is written together with a word before it: the article, conjunctions and prepositions, of folded words.

For completing words, where being wrong costs a line that nobody chooses. Which words are forms of one another when
articles are found is ``lemma``'s to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.arabic.stopwords import STOP_WORDS

ARTICLE = "ال"
_CONJUNCTIONS = "وف"
_PREPOSITIONS = "بكل"
PARTICLES = _CONJUNCTIONS + _PREPOSITIONS
_TO_THE = "لل"
SHORTEST_WITH_ARTICLE = 4
"""Letters that a word must have for its ال to be taken for the article."""

_LEAST_OF_BASE = 3

SURE, LIKELY, DOUBTFUL = 1, 2, 4
"""How many times as frequent a word must be for what stands before it to be taken for a particle."""


def without_article(word: str) -> str:
    """Return a word without its article, where two letters or more are left: also without an ال that is none."""
    return word[2:] if word.startswith(ARTICLE) and len(word) >= SHORTEST_WITH_ARTICLE else word


def bases(word: str) -> Iterator[tuple[str, int]]:
    """Yield what a word may be without a particle, less its article, and how many times as frequent that must be."""
    if word.startswith(_TO_THE) and len(word) >= len(_TO_THE) + _LEAST_OF_BASE:
        yield word[2:], SURE
    first, rest = word[:1], word[1:]
    if len(rest) < _LEAST_OF_BASE or first not in PARTICLES:
        return
    bare = without_article(rest)
    if bare != rest:
        yield bare, SURE
    else:
        yield rest, LIKELY if first in _CONJUNCTIONS else DOUBTFUL


SAYING_NOTHING = sorted({particle + word for word in STOP_WORDS for particle in ("", *PARTICLES)})
"""Stop words, with a particle before them and without."""
