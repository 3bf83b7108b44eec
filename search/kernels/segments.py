"""The segments of a view as one table of numbers, so that a kernel goes through all of them in one call.

Handing an array to a kernel costs as much as reading hundreds of postings. A view's arrays are therefore handed over as
addresses, once; whoever holds the table must hold the arrays, which never move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from index.codec.layout import COUNTED, SegmentArrays
from index.compilation import F32, F64, I64, U8, U16, U32, Array, kernel, read
from index.schema import TEXTS

(
    DOCUMENTS, BASE, POSTINGS, BIGS, WIDE, LIVE,
    DOCS, FREQS, BIG_AT, BIG, POSITIONS, POSITION_STARTS, BLOCK_FREQ, BLOCK_LENGTH, LENGTHS, INSTANT, DAY,
) = range(17)  # fmt: skip
"""Columns: how many documents, the first one's number, how many postings, frequencies in ``big``, whether positions
take 32 bits; then addresses. LIVE is 0 where no document is deleted."""

ORDINALS = DAY + 1
"""The first of the addresses of the facets' ordinals, in the order of ``COUNTED``."""

FIELDS = ORDINALS + len(COUNTED)
"""The first of four columns for each field of ``TEXTS``: how many words, and the addresses of its dictionary."""

_TEXTS = len(TEXTS)

COLUMNS = FIELDS + 4 * len(TEXTS)


def described(arrays: SegmentArrays, base: int, live: NDArray[np.uint8]) -> list[int]:
    """Return a segment's row of the table."""
    postings, documents = arrays.postings, arrays.documents
    row = [
        arrays.size, base, len(postings.docs), len(postings.big), int(postings.positions.dtype == np.uint32),
        live.ctypes.data if len(live) else 0,
        *(array.ctypes.data for array in (
            postings.docs, postings.freqs, postings.big_at, postings.big, postings.positions,
            postings.position_starts, postings.block_freq, postings.block_length,
            documents.lengths, documents.instant, documents.day,
        )),
        *(documents.facets[name].ordinals.ctypes.data for name in COUNTED),
    ]  # fmt: skip
    for name in TEXTS:
        dictionary = postings.fields[name]
        terms = dictionary.terms
        row += len(terms), terms.bytes_.ctypes.data, terms.ends.ctypes.data, dictionary.starts.ctypes.data
    return row


def _as_address(typing_context: Any, number: Any) -> Any:
    """Take a number for an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


_pointer: Any = intrinsic(_as_address)


def _mutable(item: Any) -> Any:
    return types.Array(item, 1, "C")


@kernel(_mutable(U8)(I64, I64))
def bytes_at(address: int, size: int) -> Array:
    """Return the array of u8 at an address."""
    return carray(_pointer(address), (size,), np.uint8)


@kernel(_mutable(U16)(I64, I64))
def shorts_at(address: int, size: int) -> Array:
    """Return the array of u16 at an address."""
    return carray(_pointer(address), (size,), np.uint16)


@kernel(_mutable(U32)(I64, I64))
def words_at(address: int, size: int) -> Array:
    """Return the array of u32 at an address."""
    return carray(_pointer(address), (size,), np.uint32)


@kernel(_mutable(types.int32)(I64, I64))
def integers_at(address: int, size: int) -> Array:
    """Return the array of i32 at an address."""
    return carray(_pointer(address), (size,), np.int32)


@kernel(_mutable(I64)(I64, I64))
def longs_at(address: int, size: int) -> Array:
    """Return the array of i64 at an address."""
    return carray(_pointer(address), (size,), np.int64)


@kernel(_mutable(F32)(I64, I64))
def floats_at(address: int, size: int) -> Array:
    """Return the array of f32 at an address."""
    return carray(_pointer(address), (size,), np.float32)


@kernel(_mutable(F64)(I64, I64))
def doubles_at(address: int, size: int) -> Array:
    """Return the array of f64 at an address."""
    return carray(_pointer(address), (size,), np.float64)


@kernel(types.Array(I64, 2, "C")(I64, I64, I64))
def table_at(address: int, rows: int, columns: int) -> Array:
    """Return the table of i64 at an address."""
    return carray(_pointer(address), (rows, columns), np.int64)


@kernel(types.Array(U16, 2, "C")(read(I64)))
def lengths_of(segment: Array) -> Array:
    """Return a segment's field lengths."""
    return carray(_pointer(segment[LENGTHS]), (_TEXTS, segment[DOCUMENTS]), np.uint16)
