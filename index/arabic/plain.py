"""The words of many texts at once, for indexing: plain ones by a compiled loop, and where the others stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic.tokens import MARK, MAX_TOKEN_LENGTH, POINT, RARE, SPACE, plain_letters
from index.arabic.vowels import CODES, MARKS, SEPARATOR, SHADDA, VOWEL
from index.compilation import I32, I64, U8, U16, Array, kernel, read, written

_LETTERS = np.array(plain_letters(), np.uint16)
_LETTERS[0xD800:0xE000] = RARE  # halves of a character beyond U+FFFF, which may be a letter
_PRIVATE = 0xE000
"""Where ASCII signs go in ``pieces``: beyond the digits they would pass for Latin letters."""

_SIGNS = [code for code in range(ord("9") + 1, 128) if not chr(code).isalnum()]
_WRITTEN = np.where(_LETTERS == SPACE, SPACE, np.arange(1 << 16)).astype(np.uint16)
_WRITTEN[: RARE + 1] = _WRITTEN[_PRIVATE : _PRIVATE + 128] = _WRITTEN[0xD800:0xE000] = RARE
_WRITTEN[_SIGNS] = np.array(_SIGNS) + _PRIVATE
_BACK = {chr(code + _PRIVATE): chr(code) for code in _SIGNS}
_ZERO, _NINE, _HAMZA, _ALEF = map(ord, "09ءا")
_ASCII_END = 128
_LATIN, _ARABIC = 1, 2
_TEXT, _BEGIN, _END, _BEFORE = range(4)
_WORDS, _PIECES, _MARKED = range(3)

_BITS = np.zeros(1 << 16, np.uint8)
_BITS[[ord(mark) for mark in MARKS]] = list(MARKS.values())
_CODES = np.frombuffer(CODES, np.uint8)
_SEPARATOR = ord(SEPARATOR)


@dataclass(frozen=True, slots=True, eq=False)
class PlainWords:
    """What is in some texts: their plain words (see ``plain_letters``), and the pieces that hold others.

    ``units`` u16: the folded words one after the other, in UTF-16; word ``i`` ends at ``ends[i]`` (i64).
    ``counts`` i32: plain words by text. ``pieces``: what stands between spaces and is for ``words`` to read; none of
    its words is among the plain ones. ``piece_texts``, ``piece_places`` i32: the text of each piece, and how many plain
    words of all texts stand before it. ``marked`` i32: which of the words carry harakat, ascending, and ``marks`` u8:
    those of every letter of ``units``, as ``vowels.MARKS`` has them.
    """

    units: NDArray[np.uint16]
    ends: NDArray[np.int64]
    counts: NDArray[np.int32]
    pieces: Sequence[str]
    piece_texts: NDArray[np.int32]
    piece_places: NDArray[np.int32]
    marked: NDArray[np.int32]
    marks: NDArray[np.uint8]

    def vocalised(self, words: int) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """Return those of the first so many words that carry harakat, packed as ``units`` and ``ends`` are.

        Each is the word, ``vowels.SEPARATOR``, and for each letter the character of its marks.
        """
        chosen = self.marked[: np.searchsorted(self.marked, words)]
        begins = np.where(chosen > 0, self.ends[chosen - 1], 0)
        ends = np.cumsum((self.ends[chosen] - begins) * 2 + 1)
        units = np.empty(int(ends[-1]) if len(ends) else 0, np.uint16)
        _write_out(self.units, begins, self.ends, self.marks, chosen, _CODES, units)
        return units, ends


def plain_words(texts: Sequence[str]) -> PlainWords:
    """Find and fold the plain words of the texts. None may hold half of a surrogate pair."""
    return _read(texts, _LETTERS)


def pieces(texts: Sequence[str]) -> PlainWords:
    """Find what stands between spaces, as it is written: nearly all as words, coded as ``as_written`` reads it.

    Those that mix scripts and those of rare characters are ``pieces`` of the answer.
    """
    return _read(texts, _WRITTEN)


def as_written(piece: str) -> str:
    """Return a piece as it was written; also several with spaces between."""
    for coded, sign in _BACK.items():  # few are there: looking for each is faster than a look at every letter
        piece = piece.replace(coded, sign)
    return piece


def _read(texts: Sequence[str], letters: NDArray[np.uint16]) -> PlainWords:
    units, text_ends = _encoded(texts)
    folded = np.empty_like(units)
    most = (len(units) + len(texts)) // 2
    ends = np.empty(most, np.int64)
    counts = np.empty(len(texts), np.int32)
    others = np.empty((most, 4), np.int32)
    marked = np.empty(most, np.int32)
    marks = np.zeros(len(units), np.uint8)  # of texts without harakat no page of it is touched
    totals = np.empty(3, np.int64)
    _fold(units, text_ends, letters, _BITS, folded, ends, counts, others, marked, marks, totals)
    others = others[: totals[_PIECES]]
    return PlainWords(
        folded,
        ends[: totals[_WORDS]],
        counts,
        [units[begin:end].tobytes().decode("utf-16-le") for begin, end in others[:, [_BEGIN, _END]].tolist()],
        others[:, _TEXT],
        others[:, _BEFORE],
        marked[: totals[_MARKED]],
        marks,
    )


def _encoded(texts: Sequence[str]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return the UTF-16 code units of the texts, and where each text ends."""
    data = "".join(texts).encode("utf-16-le")
    ends = np.fromiter(accumulate(map(len, texts)), np.int64, len(texts))
    if len(texts) and ends[-1] * 2 != len(data):  # some character takes two units
        ends = np.cumsum([len(text.encode("utf-16-le")) // 2 for text in texts], dtype=np.int64)
    return np.frombuffer(data, np.uint16), ends


@kernel(types.boolean(read(U16), read(U16), I64, I64, I64), inline="always")
def _digit(units: Array, letters: Array, place: int, begin: int, end: int) -> bool:
    """Tell whether a digit stands at a place of the text between ``begin`` and ``end``."""
    return begin <= place < end and letters[units[place]] >= _ZERO and letters[units[place]] <= _NINE


@kernel(
    types.void(
        read(U16), read(I64), read(U16), read(U8), written(U16), written(I64), written(I32), written(I32, 2),
        written(I32), written(U8), written(I64),
    )
)  # fmt: skip
def _fold(
    units: Array,
    text_ends: Array,
    letters: Array,
    bits: Array,
    folded: Array,
    ends: Array,
    counts: Array,
    pieces: Array,
    marked: Array,
    marks: Array,
    totals: Array,
) -> None:
    """Fold the plain words, list those with harakat and the pieces that hold others than plain ones.

    ``totals`` [3]: how many there are of the three.
    """
    words = size = found = with_marks = 0
    text_begin = 0
    for text in range(len(text_ends)):
        text_end = text_ends[text]
        text_words = words
        piece, piece_words, piece_size = text_begin, words, size  # of the piece between spaces: what was before it
        piece_with_marks = with_marks
        has_marks = False  # the word does
        rare = False  # it is not for us
        start = end = 0  # of the word, once it has a letter
        word_size = size
        script = 0
        last = np.uint16(0)
        for place in range(text_begin, text_end + 1):
            letter = letters[units[place]] if place < text_end else np.uint16(SPACE)
            if letter > RARE:
                if size == word_size:
                    start = place
                    script = 0
                    last = np.uint16(0)
                end = place + 1
                folded[size] = letter
                size += 1
                if letter > _NINE:
                    script |= _LATIN if letter < _ASCII_END else _ARABIC
                rare = rare or (last == _HAMZA and letter == _ALEF)
                last = letter
            elif letter == MARK:
                end = place + 1
                more = bits[units[place]]
                if more and size > word_size:
                    # As with_bits in vowels: written out, as that is no kernel.
                    marks[size - 1] |= more & SHADDA if marks[size - 1] & VOWEL else more
                    has_marks = True
            elif letter == RARE:
                rare = True
            else:
                if size > word_size:
                    rare = rare or script == _LATIN | _ARABIC or end - start > MAX_TOKEN_LENGTH
                    ends[words] = word_size = size
                    if has_marks:
                        marked[with_marks] = words
                        with_marks += 1
                        has_marks = False
                    words += 1
                if letter == POINT:
                    rare = rare or (
                        _digit(units, letters, place - 1, text_begin, text_end)
                        and _digit(units, letters, place + 1, text_begin, text_end)
                    )
                elif letter == SPACE:
                    if rare:
                        if with_marks > piece_with_marks:
                            marks[piece_size:size] = 0
                            with_marks = piece_with_marks
                        words, size = piece_words, piece_size
                        word_size = size
                        pieces[found, _TEXT], pieces[found, _BEGIN] = text, piece
                        pieces[found, _END], pieces[found, _BEFORE] = place, words
                        found += 1
                        rare = False
                    piece, piece_words, piece_size = place + 1, words, size
                    piece_with_marks = with_marks
        counts[text] = words - text_words
        text_begin = text_end
    totals[_WORDS], totals[_PIECES], totals[_MARKED] = words, found, with_marks


@kernel(types.void(read(U16), read(I64), read(I64), read(U8), read(I32), read(U8), written(U16)))
def _write_out(
    letters: Array, begins: Array, ends: Array, marks: Array, chosen: Array, codes: Array, units: Array
) -> None:  # fmt: skip
    """Write the chosen words, each with its marks behind it; ``begins`` are those of the chosen."""
    to = 0
    for which in range(len(chosen)):
        begin, end = begins[which], ends[chosen[which]]
        size = end - begin
        for place in range(size):
            units[to + place] = letters[begin + place]
            units[to + size + 1 + place] = codes[marks[begin + place]]
        units[to + size] = _SEPARATOR
        to += 2 * size + 1
