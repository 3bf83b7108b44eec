"""From the leaves of a query to units: where their words stand in every segment, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import FIELD_NUMBER, SegmentArrays
from index.schema import SCORED, VOCALISED
from search.expansion import Expansion, Forms
from search.kernels.blending import blend
from search.kernels.resolution import ALONE, DOCUMENTS_IN_ALL, describe, find_beginning, find_phrase, find_word
from search.kernels.units import BEGIN, END, FIELD, FORM, LIST, UNIT
from search.query import Leaf, Phrase, Prefix, Word
from search.ranking import Ranking
from search.remembered import Remembered
from search.vocalisation import parted
from search.workspace import Workspace

_REMEMBERED = 64 << 20
"""Bytes of units of words that a process remembers."""

_UNIT_BYTES = 4096
"""What a unit takes beside its lists: its forms, and the headers of its arrays."""

_AFTER = b"\xff"
"""No byte of UTF-8 is 255: a beginning with it at its end stands right after every word that begins so."""

_NO_POSTINGS = np.zeros(0, np.uint16), np.zeros(0, np.uint8)
_NOWHERE = 2.0
"""More than the weight of any list whose places are looked at: nobody looks."""

_FIELDS = {
    name: np.array([FIELD_NUMBER[each] for each in ((name,) if name else SCORED)], np.int64)
    for name in ("", *FIELD_NUMBER)
}
"""The fields that a leaf is asked of, by its ``field``."""


class Unit(NamedTuple):
    """A leaf with its posting lists; see ``search.kernels.units``.

    ``forms``: of a word, else None. The lists of segment ``s`` are the rows ``starts[s]`` to ``starts[s + 1]``.
    ``docs``, ``freqs``: postings made for the query, to which the rows refer where ``made``, and not to the segment's.
    ``address``: what kernels are given.
    ``verdicts``: of each row what the harakat say, where the lists are parted by them (see ``search.vocalisation``);
    ``bare``: where lists were made of a word's own, the unit that has those, in which places are known.
    ``blended``: the arrays of the list that they are blended into, by which kernels rank; see
    ``search.kernels.blending``.
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
    described: NDArray[np.int64]
    address: int
    verdicts: NDArray[np.int8] | None = None
    bare: Unit | None = None
    blended: tuple[NDArray[Any], ...] = ()

    @property
    def size(self) -> int:
        """About how many bytes the unit takes."""
        arrays: tuple[NDArray[Any], ...] = (self.rows, self.weights, self.docs, self.freqs, *self.blended)
        return _UNIT_BYTES + sum(array.nbytes for array in arrays) + (self.bare.size if self.bare else 0)


def unit_of(
    leaf: Leaf, forms: Forms | None, starts: NDArray[np.int64], rows: NDArray[np.int64], weights: NDArray[np.float32],
    worths: NDArray[np.float64], made: tuple[NDArray[np.uint16], NDArray[np.uint8]] | None = None,
    verdicts: NDArray[np.int8] | None = None, bare: Unit | None = None,
) -> Unit:  # fmt: skip
    """Return a unit of these arrays, and describe it for the kernels. ``made``: postings made for the query."""
    docs, freqs = made or _NO_POSTINGS
    described = np.empty(UNIT, np.int64)
    address = describe(starts, rows, weights, worths, docs, freqs, made is not None, described)
    return Unit(
        leaf, forms, starts, rows, weights, worths, docs, freqs, made is not None, described, address,
        verdicts, bare,
    )  # fmt: skip


class Units:
    """Makes the units of one state of an index, and remembers those of words; may be shared by threads.

    ``table``: see ``search.kernels.segments``; ``constants``: see ``search.kernels.resolution``.
    """

    def __init__(
        self, table: NDArray[np.int64], constants: NDArray[np.float64], norms: NDArray[np.float32],
        expansion: Expansion, segments: Sequence[SegmentArrays], ranking: Ranking,
    ) -> None:  # fmt: skip
        self._segments = segments
        self._table = table
        self._constants = constants
        self._norms = norms
        self._expansion = expansion
        self._ranking = ranking
        self._least = ranking.located if ranking.looks_twice else _NOWHERE
        self._remembered: Remembered[Unit] = Remembered(_REMEMBERED)

    def word(self, word: Word, workspace: Workspace) -> Unit:
        """Return the unit of a word. Whoever uses it must hold it: it may be forgotten here."""
        if word.vowels or word.others:
            return self._remembered.get(word) or self._specially(word, workspace)
        key = word.text, word.field
        unit = self._remembered.get(key)
        if unit is None:
            unit = self._blended(self._of_forms(word, self._expansion.forms(word.text)), workspace)
            self._remembered.put(key, unit, unit.size)
        return unit

    def make(self, leaf: Phrase | Prefix, workspace: Workspace) -> Unit:
        """Make the unit of a leaf that is no word."""
        return self._blended(self._made(leaf, workspace), workspace)

    def _exactly(self, word: str, field: str) -> Unit:
        """Return the unit of a word in no other form, which is not blended."""
        key = word, field, "exactly"
        unit = self._remembered.get(key)
        if unit is None:
            forms = Forms.packed([word.encode("utf-8", "replace")], ["exact"], [1.0])
            unit = self._of_forms(Word(word, field), forms)
            self._remembered.put(key, unit, unit.size)
        return unit

    def _blended(self, unit: Unit, workspace: Workspace) -> Unit:
        """Return a unit with its lists blended into one."""
        starts, most = np.empty(2 * len(self._table) + 1, np.int64), np.empty(len(self._table), np.float32)
        try:
            held = blend(
                self._table, unit.described, self._norms, self._ranking.k1, self._least, starts, most,
                *workspace.blending,
            )  # fmt: skip
        except BaseException:  # no memory for the list: the next question must not find what was added up so far
            workspace.clear()
            raise
        return unit._replace(blended=(starts, most, *held))

    def _made(self, leaf: Phrase | Prefix, workspace: Workspace) -> Unit:
        fields = _FIELDS[leaf.field]
        starts = np.empty(len(self._table) + 1, np.int64)
        rows = np.empty((len(self._table) * len(fields), LIST), np.int64)
        weights = np.ones(len(rows), np.float32)
        described = np.empty(UNIT, np.int64)
        if isinstance(leaf, Phrase):
            words = [self._exactly(word, leaf.field) for word in leaf.words]
            addresses = np.array([word.address for word in words], np.int64)
            # A phrase is worth its words together, one that it repeats once; its own rarity is unknown before it is
            # read, so that those of the words are added up, as Lucene does.
            weight = self._ranking.phrase if len(words) > 1 else self._constants[ALONE]
            distinct = dict(zip(leaf.words, words, strict=True)).values()
            worths = np.array([weight * sum([float(word.worths[0]) for word in distinct]), 0.0])
            docs, freqs, address = find_phrase(
                self._table, addresses, fields, starts, rows, weights, worths, workspace.marks, described
            )
        else:
            worths = np.empty(2)
            beginning = leaf.text.encode("utf-8", "replace")
            docs, freqs, address = find_beginning(
                self._table, *_packed([beginning, beginning + _AFTER]), fields, self._constants, starts, rows, weights,
                worths, workspace.counts, described,
            )  # fmt: skip
        return Unit(leaf, None, starts, rows, weights, worths, docs, freqs, True, described, address)

    def _specially(self, word: Word, workspace: Workspace) -> Unit:
        """Return the unit of a word that carries harakat, or that other words and phrases answer as well."""
        forms = self._expansion.forms_of(word)
        bare = unit = self._of_forms(word, forms)
        if word.vowels and word.field in ("", *VOCALISED):
            unit = self._parted(word, forms, unit)
        if forms.phrases:
            phrases = [self._made(Phrase(each.words, word.field), workspace) for each in forms.phrases]
            unit = self._joined(unit, forms, phrases, self._worth(word.text, bare, forms, phrases))
        if unit is not bare:
            located = unit_of(word, forms, bare.starts, bare.rows, bare.weights, unit.worths)
            unit = unit._replace(bare=self._blended(located, workspace))
        unit = self._blended(unit, workspace)
        self._remembered.put(word, unit, unit.size)
        return unit

    def _of_forms(self, word: Word, forms: Forms) -> Unit:
        fields = _FIELDS[word.field]
        starts = np.empty(len(self._table) + 1, np.int64)
        worths = np.empty(2)
        described = np.empty(UNIT, np.int64)
        rows, weights, address = find_word(
            self._table, forms.data, forms.ends, forms.places, forms.matches, forms.weights, fields, self._constants,
            self._ranking.telling(word.text), starts, worths, described,
        )  # fmt: skip
        return Unit(word, forms, starts, rows, weights, worths, *_NO_POSTINGS, False, described, address)

    def _parted(self, word: Word, forms: Forms, unit: Unit) -> Unit:
        """Return the unit of a vocalised word, made of that of the bare word, or this where harakat say nothing."""
        lists = parted(self._segments, word, forms, unit.starts, unit.rows, unit.weights, self._ranking)
        if lists is None:
            return unit
        return unit_of(
            word, forms, lists.starts, lists.rows, lists.weights, unit.worths, (lists.docs, lists.freqs),
            lists.verdicts,
        )  # fmt: skip

    def _joined(self, word: Unit, forms: Forms, phrases: Sequence[Unit], worth: float) -> Unit:
        """Return the unit of a word and of phrases that stand for it, which are its last forms."""
        if not any((phrase.rows[:, END] > phrase.rows[:, BEGIN]).any() for phrase in phrases):
            return word
        rows: list[tuple[int, int, int, int, int]] = []
        weights: list[float] = []
        starts = [0]
        verdicts: list[int] = []
        docs, freqs = ([each] for each in _NO_POSTINGS)
        used = 0
        for segment, arrays in enumerate(self._segments):
            for number, unit in enumerate((word, *phrases)):
                source = unit if unit.made else arrays.postings
                for place in range(*unit.starts[segment : segment + 2].tolist()):
                    begin, end, field, form, matches = unit.rows[place].tolist()
                    if begin < end:
                        docs.append(source.docs[begin:end])
                        freqs.append(source.freqs[begin:end])
                        form = len(forms) + number - 1 if number else form
                        rows.append((used, used + end - begin, field, form, matches))
                        weights.append(forms.phrases[number - 1].weight if number else float(unit.weights[place]))
                        verdicts.append(0 if unit.verdicts is None else int(unit.verdicts[place]))
                        used += end - begin
            starts.append(len(rows))
        table = np.array(rows, np.int64)
        return unit_of(
            word.leaf, forms, np.array(starts), table, np.array(weights, np.float32),
            np.array([worth, word.worths[1]]), (np.concatenate(docs), np.concatenate(freqs)),
            np.array(verdicts, np.int8),
        )  # fmt: skip

    def _worth(self, text: str, word: Unit, forms: Forms, phrases: Sequence[Unit]) -> float:
        """Return what a word is worth whose forms are phrases as well: as ``find_word`` reckons it without them.

        The lists of ``word`` must not be parted: a document that is in two parts would count twice.
        """
        by_field = np.zeros((len(forms) + len(phrases), len(FIELD_NUMBER)), np.int64)
        np.add.at(by_field, (word.rows[:, FORM], word.rows[:, FIELD]), word.rows[:, END] - word.rows[:, BEGIN])
        for number, phrase in enumerate(phrases, len(forms)):
            np.add.at(by_field[number], phrase.rows[:, FIELD], phrase.rows[:, END] - phrase.rows[:, BEGIN])
        matching = np.concatenate([forms.matches, np.ones(len(phrases), np.uint8)]) != 0
        size = int(self._constants[DOCUMENTS_IN_ALL])
        holding = size * (1 - float(np.prod(1 - by_field.max(axis=1)[matching] / size)))
        return (self._ranking.k1 + 1) * self._ranking.rarity(size, holding) * self._ranking.telling(text)


def _packed(words: list[bytes]) -> tuple[NDArray[Any], NDArray[Any]]:
    ends = np.cumsum([0, *map(len, words)]).astype(np.uint32)
    return np.frombuffer(b"".join(words), np.uint8), ends
