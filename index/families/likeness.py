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

_MOST = 1024
"""Stems that are looked at for one word, in no special order: far more than are ever alike."""


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

    def alike(self, trigrams: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Return the stems that are alike to one of these distinct trigrams, and how alike they are."""
        found, dice = np.empty(_MOST, np.uint32), np.empty(_MOST, np.float32)
        count = _alike(trigrams, self.trigrams, self.starts, self.stems, self.sizes, found, dice)
        return found[:count], dice[:count]


@kernel(I64(read(U32), read(U32), read(U32), read(U32), read(U8), written(U32), written(F32)))
def _alike(wanted: Array, trigrams: Array, starts: Array, stems: Array, sizes: Array, found: Array, dice: Array) -> int:
    """Count shared trigrams; a stem is met again and again, and noted when it has enough of them."""
    shared = np.zeros(len(sizes), np.uint8)
    kept = 0
    for code in wanted:
        place = np.searchsorted(trigrams, code)
        if place < len(trigrams) and trigrams[place] == code:
            for at in range(starts[place], starts[place + 1]):
                stem = stems[at]
                shared[stem] += 1
                # Just now enough: noted once, its likeness told in the end.
                enough = (len(wanted) + sizes[stem]) * LEAST / 2
                if shared[stem] >= enough and shared[stem] - 1 < enough and kept < len(found):
                    found[kept] = stem
                    kept += 1
    for number in range(kept):
        dice[number] = 2 * shared[found[number]] / (len(wanted) + sizes[found[number]])
    return kept
