"""Arrays at addresses: how a kernel is handed many arrays at the price of one.

Handing an array to a kernel costs as much as reading hundreds of postings. Arrays that stay are therefore described
once, by numbers in a table, and a kernel makes arrays of them where it needs them. Whoever holds the table must hold
the arrays, which never move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from index.compilation import F32, F64, I64, U8, U16, U32, U64, Array, kernel


def _as_address(typing_context: Any, number: Any) -> Any:
    """Take a number for an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


pointer: Any = intrinsic(_as_address)
"""In a kernel: an address as ``carray`` takes it."""


def _mutable(item: Any) -> Any:
    return types.Array(item, 1, "C")


@kernel(_mutable(U8)(I64, I64))
def bytes_at(address: int, size: int) -> Array:
    """Return the array of u8 at an address."""
    return carray(pointer(address), (size,), np.uint8)


@kernel(_mutable(U16)(I64, I64))
def shorts_at(address: int, size: int) -> Array:
    """Return the array of u16 at an address."""
    return carray(pointer(address), (size,), np.uint16)


@kernel(_mutable(U32)(I64, I64))
def words_at(address: int, size: int) -> Array:
    """Return the array of u32 at an address."""
    return carray(pointer(address), (size,), np.uint32)


@kernel(_mutable(U64)(I64, I64))
def digests_at(address: int, size: int) -> Array:
    """Return the array of u64 at an address."""
    return carray(pointer(address), (size,), np.uint64)


@kernel(_mutable(types.int32)(I64, I64))
def integers_at(address: int, size: int) -> Array:
    """Return the array of i32 at an address."""
    return carray(pointer(address), (size,), np.int32)


@kernel(_mutable(I64)(I64, I64))
def longs_at(address: int, size: int) -> Array:
    """Return the array of i64 at an address."""
    return carray(pointer(address), (size,), np.int64)


@kernel(_mutable(F32)(I64, I64))
def floats_at(address: int, size: int) -> Array:
    """Return the array of f32 at an address."""
    return carray(pointer(address), (size,), np.float32)


@kernel(_mutable(F64)(I64, I64))
def doubles_at(address: int, size: int) -> Array:
    """Return the array of f64 at an address."""
    return carray(pointer(address), (size,), np.float64)


@kernel(types.Array(I64, 2, "C")(I64, I64, I64))
def table_at(address: int, rows: int, columns: int) -> Array:
    """Return the table of i64 at an address."""
    return carray(pointer(address), (rows, columns), np.int64)
