"""What texts are made of between spaces, each distinct piece read once, and the words in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.arabic import fold, tokenize
from index.arabic.plain import as_written, pieces, plain_words
from index.arabic.vowels import MARKS
from index.codec.interning import Interner
from index.completions.spans import places_of

_EDGES = ".,:;!?\"'()[]{}«»،؛؟…-–—“”‘’/\\|*•%"

Stream: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32]]
"""The numbers of pieces, line after line, and how many each line has."""


class Pieces:
    """The distinct pieces of texts, numbered."""

    def __init__(self) -> None:
        self._pieces = Interner()

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._pieces.size

    def read(self, lines: Sequence[str]) -> Stream:
        """Return the pieces of some lines."""
        found = pieces(lines)
        numbers = self._pieces.numbers(found.units, found.ends)
        if found.pieces:
            np.add.at(found.counts, found.piece_texts, 1)
            numbers = np.insert(numbers, found.piece_places, self._pieces.numbers_of(found.pieces))
        return numbers, found.counts

    def analysed(self) -> ReadPieces:
        """Return the pieces with their words."""
        coded = b" ".join(self._pieces.strings()).decode()
        return ReadPieces(as_written(coded).split(" ") if coded else [])


class ReadPieces:
    """Pieces and their words.

    ``words``: numbers the distinct ones, folded. ``flat``: the words of all pieces, by number, one piece after the
    other. ``of_flat``: the pieces that they stand in.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._pieces = texts
        self._forms: dict[tuple[int, str], str] = {}
        plain = plain_words(texts)
        self.words = Interner()
        flat = self.words.numbers(plain.units, plain.ends)
        # Pieces hold no spaces: what is not plain in one is all of it.
        others = [[token.text for token in tokenize(piece)] for piece in plain.pieces]
        counts = np.array([len(each) for each in others], np.int32)
        numbers = self.words.numbers_of([word for each in others for word in each])
        self._sizes = plain.counts
        np.add.at(self._sizes, plain.piece_texts, counts)
        self.flat = np.insert(flat, np.repeat(plain.piece_places, counts), numbers)
        self.of_flat = np.repeat(np.arange(len(texts)), self._sizes)
        self._begins = np.cumsum(self._sizes, dtype=np.int64) - self._sizes

    def sizes(self, stream: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return how many words each piece of a stream has."""
        return self._sizes[stream]

    def words_of(self, stream: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the words of a stream of pieces."""
        return self.flat[places_of(self._begins[stream], self._sizes[stream])]

    def only_words(self) -> NDArray[np.int32]:
        """Return for each piece its word where it has one, else -1."""
        return np.where(self._sizes == 1, np.append(self.flat, -1)[self._begins], -1).astype(np.int32)

    def bare(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return for each piece whether a letter or digit stands first in it, and one, or a mark of one, last."""
        ends = [np.array([ord(piece[at]) for piece in self._pieces]) for at in (0, -1)]
        letters = [code for code in np.unique(np.concatenate(ends)).tolist() if chr(code).isalnum()]
        return np.isin(ends[0], letters), np.isin(ends[1], [*letters, *map(ord, MARKS)])

    def form(self, piece: int, word: str) -> str:
        """Return how a word is written in a piece that holds it; of half a ligature the empty string."""
        form = self._forms.get((piece, word))
        if form is None:
            form = self._forms[piece, word] = self._form(piece, word)
        return form

    def _form(self, piece: int, word: str) -> str:
        stripped = self._pieces[piece].strip(_EDGES)
        if len(stripped) == len(word) and stripped.isalpha():  # nothing but the word's letters
            return stripped
        tokens = (stripped[token.start : token.end] for token in tokenize(stripped))
        return next((form for form in tokens if fold(form) == word), "")
