"""One open source on its way through a format: its bytes, how to read them, and where reading has come to."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.article import Article, Rejection
from index.readers.records import Ledger, Records


@dataclass(slots=True)
class Input:
    """What a format is given.

    ``name``: the file as it is reported. ``stream``: its bytes, unpacked but not decoded. ``limit``: a record
    of so many bytes or more is rejected. ``records``: by the names that the user mapped. ``tabbed``: the name
    says that columns are divided by tabs. ``line``: the format keeps it at the line it is on, so that a
    failure can name it.
    """

    name: str
    stream: io.BufferedReader
    limit: int
    records: Records
    ledger: Ledger
    tabbed: bool = False
    line: int = 0

    def rejection(self, line: int, reason: str, record_id: str = "") -> Rejection:
        """The rejection of a record as a whole."""
        return Rejection(self.name, line, "", reason, record_id)

    def oversize(self, line: int) -> Rejection:
        """The rejection of a record for its size."""
        return self.rejection(line, f"{self.limit} bytes or more: too large for one record")

    def plain(self, **fields: str) -> Article | Rejection:
        """The article made of fields that a reader found by itself, where the user's mapping has no say."""
        return Records({}, self.ledger).read(fields, self.name, self.line)


Format = Callable[[Input], Iterator[Article | Rejection]]
"""A format: reads an input to its end and raises nothing but READ_ERRORS."""
