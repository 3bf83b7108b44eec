"""Articles whose own harakat agree with those of a query word: its posting lists, parted by how it is vocalised there.

A word's lists count every occurrence alike, however it is written. For a query word that carries harakat each list is
parted in three: occurrences vocalised as the query word is count more, those vocalised otherwise count less, and those
that do not say count as ever. Together the parts hold every document of the list, so that what is found, and how rare
it is, does not depend on harakat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.arabic.vowels import SEPARATOR, agreement
from index.codec.layout import MANY, Dictionary, Postings, SegmentArrays
from index.codec.lookup import find, pack
from index.codec.matching import exact_frequencies
from index.families import Kind
from index.schema import TEXTS, VOCALISED
from search.expansion import Forms
from search.kernels.units import BEGIN, END, FIELD, FORM
from search.query import Word
from search.ranking import Ranking

_COMPARED: frozenset[Kind] = frozenset({"exact", "spelling", "lemma"})
"""Kinds of forms that share the query word's vowels. Others have vowels of their own (كَتَبَ, يَكْتُبُ), which say nothing."""

_AFTER = chr(ord(SEPARATOR) + 1)

_Place: TypeAlias = tuple[int, str, int]
"""A segment's number, a field, and the number of a word's form."""

_Ranges: TypeAlias = list[tuple[int, int]]
"""First posting and end of lists."""


@dataclass(frozen=True, slots=True, eq=False)
class WordLists:
    """The posting lists of a word: ``starts``, ``rows`` and ``weights`` as in ``search.kernels.units``.

    ``docs``, ``freqs``: postings that the rows refer to. ``verdicts`` i8: of each row whether its occurrences agree
    (1), disagree (-1) or do not say (0).
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    docs: NDArray[np.uint16]
    freqs: NDArray[np.uint8]
    verdicts: NDArray[np.int8]


def parted(
    segments: Sequence[SegmentArrays], word: Word, forms: Forms, starts: NDArray[np.int64],
    rows: NDArray[np.int64], weights: NDArray[np.float32], ranking: Ranking,
) -> WordLists | None:  # fmt: skip
    """Return the lists of a word, whose forms these are, parted by vocalisation; None where nothing says anything."""
    compared = {
        number: form.decode("utf-8", "replace")
        for number, (form, kind) in enumerate(zip(forms.words, forms.kinds, strict=True))
        if kind in _COMPARED
    }
    verdicts = _verdicts(segments, word, compared)
    if not verdicts:
        return None
    factors = {1: 1 + ranking.vocalised_agree, 0: 1.0, -1: 1 - ranking.vocalised_disagree}
    new_starts, new_rows, new_weights, new_verdicts = [0], [], [], []
    docs: list[NDArray[np.uint16]] = []
    freqs: list[NDArray[np.uint8]] = []
    size = 0
    for number, segment in enumerate(segments):
        for at in range(int(starts[number]), int(starts[number + 1])):
            row = rows[at].tolist()
            found = verdicts.get((number, TEXTS[row[FIELD]], row[FORM]), {})
            for verdict, part, times in _parts(segment, row[BEGIN], row[END], found):
                row[BEGIN], row[END] = size, size + len(part)
                size += len(part)
                new_rows.append(tuple(row))
                new_weights.append(float(weights[at]) * factors[verdict])
                new_verdicts.append(verdict)
                docs.append(part)
                freqs.append(times)
        new_starts.append(len(new_rows))
    return WordLists(
        np.array(new_starts, np.int64), np.array(new_rows, np.int64), np.array(new_weights, np.float32),
        np.concatenate(docs), np.concatenate(freqs), np.array(new_verdicts, np.int8),
    )  # fmt: skip


def _verdicts(
    segments: Sequence[SegmentArrays], word: Word, forms: Mapping[int, str]
) -> Mapping[_Place, Mapping[int, _Ranges]]:
    """Return where forms, by their numbers, are vocalised so that they agree (1) or disagree (-1): lists of either."""
    found: dict[_Place, dict[int, _Ranges]] = defaultdict(lambda: defaultdict(list))
    known: dict[tuple[int, str], int] = {}
    bounds = pack([f"{form}{end}".encode("utf-8", "replace") for form in forms.values() for end in (SEPARATOR, _AFTER)])
    for number, segment in enumerate(segments):
        for field in (word.field,) if word.field else VOCALISED:
            dictionary = segment.postings.vocalised[field]
            places = find(dictionary.terms, bounds)
            places = np.where(places < 0, -1 - places, places).reshape(-1, 2)
            for form, (first, last) in zip(forms, places.tolist(), strict=True):
                for marks, begin, end in _lists(dictionary, first, last):
                    if (form, marks) not in known:
                        known[form, marks] = agreement(word.text, word.vowels, forms[form], marks)
                    if known[form, marks]:
                        found[number, field, form][known[form, marks]].append((begin, end))
    return found


def _lists(dictionary: Dictionary, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """Yield the patterns of some vocalised words, with the first posting and the end of each."""
    starts = dictionary.starts[first : last + 1].tolist()
    for place, begin, end in zip(range(first, last), starts, starts[1:], strict=False):
        yield dictionary.terms[place].decode().rpartition(SEPARATOR)[2], begin, end


def _parts(
    segment: SegmentArrays, begin: int, end: int, found: Mapping[int, _Ranges]
) -> Iterator[tuple[int, NDArray[np.uint16], NDArray[np.uint8]]]:
    """Yield the parts of a list that are not empty: verdict, documents and frequencies."""
    postings = segment.postings
    docs = postings.docs[begin:end]
    if not found:
        yield 0, docs, postings.freqs[begin:end]
        return
    rest = exact_frequencies(postings, begin, end)
    for verdict, ranges in found.items():
        times = _occurrences(postings, segment.size, ranges)[docs]
        rest -= times
        yield verdict, docs[times > 0], _capped(times)
    if rest.any():
        yield 0, docs[rest > 0], _capped(rest)


def _occurrences(postings: Postings, documents: int, ranges: _Ranges) -> NDArray[np.uint32]:
    """Return how often the words of some lists stand in each document of a segment."""
    times = np.zeros(documents, np.uint32)
    for begin, end in ranges:
        times[postings.docs[begin:end]] += exact_frequencies(postings, begin, end)
    return times


def _capped(times: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return np.minimum(times[times > 0], MANY).astype(np.uint8)
