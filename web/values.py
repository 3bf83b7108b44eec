"""Single values of query strings: text in, value out, or a ValueError whose sentence says what was expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeVar, get_args

from search.request import MAX_PER_PAGE, MAX_QUERY_LENGTH, Match, Sort, Total

T = TypeVar("T")

Format = Literal["json", "jsonl", "csv"]
Flag = Literal["0", "1"]

MAX_PAGE = 999_999_999
"""Largest number that can name a page, there or not."""

_SORTS: Mapping[str, Sort] = {sort: sort for sort in get_args(Sort)}
_MATCHES: Mapping[str, Match] = {match: match for match in get_args(Match)}
_TOTALS: Mapping[str, Total] = {total: total for total in get_args(Total)}
_FORMATS: Mapping[str, Format] = {each: each for each in get_args(Format)}
_FLAGS: Mapping[str, Flag] = {each: each for each in get_args(Flag)}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def query_text(text: str) -> str:
    """A question of a length that the engine takes whole."""
    if len(text) > MAX_QUERY_LENGTH:
        raise ValueError(f"longer than {MAX_QUERY_LENGTH} characters")
    return text


def page(text: str) -> int:
    """The number of a page, in the digits of any script (٣ is 3)."""
    return _whole_number(text, MAX_PAGE)


def per_page(text: str) -> int:
    """How many hits a page holds."""
    return _whole_number(text, MAX_PER_PAGE)


def day(text: str) -> date | None:
    """A calendar day."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("must be a date written YYYY-MM-DD")


def sort(text: str) -> Sort:
    """An order of hits."""
    return _choice(_SORTS, text)


def match(text: str) -> Match:
    """What is asked of the words."""
    return _choice(_MATCHES, text)


def total(text: str) -> Total:
    """How exactly hits are counted."""
    return _choice(_TOTALS, text)


def answer_format(text: str) -> Format:
    """The form of an answer."""
    return _choice(_FORMATS, text)


def flag(text: str) -> Flag:
    """Yes (``1``) or no."""
    return _choice(_FLAGS, text)


def _whole_number(text: str, most: int) -> int:
    # The length is looked at first: int() refuses numbers of thousands of digits and is slow before it does.
    if text.isdecimal() and len(text.lstrip("0")) <= len(str(most)) and 1 <= int(text) <= most:
        return int(text)
    raise ValueError(f"must be a whole number from 1 to {most}")


def _choice(choices: Mapping[str, T], text: str) -> T:
    if text not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return choices[text]
