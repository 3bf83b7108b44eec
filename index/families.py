"""Families of words: which words of the vocabulary are forms of one another.

No inflection is written into postings. When a generation is published its vocabulary is grouped by keys into a table;
a segment that is added later brings a table of its own for the words that the first one lacks. A query word is looked
up by its own keys, so that a word that no article holds still finds its relatives.

A table is a set of arrays, named ``family.*``:

=================  =========  ======================================================================================
``words``          u8         the vocabulary, ascending, packed (see ``index.codec.layout``)
``word_ends``      u32 [V+1]
``counts``         u32 [V]    in how many documents a word stands, each field counted by itself
``keys``           u8         the keys, each its kind's letter and the key itself; ascending, packed
``key_ends``       u32 [K+1]
``key_starts``     u32 [K+1]  the family of key ``k`` is ``members[key_starts[k]:key_starts[k+1]]``
``members``        u32        words by their places, the most frequent first
``similarities``   f32 [K]    how alike a family's words are (0–1), beyond what its kind says
=================  =========  ======================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.arabic import stem
from index.codec.container import Container, ContainerWriter
from index.codec.layout import Postings, SegmentArrays, Strings
from index.codec.lookup import find, pack
from index.codec.unions import Union

FILE_NAME = "MAIN.families"
"""The table of a generation, beside its segments."""

_PREFIX = "family."

Kind = Literal["exact", "stem"]
"""How a word of a family is related to the word that was looked up: the same folded word, or of one stem."""

_LETTERS: Mapping[str, Kind] = {"s": "stem"}


@dataclass(frozen=True, slots=True)
class Kin:
    """A word of a family. ``count``: in how many documents it stands, roughly."""

    word: str
    kind: Kind
    similarity: float
    count: int


_stem = stem.__wrapped__
"""Without its memory of words: whole vocabularies go through it, and a query word's family is remembered elsewhere."""


def keys(word: str) -> tuple[str]:
    """Return the keys of a folded word, each with its kind's letter before it."""
    return ("s" + _stem(word),)


class FamilyTable:
    """One table, as it was written."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.words = Strings(arrays[f"{_PREFIX}words"], arrays[f"{_PREFIX}word_ends"])
        self._counts = arrays[f"{_PREFIX}counts"]
        self._keys = Strings(arrays[f"{_PREFIX}keys"], arrays[f"{_PREFIX}key_ends"])
        self._starts = arrays[f"{_PREFIX}key_starts"]
        self._members = arrays[f"{_PREFIX}members"]
        self._similarities = arrays[f"{_PREFIX}similarities"]

    @staticmethod
    def in_segment(segment: SegmentArrays) -> FamilyTable | None:
        """Return the table that an added segment brought, if it did."""
        return FamilyTable(segment.extra) if f"{_PREFIX}words" in segment.extra else None

    def kin(self, wanted: Sequence[str], limit: int) -> Iterable[Kin]:
        """Yield the words of the families of these keys, of each at most ``limit``, the most frequent first."""
        for key, place in zip(wanted, find(self._keys, pack([key.encode() for key in wanted])).tolist(), strict=True):
            if place < 0:
                continue
            kind = _LETTERS[key[0]]
            similarity = float(self._similarities[place])
            begin, end = int(self._starts[place]), int(self._starts[place + 1])
            for member in self._members[begin : min(end, begin + limit)].tolist():
                yield Kin(self.words[member].decode(), kind, similarity, int(self._counts[member]))


class Families:
    """All tables of an index as one."""

    def __init__(self, tables: Sequence[FamilyTable]) -> None:
        self._tables = tables

    def kin(self, word: str, limit: int) -> list[Kin]:
        """Return a folded word's family: the word itself, then at most ``limit`` others, the most frequent first."""
        wanted = keys(word)
        found: dict[str, Kin] = {}
        for table in self._tables:
            for kin in table.kin(wanted, limit + 1):
                if kin.word not in found:
                    found[kin.word] = kin
        itself = found.pop(word, None)
        others = sorted(found.values(), key=lambda kin: -kin.count)
        return [Kin(word, "exact", 1.0, itself.count if itself else 0), *others[:limit]]

    def attested(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of some folded words that the vocabulary holds."""
        wanted = list(words)
        packed = pack([word.encode("utf-8", "replace") for word in wanted])
        return frozenset(
            wanted[place] for table in self._tables for place in np.flatnonzero(find(table.words, packed) >= 0).tolist()
        )


def table_arrays(words: Strings, counts: NDArray[np.uint32]) -> dict[str, NDArray[Any]]:
    """Return the table of a vocabulary, which must be ascending, as named arrays."""
    found = list(chain.from_iterable(map(keys, map(bytes.decode, words.to_list()))))
    members = np.arange(len(words), dtype=np.uint32)
    distinct = sorted(set(found))
    places = {key: place for place, key in enumerate(distinct)}
    groups = np.fromiter(map(places.__getitem__, found), np.int64, len(found))
    order = np.lexsort((members, -counts.astype(np.int64), groups))
    starts = np.zeros(len(distinct) + 1, np.uint32)
    np.cumsum(np.bincount(groups, minlength=len(distinct)), out=starts[1:])
    packed = pack([key.encode() for key in distinct])
    return {
        f"{_PREFIX}words": words.bytes_,
        f"{_PREFIX}word_ends": words.ends,
        f"{_PREFIX}counts": counts,
        f"{_PREFIX}keys": packed.bytes_,
        f"{_PREFIX}key_ends": packed.ends,
        f"{_PREFIX}key_starts": starts,
        f"{_PREFIX}members": members[order],
        f"{_PREFIX}similarities": np.ones(len(distinct), np.float32),
    }


def vocabulary(postings: Iterable[Postings]) -> tuple[Strings, NDArray[np.uint32]]:
    """Return all words of some segments, ascending, and in how many documents each stands, by field."""
    dictionaries = [dictionary for each in postings for dictionary in each.fields.values()]
    if not dictionaries:
        return Strings.of([]), np.zeros(0, np.uint32)
    union = Union.of([dictionary.terms for dictionary in dictionaries])
    counts = np.zeros(union.size, np.uint32)
    for dictionary, places in zip(dictionaries, union.places, strict=True):
        counts[places] += np.diff(dictionary.starts)
    return union.strings(np.ones(union.size, np.bool_)), counts


def publish(directory: Path, segments: Sequence[SegmentArrays]) -> None:
    """Write the table of a new generation: of all words of its segments."""
    words, counts = vocabulary(segment.postings for segment in segments)
    with ContainerWriter(directory / FILE_NAME) as writer:
        for name, array in table_arrays(words, counts).items():
            writer.put(name, array)


def published(directory: Path) -> FamilyTable:
    """Open the table of a generation; raises as ``Container.open`` does."""
    return FamilyTable(Container.open(directory / FILE_NAME).arrays)


def additions(directory: Path) -> Callable[[Postings], Mapping[str, NDArray[Any]]]:
    """Return what makes the table of a segment that is added to a published generation."""
    known = published(directory).words

    def table(postings: Postings) -> Mapping[str, NDArray[Any]]:
        words, counts = vocabulary([postings])
        missing = np.flatnonzero(find(known, words) < 0)
        return table_arrays(Strings.of([words[place] for place in missing.tolist()]), counts[missing])

    return table
