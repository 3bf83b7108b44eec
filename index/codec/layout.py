"""The arrays of a segment: what each means, and the segment as a record of them.

A segment holds at most 65,536 documents, so that a document's number takes 16 bits wherever it stands and no posting
needs unpacking. Larger indexes have more segments; merging one is bounded work.

Postings: every word of every text field has a posting list, and all lists lie one after the other, by field (in the
order of ``TEXTS``) and word (in the order of UTF-8 bytes). Posting number ``p`` is the same in all of these arrays:

======================  ==========  ==================================================================================
``docs``                u16 [P]     the document, ascending within a list
``freqs``               u8 [P]      how often the word stands in the field; 255: at least, see ``big``
``big_at``, ``big``     u32 [B]     the postings with 255 or more occurrences, ascending, and how many they have
``positions``           u16 [T]     places in words from 0, posting after posting (u32 where a text has over 65,536);
                                    none of vocalised words
``position_starts``     u32         how many positions lie before posting 16·i; one more entry at the end for all
======================  ==========  ==================================================================================

Fields, for each ``F`` of ``TEXTS``:

======================  ==========  ==================================================================================
``F.terms``             u8          the distinct words, ascending, UTF-8, one after the other
``F.term_ends``         u32 [V+1]   word ``t`` is ``terms[term_ends[t]:term_ends[t+1]]``
``F.starts``            u32 [V+1]   its list is the postings ``starts[t]`` to ``starts[t+1]``
======================  ==========  ==================================================================================

Words that carry harakat have lists besides, as they are vocalised (see ``index.arabic.vowels``; without positions). For
each ``F`` of ``VOCALISED`` there are ``vocalised.F.terms``, ``.term_ends`` and ``.starts`` as above; their lists lie
behind all others, and all of one folded word side by side.

Documents, of which there are N:

======================  ==========  ==================================================================================
``lengths``             u16 [5, N]  words by field, in the order of ``TEXTS``; 65,535: at least
``ids``, ``id_ends``    u8, u32     the ids, ascending, as terms are kept
``id_docs``             u16 [N]     the document of each
``day``, ``instant``    i32, i64    see ``index.schema``
``C.ordinals``          u16 [N]     for each facet C of ``FACETS`` and ``year``: place of the document's value
``C.values``,           u8, u32     the distinct values, ascending; the empty string stands for none
``C.value_ends``
``stored.blocks``       u8          the articles, in blocks compressed by zstandard (see ``stored``)
``stored.block_ends``   u64 [K+1]   block ``k`` is ``blocks[block_ends[k]:block_ends[k+1]]``
``stored.block_docs``   u32 [K+1]   its first document; N at the end
``stored.offsets``      u32 [N]     where a document's record begins in its unpacked block
======================  ==========  ==================================================================================

Numbers kept beside the arrays: ``words.F``, the exact count of words of each field. A segment that was added after the
generation was published may hold ``family.*`` besides (see ``index.families``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.schema import FACETS, TEXTS, VOCALISED

MAX_DOCUMENTS = 1 << 16
"""Most documents of one segment."""

BLOCK = 16
"""Postings between two entries of ``position_starts``; kernels read the frequencies of so many as two numbers."""

MANY = 255
"""What ``freqs`` says of every frequency from here on."""

LONG = 65_535
"""What ``lengths`` says of every length from here on."""

COUNTED = (*FACETS, "year")
"""What is counted for facets."""

U8: TypeAlias = NDArray[np.uint8]
U16: TypeAlias = NDArray[np.uint16]
U32: TypeAlias = NDArray[np.uint32]
U64: TypeAlias = NDArray[np.uint64]

FIELD_NUMBER = {name: number for number, name in enumerate(TEXTS)}
"""Where a field stands in ``lengths``."""


@dataclass(frozen=True, slots=True, eq=False)
class Strings:
    """Distinct strings in ascending order of their UTF-8 bytes: string ``i`` is ``bytes_[ends[i]:ends[i+1]]``."""

    bytes_: U8
    ends: U32

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, place: int) -> bytes:
        return self.bytes_[int(self.ends[place]) : int(self.ends[place + 1])].tobytes()

    def to_list(self) -> list[bytes]:
        """Return all of them."""
        data = self.bytes_.tobytes()
        ends = self.ends.tolist()
        return [data[a:b] for a, b in pairwise(ends)]

    def texts(self, places: NDArray[np.int64]) -> list[str]:
        """Return the strings of these places."""
        data = self.bytes_.data
        return [
            str(data[begin:end], "utf-8")
            for begin, end in zip(self.ends[places].tolist(), self.ends[places + 1].tolist(), strict=True)
        ]

    def find(self, value: bytes) -> int:
        """Return the place of a string, or -1."""
        place = bisect_left(self, value)
        return place if place < len(self) and self[place] == value else -1

    @classmethod
    def of(cls, values: list[bytes]) -> Strings:
        """Pack values, which must be distinct and ascending."""
        ends = np.zeros(len(values) + 1, np.uint32)
        np.cumsum([len(value) for value in values], out=ends[1:])
        return cls(np.frombuffer(b"".join(values), np.uint8), ends)


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """One field's words and where their posting lists begin."""

    terms: Strings
    starts: U32


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """What is inverted: the posting lists of all fields and their dictionaries."""

    docs: U16
    freqs: U8
    big_at: U32
    big: U32
    positions: U16 | U32
    position_starts: U32
    fields: Mapping[str, Dictionary]
    vocalised: Mapping[str, Dictionary]

    def dictionaries(self) -> list[Dictionary]:
        """Return all dictionaries in the order of their lists: those of ``TEXTS``, then those of ``VOCALISED``."""
        return [*(self.fields[name] for name in TEXTS), *(self.vocalised[name] for name in VOCALISED)]

    def positioned(self) -> int:
        """Count the lists that have positions: the first ones."""
        return sum(len(dictionary.terms) for dictionary in self.fields.values())


@dataclass(frozen=True, slots=True, eq=False)
class FacetColumn:
    """A value for each document, as its place among the distinct values."""

    ordinals: U16
    values: Strings


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """What is known of each document without its text."""

    lengths: U16
    words: Mapping[str, int]
    ids: Strings
    id_docs: U16
    day: NDArray[np.int32]
    instant: NDArray[np.int64]
    facets: Mapping[str, FacetColumn]


@dataclass(frozen=True, slots=True, eq=False)
class StoredBlocks:
    """The compressed articles."""

    blocks: U8
    block_ends: U64
    block_docs: U32
    offsets: U32


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SegmentArrays:
    """An open segment. ``extra`` holds what stands beside these arrays in its file."""

    path: Path
    size: int
    postings: Postings
    documents: Documents
    stored: StoredBlocks
    extra: Mapping[str, NDArray[Any]]

    @classmethod
    def load(cls, path: Path) -> SegmentArrays:
        """Open a segment's file; raises as ``Container.open`` does."""
        container = Container.open(path)
        arrays = dict(container.arrays)

        def strings(name: str, ends: str) -> Strings:
            return Strings(arrays.pop(name), arrays.pop(ends))

        documents = Documents(
            lengths=arrays.pop("lengths"),
            words={name: container.numbers[f"words.{name}"] for name in TEXTS},
            ids=strings("ids", "id_ends"),
            id_docs=arrays.pop("id_docs"),
            day=arrays.pop("day"),
            instant=arrays.pop("instant"),
            facets={
                name: FacetColumn(arrays.pop(f"{name}.ordinals"), strings(f"{name}.values", f"{name}.value_ends"))
                for name in COUNTED
            },
        )

        def dictionary(name: str) -> Dictionary:
            return Dictionary(strings(f"{name}.terms", f"{name}.term_ends"), arrays.pop(f"{name}.starts"))

        postings = Postings(
            **{name: arrays.pop(name) for name in _POSTINGS},
            fields={name: dictionary(name) for name in TEXTS},
            vocalised={name: dictionary(f"{_VOCALISED}{name}") for name in VOCALISED},
        )
        stored = StoredBlocks(**{name: arrays.pop(f"stored.{name}") for name in _STORED})
        return cls(path, len(documents.id_docs), postings, documents, stored, arrays)


_POSTINGS = ("docs", "freqs", "big_at", "big", "positions", "position_starts")
_VOCALISED = "vocalised."
_STORED = ("blocks", "block_ends", "block_docs", "offsets")


def put_postings(writer: ContainerWriter, postings: Postings) -> None:
    """Write the inverted part of a segment."""
    for name in _POSTINGS:
        writer.put(name, getattr(postings, name))
    vocalised = {f"{_VOCALISED}{name}": dictionary for name, dictionary in postings.vocalised.items()}
    for name, dictionary in (*postings.fields.items(), *vocalised.items()):
        writer.put(f"{name}.terms", dictionary.terms.bytes_)
        writer.put(f"{name}.term_ends", dictionary.terms.ends)
        writer.put(f"{name}.starts", dictionary.starts)


def put_documents(writer: ContainerWriter, documents: Documents) -> None:
    """Write the columns of a segment; ``documents.words`` goes into the numbers (``document_numbers``)."""
    writer.put("lengths", documents.lengths)
    writer.put("ids", documents.ids.bytes_)
    writer.put("id_ends", documents.ids.ends)
    writer.put("id_docs", documents.id_docs)
    writer.put("day", documents.day)
    writer.put("instant", documents.instant)
    for name, facet in documents.facets.items():
        writer.put(f"{name}.ordinals", facet.ordinals)
        writer.put(f"{name}.values", facet.values.bytes_)
        writer.put(f"{name}.value_ends", facet.values.ends)


def document_numbers(documents: Documents) -> dict[str, int]:
    """Return the numbers to complete a segment's file with."""
    return {f"words.{name}": count for name, count in documents.words.items()}


_opened: WeakValueDictionary[Path, SegmentArrays] = WeakValueDictionary()


def open_segment(path: Path) -> SegmentArrays:
    """Open a segment's file, or return it where this process has it open: a file is verified once and never changes."""
    found = _opened.get(path)
    if found is None:
        found = _opened[path] = SegmentArrays.load(path)
    return found
