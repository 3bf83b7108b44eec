"""Numbers, dates and counted nouns as an Arab reader expects them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel import Locale
from babel.dates import get_month_names

from index.article import InvalidFieldError, written_day

_PLURAL = Locale("ar").plural_form
_LEVANT = get_month_names(locale="ar_LB")
_EGYPT = get_month_names(locale="ar_EG")

# By CLDR category: few is 3–10, many 11–99, other from 100 on, each by the last two digits.
NOUNS: Mapping[str, Mapping[str, str]] = {
    "result": {
        "zero": "لا نتائج",
        "one": "نتيجة واحدة",
        "two": "نتيجتان",
        "few": "{n} نتائج",
        "many": "{n} نتيجة",
        "other": "{n} نتيجة",
    },
    "article": {
        "zero": "لا مقالات",
        "one": "مقال واحد",
        "two": "مقالان",
        "few": "{n} مقالات",
        "many": "{n} مقالًا",
        "other": "{n} مقال",
    },
}


def number(value: int) -> str:
    """A number with separated thousands: 1,234."""
    return f"{value:,}"


def pattern(count: int, noun: str) -> str:
    """How so many of a noun are spoken of; ``{n}`` is where the number stands, ``noun`` a key of NOUNS."""
    return NOUNS[noun][_PLURAL(count)]


def counted(count: int, noun: str) -> str:
    """A count with its noun in the right number: «نتيجتان», «3 نتائج», «11 نتيجة»."""
    return pattern(count, noun).format(n=number(count))


def day(value: date) -> str:
    """A date with the month in both of its Arabic names: 3 أيار/مايو 2016."""
    return f"{value.day} {_LEVANT[value.month]}/{_EGYPT[value.month]} {value.year}"


def day_of(published: str) -> date | None:
    """The day an article says it was published on; None where it says nothing that can be read."""
    try:
        return written_day(published)
    except InvalidFieldError:
        return None
