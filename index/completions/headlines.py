"""Headlines that can be completed from any of their words on.

Arrays, of H headlines, the newest first, which have T words:

======================  =========  ================================================================================
``title.blocks``        u8         the headlines, a line each, in blocks of ``_BLOCK`` compressed by zstandard
``title.block_ends``    u64        block ``b`` is ``blocks[block_ends[b]:block_ends[b+1]]``
``title.ids``,          u8, u32    the article of each
``title.id_ends``
``title.instants``      i64 [H]    when it was published; see ``index.schema``
``title.keys``,         u8, u32    the distinct keys of their words, ascending (see ``ideas``)
``title.key_ends``
``title.words``         u32 [T+H]  the words of all headlines, each by the place of its key plus one; 0 ends a headline
``title.starts``        u32 [H]    where its words begin in ``words``
``title.firsts``        u32 [V+1]  the places of ``suffixes`` that begin with key ``v`` are ``firsts[v]:firsts[v+1]``
``title.suffixes``      u32 [T]    the places of ``words`` that hold one, in the order of the ``depth`` words from there
``title.bests``         u32        of each block of them the largest ``precedence`` (see ``spans``)
======================  =========  ================================================================================
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.codec.layout import Strings
from index.completions.spans import block_bests, packed, places_of

MOST_LETTERS = 240
"""Letters of the longest headline that is completed."""

MOST_HEADLINES = 1 << 19
"""Most headlines of a table: the newest are kept."""

_PREFIX = "title."
_BLOCK = 16
_MOST_DEPTH = 4
_BITS = 64

_LEVEL = 1
_AT_THE_START = np.uint32(1 << 31)
_NEWEST = np.uint32((1 << 31) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Headlines:
    """Headlines; see the module. Texts are unpacked when they are asked for."""

    blocks: NDArray[np.uint8]
    block_ends: NDArray[np.uint64]
    ids: Strings
    instants: NDArray[np.int64]
    keys: Strings
    words: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    firsts: NDArray[np.uint32]
    suffixes: NDArray[np.uint32]
    bests: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        ids: Sequence[str],
        instants: NDArray[np.int64],
        keys: Sequence[str],
        words: NDArray[np.int32],
        sizes: NDArray[np.int64],
    ) -> Headlines:
        """Return headlines given in any order.

        ``words``: those of all of them, one after the other, by the places of ``keys``; ``sizes``: how many each has.
        Of equal age the later ones come first.
        """
        order = np.lexsort((-np.arange(len(texts)), -instants))[:MOST_HEADLINES]
        begins = np.cumsum(sizes) - sizes
        words = words[places_of(begins[order], sizes[order])]
        used = np.flatnonzero(np.bincount(words, minlength=len(keys)))
        encoded = [keys[place].encode() for place in used.tolist()]
        alphabetical = sorted(range(len(encoded)), key=encoded.__getitem__)
        ranks = np.zeros(len(keys), np.uint32)
        ranks[used[alphabetical]] = np.arange(1, len(encoded) + 1)
        ends = np.cumsum(sizes[order] + 1)
        starts = (ends - sizes[order] - 1).astype(np.uint32)
        with_ends = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint32)
        with_ends[places_of(starts, sizes[order])] = ranks[words]
        suffixes = _sorted_suffixes(with_ends, depth_of(len(encoded)))
        numbers = np.repeat(np.arange(len(order)), sizes[order] + 1)[suffixes]
        compressor = zstandard.ZstdCompressor(level=_LEVEL)
        ordered = [texts[place] for place in order.tolist()]
        blocks = [
            compressor.compress("\n".join(ordered[at : at + _BLOCK]).encode()) for at in range(0, len(ordered), _BLOCK)
        ]
        return cls(
            blocks=np.frombuffer(b"".join(blocks), np.uint8),
            block_ends=np.cumsum([0, *map(len, blocks)]).astype(np.uint64),
            ids=packed(ids[place] for place in order.tolist()),
            instants=instants[order],
            keys=Strings.of([encoded[place] for place in alphabetical]),
            words=with_ends,
            starts=starts,
            firsts=np.searchsorted(with_ends[suffixes], np.arange(1, len(encoded) + 2)).astype(np.uint32),
            suffixes=suffixes,
            bests=block_bests(_precedence(starts, suffixes, numbers)),
        )

    @property
    def depth(self) -> int:
        """How many words of a suffix decide its place."""
        return depth_of(len(self.keys))

    def precedence(self, places: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return of places of ``suffixes`` which come first: beginnings of headlines, and of them the newest."""
        suffixes = self.suffixes[places]
        return _precedence(self.starts, suffixes, np.searchsorted(self.starts, suffixes, "right") - 1)

    def of_word(self, at: int) -> int:
        """Return the headline of a place in ``words``."""
        return bisect_right(self.starts, at) - 1

    def texts(self) -> list[str]:
        """Return all headlines."""
        return [text for block in range(len(self.block_ends) - 1) for text in self._block(block)]

    def headline(self, number: int) -> tuple[str, str]:
        """Return a headline and the id of its article."""
        return self._block(number // _BLOCK)[number % _BLOCK], self.ids[number].decode()

    def _block(self, block: int) -> list[str]:
        begin, end = (int(place) for place in self.block_ends[block : block + 2])
        data: bytes = zstandard.ZstdDecompressor().decompress(self.blocks[begin:end].data)
        return data.decode().split("\n")

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Return everything by the names of the module."""
        arrays: dict[str, NDArray[Any]] = {
            "blocks": self.blocks, "block_ends": self.block_ends, "ids": self.ids.bytes_, "id_ends": self.ids.ends,
            "instants": self.instants, "keys": self.keys.bytes_, "key_ends": self.keys.ends, "words": self.words,
            "starts": self.starts, "firsts": self.firsts, "suffixes": self.suffixes, "bests": self.bests,
        }  # fmt: skip
        return {_PREFIX + name: array for name, array in arrays.items()}

    @classmethod
    def opened(cls, arrays: Mapping[str, NDArray[Any]]) -> Headlines:
        """Return the headlines that ``arrays`` gave."""
        found = {name.removeprefix(_PREFIX): array for name, array in arrays.items() if name.startswith(_PREFIX)}
        return cls(
            found["blocks"], found["block_ends"], Strings(found["ids"], found["id_ends"]), found["instants"],
            Strings(found["keys"], found["key_ends"]), found["words"], found["starts"], found["firsts"],
            found["suffixes"], found["bests"],
        )  # fmt: skip


def _precedence(
    starts: NDArray[np.uint32], suffixes: NDArray[np.uint32], numbers: NDArray[np.int64]
) -> NDArray[np.uint32]:
    at_the_start = starts[numbers] == suffixes
    return (_NEWEST - numbers.astype(np.uint32)) | np.where(at_the_start, _AT_THE_START, np.uint32(0))


def depth_of(keys: int) -> int:
    """Return how many words, each one of so many keys or an end, fit into a number to sort by."""
    return min(_MOST_DEPTH, _BITS // keys.bit_length()) if keys else _MOST_DEPTH


def _sorted_suffixes(words: NDArray[np.uint32], depth: int) -> NDArray[np.uint32]:
    """Return where words stand, in the order of that word and those behind it."""
    places = np.flatnonzero(words)
    padded = np.append(words, np.zeros(depth, np.uint32)).astype(np.uint64)
    order = column = padded[places]
    for further in range(1, depth):
        column = np.where(column == 0, np.uint64(0), padded[places + further])  # 0: the headline has ended
        order = order << np.uint64(_BITS // depth) | column
    return places[np.argsort(order, kind="stable")].astype(np.uint32)
