"""Texts as numbers of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arabic import words
from index.arabic.plain import plain_words
from index.codec.interning import Interner
from index.codec.vocalisations import Vocalisations


class Numbered(NamedTuple):
    """Texts as numbers of words (i32), text after text, and how many each text has (i32); vocalised ones besides."""

    words: NDArray[np.int32]
    counts: NDArray[np.int32]
    vocalised: NDArray[np.int32]
    vocalised_counts: NDArray[np.int32]


class Vocabulary:
    """The distinct words of all texts it was given, numbered from 0 in no order that means anything."""

    def __init__(self) -> None:
        self._words = Interner()
        self.vocalisations = Vocalisations()

    def __len__(self) -> int:
        return len(self._words)

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._words.size + self.vocalisations.size

    def read(self, texts: Sequence[str], vocalised: int) -> Numbered:
        """Return the words of the texts, as ``index.arabic.words`` gives them.

        Of the first ``vocalised`` texts also what ``index.arabic.vocalised`` gives, in any order within a text.
        """
        plain = plain_words(texts)
        numbers = self._words.numbers(plain.units, plain.ends)
        with_marks = self.vocalisations.read(plain, vocalised)
        if not plain.pieces:
            return Numbered(numbers, plain.counts, *with_marks)
        found = [words(piece) for piece in plain.pieces]
        counts = np.array([len(piece) for piece in found], np.int32)
        others = self._words.numbers_of([word for piece in found for word in piece])
        np.add.at(plain.counts, plain.piece_texts, counts)
        return Numbered(np.insert(numbers, np.repeat(plain.piece_places, counts), others), plain.counts, *with_marks)

    def words(self, first: int = 0) -> list[bytes]:
        """Return the words by their numbers, from ``first`` on, in UTF-8."""
        return self._words.strings(first)
