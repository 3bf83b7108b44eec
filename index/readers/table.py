"""CSV and its like: a header line names the fields, each row is an article; a bad row costs itself only."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import zip_longest

from index.article import Article, Rejection
from index.readers.charset import Utf8Stream
from index.readers.header import cells, separator_of
from index.readers.inputs import Input
from index.readers.rows import Row, Rows

_SEPARATOR_LINE = "sep="


def read(given: Input) -> Iterator[Article | Rejection]:
    """Yield the article of every row that is not blank, or why there is none."""
    # The limit on a record bounds its cells too; the module's own is too small for articles.
    csv.field_size_limit(min(given.limit, sys.maxsize, 2**31 - 1))
    rows = Rows(Utf8Stream(given.stream), given.limit)
    header = rows.header()
    separator = "\t" if given.tabbed else ","
    if (
        header is not None
        and header.lower().startswith(_SEPARATOR_LINE)
        and len(header.strip()) == len(_SEPARATOR_LINE) + 1
    ):
        # Excel's own way to say it.
        separator = header.strip()[-1]
        header = rows.header()
    elif header is not None:
        separator = separator_of(header, given.records.text_names) or separator
    if header is None:
        return
    names = cells(header, separator)
    given.line = rows.line
    if given.records.text_names.isdisjoint(names):
        wanted = " nor ".join(repr(name) for name in sorted(given.records.text_names, reverse=True))
        yield given.rejection(rows.line, f"the header names neither {wanted}")
        return
    for row in rows.divided(separator):
        given.line = row.line
        if row.fault:
            yield given.rejection(row.line, row.fault, given.records.id_of(_record(names, row)))
        elif any(row.cells):
            yield _article(given, names, row)


def _article(given: Input, names: list[str], row: Row) -> Article | Rejection:
    if any(row.cells[len(names) :]):
        return given.rejection(row.line, f"{len(row.cells)} cells under a header of {len(names)}")
    return given.records.read(_record(names, row), given.name, row.line)


def _record(names: list[str], row: Row) -> dict[str, str]:
    # A row may be shorter than the header, and an empty cell is an absent field.
    return dict(zip_longest(names, row.cells[: len(names)], fillvalue=""))
