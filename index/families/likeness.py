"""Stems that share letters: where they do, words may be kin that no rule joins, such as names spelt by ear.

Two stems are as alike as their sets of trigrams are by Dice's coefficient: twice the number in common, divided by the
sizes of both (Adamson and Boreham 1974, "The Use of an Association Measure Based on Character Structure to Identify
Semantically Related Pairs of Words and Document Titles"). A mark before and after the stem belongs to its letters.

Arrays of a table, with the families of the kind ``stem`` for stems, of which there are G:

====================  =========  ===================================================================================
``similar.trigrams``  u32 [T]    all trigrams of stems, ascending: three bytes, a letter each
``similar.starts``    u32 [T+1]  trigram ``t`` stands in the stems ``stems[starts[t]:starts[t+1]]``
``similar.stems``     u32        stems by the numbers of their families
``similar.sizes``     u8 [G]     how many trigrams a stem has; 0 where it is rare and left out
====================  =========  ===================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compilation import F32, I64, U8, U32, Array, kernel, read, written

LEAST = 0.5
"""How alike stems must be at least."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Spreads stems over a hash table (Knuth's multiplicative hashing: 2 to the power of 64, over the golden ratio)."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """The trigrams of a table's stems; see the module."""

    trigrams: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    stems: NDArray[np.uint32]
    sizes: NDArray[np.uint8]

    @classmethod
    def of(cls, trigrams: NDArray[np.uint32], sizes: NDArray[np.uint8]) -> Likeness:
        """Turn round the distinct trigrams [G, most] of stems, each row's first ``sizes``."""
        stems, places = np.nonzero(np.arange(trigrams.shape[1]) < sizes[:, None])
        codes = trigrams[stems, places]
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        firsts = np.flatnonzero(np.diff(ordered, prepend=np.uint32(0)))
        starts = np.append(firsts, len(ordered)).astype(np.uint32)
        return cls(ordered[firsts], starts, stems[order].astype(np.uint32), sizes)

    @classmethod
    def opened(cls, arrays: Mapping[str, NDArray[Any]]) -> Likeness:
        """Take the arrays of a table."""
        return cls(*(arrays[f"similar.{name}"] for name in ("trigrams", "starts", "stems", "sizes")))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays for a table."""
        return {f"similar.{name}": getattr(self, name) for name in ("trigrams", "starts", "stems", "sizes")}


@kernel(I64(read(U32), read(U32), read(U32), read(U32), read(U8), written(U32), written(F32)))
def alike(wanted: Array, trigrams: Array, starts: Array, stems: Array, sizes: Array, found: Array, dice: Array) -> int:
    """Find the stems that are alike to one of these distinct trigrams, and how alike they are; return how many.

    Shared trigrams are counted in a hash table of the stems that are met: they are few among all. A stem is met again
    and again, and noted when it has enough of them, in ``found`` as long as there is room.
    """
    places = np.empty(len(wanted), np.int64)
    met = np.int64(0)
    for number in range(len(wanted)):
        place = np.searchsorted(trigrams, wanted[number])
        there = place < len(trigrams) and trigrams[place] == wanted[number]
        places[number] = place if there else -1
        if there:
            met += np.int64(starts[place + 1]) - np.int64(starts[place])
    bits = 4
    while 1 << bits < 2 * met:
        bits += 1
    mask = np.uint64((1 << bits) - 1)
    slots = np.zeros(1 << bits, np.uint32)  # a stem and 1; 0: free
    shared = np.zeros(1 << bits, np.uint8)
    noted = np.empty(len(found), np.int64)
    kept = 0
    for place in places:
        if place < 0:
            continue
        for at in range(starts[place], starts[place + 1]):
            stem = stems[at]
            slot = (np.uint64(stem) * _SPREAD) >> np.uint64(64 - bits)
            while slots[slot] and slots[slot] != stem + 1:
                slot = (slot + np.uint64(1)) & mask
            slots[slot] = stem + 1
            shared[slot] += 1
            # Just now enough: noted once, its likeness told in the end.
            enough = (len(wanted) + sizes[stem]) * LEAST / 2
            if shared[slot] >= enough and shared[slot] - 1 < enough and kept < len(found):
                found[kept] = stem
                noted[kept] = slot
                kept += 1
    for number in range(kept):
        dice[number] = 2 * shared[noted[number]] / (len(wanted) + sizes[found[number]])
    return kept
