"""A unit, what a leaf of a query is to the kernels: its posting lists in every segment of a view, and their worth.

A unit is handed over as the address of a row of numbers, so that a word's unit is made once and used by many questions.
Its lists, of all forms in all fields, are blended into one (``search.kernels.blending``), by which it is ranked.
"""

from __future__ import annotations

from typing import Any

from numba import types

from index.addresses import bytes_at, shorts_at
from index.compilation import I64, Array, kernel, read
from search.kernels.segments import DOCS, FREQS, POSTINGS

(
    STARTS, ROWS, SIZE, WEIGHTS, WORTHS, OWN_DOCS, OWN_FREQS, OWN_SIZE,
    HELD_STARTS, HELD, HELD_DOCS, HELD_GAINS, HELD_WHERE, HELD_MOST,
) = range(14)  # fmt: skip
"""Places in a unit. STARTS: the address of the numbers of each segment's first row, and of the end. ROWS, SIZE: the
address of the posting lists and how many they are. WEIGHTS: of f32, what an occurrence in each list counts. WORTHS: of
two f64, see ``resolution``. OWN_…: postings that were made for the query, which the rows refer to then. HELD_…: the
blended list, see ``blending``; HELD is its size."""

UNIT = HELD_MOST + 1

BEGIN, END, FIELD, FORM, MATCHES = range(5)
"""Columns of a posting list: its first posting, its end, its field, the number of the word's form (0: the word itself;
its lists come first), and whether its documents match (0: it only adds to the score)."""

LIST = MATCHES + 1


@kernel(types.Array(types.uint16, 1, "C")(read(I64), read(I64)))
def docs_of(segment: Array, unit: Array) -> Any:
    """Return the documents that a unit's rows refer to."""
    if unit[OWN_SIZE] >= 0:
        return shorts_at(unit[OWN_DOCS], unit[OWN_SIZE])
    return shorts_at(segment[DOCS], segment[POSTINGS])


@kernel(types.Array(types.uint8, 1, "C")(read(I64), read(I64)))
def freqs_of(segment: Array, unit: Array) -> Any:
    """Return the frequencies that a unit's rows refer to."""
    if unit[OWN_SIZE] >= 0:
        return bytes_at(unit[OWN_FREQS], unit[OWN_SIZE])
    return bytes_at(segment[FREQS], segment[POSTINGS])
