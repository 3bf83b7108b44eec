"""Tables of word families: the words of a vocabulary, grouped by the keys that make them kin.

A table is a set of arrays, named ``family.*``. For each kind K of ``index.arabic.kinship.KEYED``:

==================  =========  =====================================================================================
``words``           u8         the vocabulary, ascending, packed (see ``index.codec.layout``)
``word_ends``       u32 [V+1]
``counts``          u32 [V]    in how many documents a word stands, each field counted by itself
``K.keys``          u64 [G]    the keys of the families of this kind, ascending
``K.starts``        u32 [G+1]  family ``g`` is ``members[starts[g]:starts[g+1]]``
``K.members``       u32        words by their places, the most frequent first
``similar.…``                  see ``index.families.likeness``
==================  =========  =====================================================================================

The table of a generation holds besides what its keys were made with, so that the words of questions and of later
segments get theirs in the same way: ``checks`` and ``levels`` (see ``index.arabic.lexicon``) and ``protected``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arabic.coding import MOST
from index.arabic.kinship import KEYED, Kinship
from index.arabic.lexicon import Lexicon
from index.codec.layout import SegmentArrays, Strings
from index.families.likeness import Likeness

_PREFIX = "family."

_FREQUENT = 2
"""In how many documents some word of a stem must stand to be sought by likeness."""

_THREADS = 2
_PIECES = 4
"""Pieces of the vocabulary for each thread: not all words take equally long."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The families of one kind; see the module."""

    keys: NDArray[np.uint64]
    starts: NDArray[np.uint32]
    members: NDArray[np.uint32]

    @classmethod
    def of(cls, keys: NDArray[np.uint64], frequent: NDArray[np.int64]) -> Groups:
        """Group words by key, 0 for none. ``frequent``: the places of all words, the most frequent first."""
        frequent = frequent[keys[frequent] != 0]
        order = frequent[np.argsort(keys[frequent], kind="stable")]
        ordered = keys[order]
        firsts = np.flatnonzero(np.diff(ordered, prepend=np.uint64(0)))
        starts = np.append(firsts, len(ordered)).astype(np.uint32)
        return cls(ordered[firsts], starts, order.astype(np.uint32))

    def of_key(self, key: int) -> NDArray[np.uint32]:
        """Return the words of a key; 0 is none."""
        wanted = np.uint64(key)
        place = int(np.searchsorted(self.keys, wanted))
        if place == len(self.keys) or self.keys[place] != wanted:
            return self.members[:0]
        return self.members[self.starts[place] : self.starts[place + 1]]


class FamilyTable:
    """One table, as it was written. ``kinship``: what its keys were made with, None where it does not say."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        found = {name.removeprefix(_PREFIX): array for name, array in arrays.items() if name.startswith(_PREFIX)}
        self.words = Strings(found["words"], found["word_ends"])
        self.counts: NDArray[np.uint32] = found["counts"]
        self.groups: Sequence[Groups] = [
            Groups(found[f"{kind}.keys"], found[f"{kind}.starts"], found[f"{kind}.members"]) for kind in KEYED
        ]
        self.likeness = Likeness.opened(found)
        self.kinship: Kinship | None = None
        if "checks" in found:
            self.kinship = Kinship(Lexicon(found["checks"], found["levels"]), found["protected"])

    @staticmethod
    def in_segment(segment: SegmentArrays) -> FamilyTable | None:
        """Return the table that an added segment brought, if it did."""
        return FamilyTable(segment.extra) if f"{_PREFIX}words" in segment.extra else None


def table_arrays(words: Strings, counts: NDArray[np.uint32], kinship: Kinship) -> dict[str, NDArray[Any]]:
    """Return the table of a vocabulary, which must be ascending, as named arrays."""
    arrays: dict[str, NDArray[Any]] = {"words": words.bytes_, "word_ends": words.ends, "counts": counts}
    frequent = np.argsort(-counts.astype(np.int64), kind="stable")
    with ThreadPoolExecutor(_THREADS) as threads:
        bounds = np.linspace(0, len(words), _THREADS * _PIECES + 1).astype(np.int64).tolist()
        pieces = [words.ends[begin : end + 1] for begin, end in pairwise(bounds)]
        found = list(threads.map(lambda ends: kinship.keys(words.bytes_, ends), pieces))
        grouped = list(threads.map(lambda keys: Groups.of(keys, frequent), np.concatenate(found, axis=1)))
    for kind, groups in zip(KEYED, grouped, strict=True):
        arrays[f"{kind}.keys"], arrays[f"{kind}.starts"] = groups.keys, groups.starts
        arrays[f"{kind}.members"] = groups.members
        if kind == "stem":
            arrays |= _likeness(words, counts, groups, kinship).arrays()
    return {_PREFIX + name: array for name, array in arrays.items()}


def _likeness(words: Strings, counts: NDArray[np.uint32], stems: Groups, kinship: Kinship) -> Likeness:
    """Return the likeness of stems. Those whose words are all rare are left out: they would hardly find anything."""
    heads = stems.members[stems.starts[:-1]]
    kept = np.flatnonzero(counts[heads] >= _FREQUENT)
    trigrams = np.zeros((len(heads), MOST), np.uint32)
    sizes = np.zeros(len(heads), np.uint8)
    trigrams[kept], sizes[kept] = kinship.trigrams(words.bytes_, words.ends, heads[kept].astype(np.int64))
    return Likeness.of(trigrams, sizes)


def table_of(counts: Mapping[str, int], protected: Iterable[str] = ()) -> FamilyTable:
    """Return the table of a vocabulary in memory, each word with its count, as an index of it would have it."""
    words = Strings.of(sorted(word.encode("utf-8", "replace") for word in counts))
    counted = np.array([counts[word.decode()] for word in words.to_list()], np.uint32)
    kinship = Kinship.protecting(Lexicon.joined(words.bytes_, words.ends, counted), protected)
    return FamilyTable({**table_arrays(words, counted, kinship), **kinship_arrays(kinship)})


def kinship_arrays(kinship: Kinship) -> dict[str, NDArray[Any]]:
    """Return what keys are made with as named arrays."""
    lexicon = kinship.lexicon
    arrays: dict[str, NDArray[Any]] = {
        "checks": lexicon.checks,
        "levels": lexicon.levels,
        "protected": kinship.protected,
    }
    return {_PREFIX + name: array for name, array in arrays.items()}
