"""The columns of a segment as Whoosh's sorting, grouping and merging read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray
from whoosh.columns import ColumnReader

from index.codec.layout import FacetColumn


class NumberReader(ColumnReader):  # type: ignore[misc]
    """A number for each document."""

    def __init__(self, numbers: NDArray[Any]) -> None:
        self._numbers = numbers
        self._sign = 1

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, docnum: int) -> int:
        return int(self._numbers[docnum])

    def __iter__(self) -> Iterator[int]:
        return iter(self.load())

    def load(self) -> list[int]:
        """Return the numbers of all documents."""
        numbers: list[int] = self._numbers.tolist()
        return numbers

    def set_reverse(self) -> None:
        """Make ``sort_key`` put the largest first."""
        self._sign = -1

    def sort_key(self, docnum: int) -> int:
        """Return what to sort a document by."""
        return self._sign * self[docnum]


class ValueReader(ColumnReader):  # type: ignore[misc]
    """A string for each document, as UTF-8. Like Whoosh's own columns of strings it knows no reverse order."""

    def __init__(self, facet: FacetColumn) -> None:
        self._ordinals = facet.ordinals
        self._values: list[bytes] = facet.values.to_list()

    def __len__(self) -> int:
        return len(self._ordinals)

    def __getitem__(self, docnum: int) -> bytes:
        return self._values[int(self._ordinals[docnum])]

    def __iter__(self) -> Iterator[bytes]:
        return map(self._values.__getitem__, self._ordinals.tolist())

    def load(self) -> list[bytes]:
        """Return the values of all documents."""
        return list(self)
