"""The vocalised words of texts as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from index.arabic.plain import PlainWords
from index.arabic.vowels import SEPARATOR, pattern, vocalised
from index.codec.interning import Interner

_PER_WORD = 200
"""Bytes that a distinct word takes in the table, about."""


class Vocalisations:
    """The distinct vocalised words of all texts it was given, numbered from 0 in no order that means anything."""

    def __init__(self) -> None:
        self._written = Interner()  # words with all marks that they carry
        self._numbers_of_written = np.zeros(0, np.int32)  # what is left of each: many differ in case endings alone
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def size(self) -> int:
        """Bytes that are held, about."""
        return self._written.size + len(self._numbers) * _PER_WORD

    def read(self, plain: PlainWords, texts: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the vocalised words of the first so many texts, and how many each of them has.

        They are those of ``index.arabic.vocalised``, in any order within a text.
        """
        ends = np.cumsum(plain.counts[:texts])
        words = int(ends[-1]) if texts else 0
        numbers = self._known(self._written.numbers(*plain.vocalised(words)))
        places = np.searchsorted(ends, plain.marked[: len(numbers)], "right")
        pieces = int(np.searchsorted(plain.piece_texts, texts))
        found = [vocalised(piece) for piece in plain.pieces[:pieces]]
        if any(found):
            others = [self._number(word) for piece in found for word in piece]
            numbers = np.append(numbers, np.array(others, np.int32))
            sizes = [len(piece) for piece in found]
            places = np.append(places, np.repeat(plain.piece_texts[:pieces], sizes))
            order = np.argsort(places, kind="stable")
            numbers, places = numbers[order], places[order]
        telling = numbers >= 0
        return numbers[telling], np.bincount(places[telling], minlength=texts).astype(np.int32)

    def _known(self, written: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the numbers of words as they were written, -1 for those of which nothing is left."""
        first = len(self._numbers_of_written)
        if len(self._written) > first:
            added = [self._left(word.decode()) for word in self._written.strings(first)]
            self._numbers_of_written = np.append(self._numbers_of_written, np.array(added, np.int32))
        return self._numbers_of_written[written]

    def _left(self, written: str) -> int:
        word, _, marks = written.partition(SEPARATOR)
        telling = pattern(word, marks)
        return self._number(f"{word}{SEPARATOR}{telling}") if telling else -1

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    def words(self, first: int = 0) -> Sequence[bytes]:
        """Return the words by their numbers, from ``first`` on, in UTF-8."""
        return [word.encode() for word in islice(self._numbers, first, None)]
