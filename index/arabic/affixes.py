"""Rows of affixes as kernels take them, and how they are written in the modules that hold rules.

A row: how many letters the affix has, up to four letters, the fewest letters that it must leave, how many letters stand
in its place, up to three of them, and what else a rule needs (``more``). The rows of affixes that begin (suffixes: end)
with one letter stand together, from ``starts[letter]`` to ``starts[letter + 1]``, the longest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic.coding import letters_of
from index.compilation import I32, I64, U8, Array, kernel, read, several

Rows: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32]]
"""A table of affixes, and where the rows of each letter start."""

Affixes: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
"""Prefixes and their starts, suffixes and theirs, as kernels take them (``AFFIXES``)."""

AFFIXES = several(read(I32, 2), read(I32), read(I32, 2), read(I32))

SIZE, LETTERS, LEAST, GIVEN, IN_PLACE, MORE = 0, 1, 5, 6, 7, 10
_WIDTH = 14


@dataclass(frozen=True, slots=True)
class Affix:
    """Letters at an end of a word that may go where ``least`` letters are left; ``given`` takes their place."""

    letters: str
    least: int
    given: str = ""
    more: tuple[int, ...] = ()


def rows(affixes: Iterable[Affix], outer: int) -> Rows:
    """Return affixes as rows. ``outer``: where the letter stands by which they are found, 0 or -1."""
    ordered = sorted(affixes, key=lambda affix: (affix.letters[outer], -len(affix.letters)))
    table = np.zeros((len(ordered), _WIDTH), np.int32)
    for row, affix in zip(table, ordered, strict=True):
        row[SIZE], row[LEAST], row[GIVEN] = len(affix.letters), affix.least, len(affix.given)
        row[LETTERS : LETTERS + row[SIZE]] = letters_of(affix.letters)
        row[IN_PLACE : IN_PLACE + row[GIVEN]] = letters_of(affix.given)
        row[MORE : MORE + len(affix.more)] = affix.more
    letters = letters_of("".join(affix.letters[outer] for affix in ordered))
    return table, np.searchsorted(letters, np.arange(257)).astype(np.int32)


@kernel(types.boolean(read(U8), I64, read(I32, 2), I64))
def stands_at(letters: Array, place: int, affixes: Array, row: int) -> bool:
    """Tell whether the letters of an affix stand at a place of a word that is long enough."""
    for i in range(affixes[row, SIZE]):  # noqa: SIM110 - compiled
        if letters[place + i] != affixes[row, LETTERS + i]:
            return False
    return True
