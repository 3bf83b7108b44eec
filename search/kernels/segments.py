"""The segments of a view as one table of numbers, so that a kernel goes through all of them in one call.

Its arrays are handed over as addresses; see ``index.addresses``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import types
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from index.addresses import digests_at, pointer
from index.codec.layout import BLOCK, COUNTED, SegmentArrays
from index.codec.subsets import Subset
from index.compilation import I64, U16, Array, kernel, read
from index.schema import TEXTS

(
    DOCUMENTS, BASE, POSTINGS, BIGS, WIDE, LIVE,
    DOCS, FREQS, BIG_AT, BIG, POSITIONS, POSITION_STARTS, LENGTHS, INSTANT, DAY,
) = range(15)  # fmt: skip
"""Columns: how many documents, the first one's number, how many postings, frequencies in ``big``, whether positions
take 32 bits; then addresses. LIVE is 0 where no document is deleted."""

ORDINALS = DAY + 1
"""The first of the addresses of the facets' ordinals, in the order of ``COUNTED``."""

FIELDS = ORDINALS + len(COUNTED)
"""The first of the columns of each field of ``TEXTS``, so many as there are here:"""

WORDS, TERMS, TERM_ENDS, LISTS, KNOWN, BITS, BEFORE, PLACED, PLACES = range(9)
"""How many words it has, and the addresses of its dictionary; then the size of each array that says which words of the
published vocabulary it has (see ``index.codec.subsets``), and their addresses."""

OF_FIELD = PLACES + 1

_TEXTS = len(TEXTS)

COLUMNS = FIELDS + OF_FIELD * len(TEXTS)


def described(arrays: SegmentArrays, base: int, live: NDArray[np.uint8], subsets: Mapping[str, Subset]) -> list[int]:
    """Return a segment's row of the table. ``subsets``: by field."""
    postings, documents = arrays.postings, arrays.documents
    row = [
        arrays.size, base, len(postings.docs), len(postings.big), int(postings.positions.dtype == np.uint32),
        live.ctypes.data if len(live) else 0,
        *(array.ctypes.data for array in (
            postings.docs, postings.freqs, postings.big_at, postings.big, postings.positions,
            postings.position_starts, documents.lengths, documents.instant, documents.day,
        )),
        *(documents.facets[name].ordinals.ctypes.data for name in COUNTED),
    ]  # fmt: skip
    for name in TEXTS:
        dictionary = postings.fields[name]
        terms = dictionary.terms
        row += len(terms), *(array.ctypes.data for array in (terms.bytes_, terms.ends, dictionary.starts))
        known = subsets[name]
        row += len(known.bits), known.bits.ctypes.data, known.before.ctypes.data
        row += len(known.places), known.places.ctypes.data
    return row


@kernel(types.Array(types.uint64, 1, "C")(read(I64)))
def eights_of(segment: Array) -> Any:
    """Return a segment's frequencies, eight in one number each, as ``lists.place_of`` reads them.

    To the end of the last block: arrays lie at multiples of 64 bytes in their file, so that there is something behind.
    """
    return digests_at(segment[FREQS], 2 * (segment[POSTINGS] // BLOCK + 1))


@kernel(types.Array(U16, 2, "C")(read(I64)))
def lengths_of(segment: Array) -> Array:
    """Return a segment's field lengths."""
    return carray(pointer(segment[LENGTHS]), (_TEXTS, segment[DOCUMENTS]), np.uint16)
