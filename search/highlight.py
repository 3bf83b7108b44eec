"""Marks on the original text: which of its words a query matched, and the fragments that show it best.

The text is read as it was indexed, so that a mark covers exactly a word as it was written, with all its marks and
tatweel, and never a part of one (which could break the joining of letters).
"""

from __future__ import annotations

from collections.abc import Mapping

from index.arabic import tokenize
from search.expansion import recognizer
from search.fragments import best_fragments, marked_ranges, opening, whole_units
from search.query import Leaf, Query
from search.results import Fragment
from search.sightings import Recognizer, Sought

_LOOKED_AT = 200_000
"""Code points of a text that are marked and that fragments are taken from: a book of 35,000 words."""

_WEIGHED = 1000
"""Marked words of a text that are weighed for fragments."""


class Marker:
    """Finds a query's words in texts; may be shared by threads.

    ``weights`` says how telling each leaf is (1 where it is missing). ``recognize`` gives the forms of a query word
    that count as the word, all of them or a test for them.
    """

    def __init__(
        self, query: Query, weights: Mapping[Leaf, float] | None = None, recognize: Recognizer = recognizer
    ) -> None:
        self._leaves = list(dict.fromkeys(query.leaves()))
        self._weights = [whole_units((weights or {}).get(leaf, 1.0)) for leaf in self._leaves]
        self._fields = frozenset(leaf.field for leaf in self._leaves)
        self._recognize = recognize
        self._sought: dict[str, Sought] = {}

    def ranges(self, field: str, text: str) -> tuple[tuple[int, int], ...]:
        """Return the half-open code-point ranges of the words in a field's text that the query matched."""
        return marked_ranges(self._in(field).sightings(_beginning(text)))

    def whole(self, field: str, text: str) -> Fragment:
        """Return a field's whole text as one marked fragment."""
        return Fragment(text, self.ranges(field, text))

    def fragments(self, field: str, text: str) -> tuple[Fragment, ...]:
        """Return the pieces of a long text that show the query best, the best first.

        Where nothing in it matched, its beginning, unmarked. Empty for a text without words.
        """
        beginning = _beginning(text)
        sightings = self._in(field).sightings(beginning)[:_WEIGHED]
        if sightings:
            return best_fragments(text, sightings, self._weights)
        first = next(tokenize(beginning), None)
        return (opening(text, first.start),) if first else ()

    def _in(self, field: str) -> Sought:
        """Return what is asked of a field."""
        asked = field if field in self._fields else ""
        sought = self._sought.get(asked)
        if sought is None:
            leaves = [(number, leaf) for number, leaf in enumerate(self._leaves) if leaf.field in ("", asked)]
            sought = self._sought[asked] = Sought(leaves, self._recognize)
        return sought


def _beginning(text: str) -> str:
    """Return as much of a text as is looked at, cut at a space."""
    if len(text) <= _LOOKED_AT:
        return text
    space = max(text.rfind(" ", 0, _LOOKED_AT), text.rfind("\n", 0, _LOOKED_AT))
    return text[: space if space > 0 else _LOOKED_AT]
