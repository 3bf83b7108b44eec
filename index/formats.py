"""How a word's occurrences in an article are written into Whoosh's postings.

Whoosh's own formats drive an analyzer object a token and pickle a list a posting. These take the words as a list (the
analysis has run once already, for all fields) and write plain arrays, which is also several times smaller.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from whoosh.fields import FieldType
from whoosh.formats import Existence, Positions

Posting = tuple[str, int, float, bytes]
"""A word, its frequency, its weight (the same) and the encoded occurrences."""


class WordPositions(Positions):  # type: ignore[misc]
    """Positions as an array of native 32-bit unsigned integers, counted in words from 0."""

    def word_values(self, value: Sequence[str], analyzer: object, **kwargs: object) -> Iterator[Posting]:
        """Yield one posting for each distinct word of ``value``."""
        positions: dict[str, array[int]] = {}
        for position, word in enumerate(value):
            if word in positions:
                positions[word].append(position)
            else:
                positions[word] = array("I", (position,))
        for word, occurrences in positions.items():
            yield word, len(occurrences), float(len(occurrences)), occurrences.tobytes()

    def encode(self, poslist: Iterable[int]) -> bytes:
        """Return the bytes of a list of positions."""
        return array("I", poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Return the positions in ascending order."""
        return array("I", valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        """Return how many positions there are."""
        return len(valuestring) // array("I").itemsize


class WordCounts(Existence):  # type: ignore[misc]
    """Only how often a word occurs: the posting's weight says it, so that no value is stored at all."""

    def word_values(self, value: Sequence[str], analyzer: object, **kwargs: object) -> Iterator[Posting]:
        """Yield one posting for each distinct word of ``value``."""
        for word, count in Counter(value).items():
            yield word, count, float(count), b""


class Words(FieldType):  # type: ignore[misc]
    """A field that is given its folded words (or stems) as a list, not a text."""

    def __init__(self, positions: bool) -> None:
        self.format = WordPositions() if positions else WordCounts()
        self.analyzer: Any = None
        self.scorable = True
        self.stored = False
        self.unique = False
        self.vector = None
        self.column_type = None

    def index(self, value: Sequence[str], **kwargs: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield the postings with their words encoded."""
        for word, frequency, weight, encoded in self.format.word_values(value, None):
            yield word.encode("utf-8"), frequency, weight, encoded
