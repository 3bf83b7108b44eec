"""Texts as numbers of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.arabic import words
from index.arabic.plain import plain_words
from index.codec.interning import Interner


class Vocabulary:
    """The distinct words of all texts it was given, numbered from 0 in no order that means anything."""

    def __init__(self) -> None:
        self._words = Interner()

    def __len__(self) -> int:
        return len(self._words)

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._words.size

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the words of the texts, as ``index.arabic.words`` gives them, and how many each text has."""
        plain = plain_words(texts)
        numbers = self._words.numbers(plain.units, plain.ends)
        if not plain.pieces:
            return numbers, plain.counts
        found = [words(piece) for piece in plain.pieces]
        counts = np.array([len(piece) for piece in found], np.int32)
        others = self._words.numbers_of([word for piece in found for word in piece])
        np.add.at(plain.counts, plain.piece_texts, counts)
        return np.insert(numbers, np.repeat(plain.piece_places, counts), others), plain.counts

    def words(self) -> list[bytes]:
        """Return the words by their numbers, in UTF-8."""
        return self._words.strings()
