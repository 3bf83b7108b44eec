"""From the leaves of a query to units: where their words stand in every segment, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import FIELD_NUMBER, Postings
from index.schema import SCORED
from search.expansion import Expansion, Forms
from search.kernels.resolution import K1, SIZE, find_beginning, find_phrase, find_word
from search.kernels.units import BEGIN, END, FIELD, FORM, LIST
from search.query import Leaf, Phrase, Word

_REMEMBERED = 1 << 16
"""Posting lists of words that are remembered; then all are forgotten."""

_POSTINGS_A_LIST = 16
"""Postings made for a word that are counted as one more list: they take as much room."""

_AFTER = b"\xff"
"""No byte of UTF-8 is 255: a beginning with it at its end stands right after every word that begins so."""

_NO_DOCS = np.zeros(0, np.uint16)
_NO_FREQS = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A leaf with its posting lists; see ``search.kernels.units``.

    ``forms``: of a word, else None. The lists of segment ``s`` are the rows ``starts[s]`` to ``starts[s + 1]``.
    ``docs``, ``freqs``: postings made for the query, to which the rows refer where ``made``, and not to the segment's.
    ``all_match``: whether there is no list that only adds to the score. ``address``: what kernels are given.
    """

    leaf: Leaf
    forms: Forms | None
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    worths: NDArray[np.float64]
    docs: NDArray[np.uint16]
    freqs: NDArray[np.uint8]
    made: bool
    all_match: bool
    described: NDArray[np.int64]
    address: int


def _unit(
    leaf: Leaf, forms: Forms | None, starts: NDArray[np.int64], rows: NDArray[np.int64], weights: NDArray[np.float32],
    worths: NDArray[np.float64], made: tuple[NDArray[np.uint16], NDArray[np.uint8]] | None = None,
) -> Unit:  # fmt: skip
    docs, freqs = made or (_NO_DOCS, _NO_FREQS)
    described = np.array(
        [starts.ctypes.data, rows.ctypes.data, len(rows), weights.ctypes.data, worths.ctypes.data,
         docs.ctypes.data, freqs.ctypes.data, len(docs) if made else -1], np.int64,
    )  # fmt: skip
    all_match = forms is None or forms.all_match
    return Unit(
        leaf, forms, starts, rows, weights, worths, docs, freqs, made is not None, all_match, described,
        described.ctypes.data,
    )  # fmt: skip


class Units:
    """Makes the units of one state of an index, and remembers those of words; may be shared by threads.

    ``table``: see ``search.kernels.segments``; ``constants``: see ``search.kernels.resolution``.
    """

    def __init__(
        self, table: NDArray[np.int64], postings: Sequence[Postings], constants: NDArray[np.float64],
        expansion: Expansion,
    ) -> None:  # fmt: skip
        self._table = table
        self._postings = postings
        self._constants = constants
        self._expansion = expansion
        self._words: dict[Word, Unit] = {}
        self._remembered = 0

    def of(self, leaf: Leaf, counts: NDArray[np.uint32]) -> Unit:
        """Return the unit of a leaf. ``counts``: a zero for each document, and so again in the end."""
        if isinstance(leaf, Word):
            return self._words.get(leaf) or self._word(leaf, counts)
        starts = np.empty(len(self._table) + 1, np.int64)
        worths = np.empty(2)
        fields = _fields(leaf)
        rows = np.empty((len(self._table) * len(fields), LIST), np.int64)
        given = fields, self._constants, starts, rows, worths
        if isinstance(leaf, Phrase):
            words = [word.encode("utf-8", "replace") for word in leaf.words]
            # A word that a phrase repeats is worth something once.
            first_times = np.array([word not in words[:place] for place, word in enumerate(words)], np.uint8)
            made = find_phrase(self._table, *_packed(words), first_times, *given)
        else:
            beginning = leaf.text.encode("utf-8", "replace")
            made = find_beginning(self._table, *_packed([beginning, beginning + _AFTER]), *given, counts)
        return _unit(leaf, None, starts, rows, np.ones(len(rows), np.float32), worths, made)

    def _word(self, word: Word, counts: NDArray[np.uint32]) -> Unit:
        forms = self._expansion.forms_of(word)
        starts = np.empty(len(self._table) + 1, np.int64)
        fields = _fields(word)
        most = len(self._table) * len(fields) * len(forms)
        rows = np.empty((most, LIST), np.int64)
        weights = np.empty(most, np.float32)
        worths = np.empty(2)
        ends = np.zeros(len(forms) + 1, np.uint32)
        forms.sizes.cumsum(out=ends[1:])
        used = find_word(
            self._table, np.frombuffer(forms.data, np.uint8), ends, forms.matches, forms.weights, fields,
            self._constants, starts, rows, weights, worths,
        )  # fmt: skip
        unit = _unit(word, forms, starts, rows[:used].copy(), weights[:used].copy(), worths)
        if forms.phrases:
            unit = self._joined(
                unit, forms, [self.of(Phrase(each.words, word.field), counts) for each in forms.phrases]
            )
        cost = len(unit.rows) + len(unit.docs) // _POSTINGS_A_LIST + 1
        if self._remembered + cost > _REMEMBERED:
            self._words.clear()
            self._remembered = 0
        self._remembered += cost
        self._words[word] = unit
        return unit

    def _joined(self, word: Unit, forms: Forms, phrases: Sequence[Unit]) -> Unit:
        """Return the unit of a word and of phrases that stand for it, which are its last forms."""
        if not any((phrase.rows[:, END] > phrase.rows[:, BEGIN]).any() for phrase in phrases):
            return word
        rows: list[tuple[int, int, int, int, int]] = []
        weights: list[float] = []
        starts = [0]
        docs, freqs = [_NO_DOCS], [_NO_FREQS]
        used = 0
        for segment, postings in enumerate(self._postings):
            for number, unit in enumerate((word, *phrases)):
                source = unit if unit.made else postings
                for place in range(*unit.starts[segment : segment + 2].tolist()):
                    begin, end, field, form, matches = unit.rows[place].tolist()
                    if begin < end:
                        docs.append(source.docs[begin:end])
                        freqs.append(source.freqs[begin:end])
                        form = len(forms) + number - 1 if number else form
                        rows.append((used, used + end - begin, field, form, matches))
                        weights.append(forms.phrases[number - 1].weight if number else float(unit.weights[place]))
                        used += end - begin
            starts.append(len(rows))
        table = np.array(rows, np.int64)
        return _unit(
            word.leaf, forms, np.array(starts), table, np.array(weights, np.float32),
            np.array([self._worth(forms, table), word.worths[1]]), (np.concatenate(docs), np.concatenate(freqs)),
        )  # fmt: skip

    def _worth(self, forms: Forms, rows: NDArray[np.int64]) -> float:
        """Return what a word is worth whose forms are phrases as well: as ``find_word`` reckons it without them."""
        by_field = np.zeros((len(forms) + len(forms.phrases), len(FIELD_NUMBER)), np.int64)
        np.add.at(by_field, (rows[:, FORM], rows[:, FIELD]), rows[:, END] - rows[:, BEGIN])
        matching = np.concatenate([forms.matches, np.ones(len(forms.phrases), np.uint8)]) != 0
        size = self._constants[SIZE]
        holding = size * (1 - np.prod(1 - by_field.max(axis=1)[matching] / size))
        return float((self._constants[K1] + 1) * np.log1p((size - holding + 0.5) / (holding + 0.5)))


def _fields(leaf: Leaf) -> NDArray[np.int64]:
    return np.array([FIELD_NUMBER[name] for name in ((leaf.field,) if leaf.field else SCORED)], np.int64)


def _packed(words: list[bytes]) -> tuple[NDArray[Any], NDArray[Any]]:
    ends = np.cumsum([0, *map(len, words)]).astype(np.uint32)
    return np.frombuffer(b"".join(words), np.uint8), ends
