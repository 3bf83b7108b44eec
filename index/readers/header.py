"""The first line of a table: by which separator it divides into known names."""

from __future__ import annotations

import csv
from collections.abc import Collection

SEPARATORS = (",", ";", "\t", "|")


def separator_of(line: str, text_names: Collection[str]) -> str:
    """The separator by which ``line`` has one of ``text_names`` among several cells, or nothing."""
    for separator in SEPARATORS:
        names = cells(line, separator)
        if len(names) > 1 and not set(text_names).isdisjoint(names):
            return separator
    return ""


def cells(line: str, separator: str) -> list[str]:
    """The names in a header line, without the blanks round them; empty where it cannot be divided."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return []
