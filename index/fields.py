"""The field type of the index's texts, and how a word's occurrences travel through Whoosh's own interfaces.

Whoosh's formats drive an analyzer object a token and pickle a list a posting. Here the words are found by the one
analysis, and positions are plain arrays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from whoosh.fields import FieldType
from whoosh.formats import Positions

from index.arabic import words


class WordPositions(Positions):  # type: ignore[misc]
    """Positions as an array of native 32-bit unsigned integers, counted in words from 0."""

    def word_values(
        self, value: Sequence[str], analyzer: object, **kwargs: object
    ) -> Iterator[tuple[str, int, float, bytes]]:
        """Yield word, frequency, weight (the same) and encoded positions for each distinct word of ``value``."""
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


class Words(FieldType):  # type: ignore[misc]
    """A text, indexed as its folded words with their positions and stored as it is."""

    def __init__(self) -> None:
        self.format = WordPositions()
        self.analyzer: Any = None
        self.scorable = True
        self.stored = True
        self.unique = False
        self.vector = None
        self.column_type = None

    def index(self, value: str, **kwargs: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield the postings of a text, with their words encoded."""
        for word, frequency, weight, encoded in self.format.word_values(words(value), None):
            yield word.encode("utf-8"), frequency, weight, encoded
