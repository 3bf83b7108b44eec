"""A record, whatever its format → an article, or the reason why it is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from index.article import (
    MAX_ID_LENGTH,
    Article,
    InvalidFieldError,
    Rejection,
    check_id,
    check_text,
    derived_id,
    instant,
)

MAX_IGNORED_FIELDS = 1000
"""So many names of ignored fields are kept: more would be data used as names."""

_TEXTS = ("title", "body", "url", "source", "author", "category")
_LETTER = re.compile(r"\w")
_UNSEEN = frozenset({"Mn", "Mc", "Me", "Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_DATE = re.compile(r"(?:(\d{4})([-/])(\d\d)\2(\d\d)|\d{8}|\d{4}-?W\d\d(?:-?\d)?)(?:([Tt ])(\S+))?", re.ASCII)
_KINDS = {bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "an object"}


@dataclass(slots=True)
class Ledger:
    """What a run notes beside its articles.

    ``ignored_fields``: names of input fields that fill no field of an article. ``leavings``: lines of site
    furniture that were removed from the ends of texts.
    """

    ignored_fields: set[str] = field(default_factory=set)
    leavings: int = 0


class Records:
    """Turns records into articles: ``mapping`` says which name an article's field has in them."""

    def __init__(self, mapping: Mapping[str, str], ledger: Ledger) -> None:
        self._ledger = ledger
        self._id = mapping.get("id", "id")
        self._texts = tuple(mapping.get(name, name) for name in _TEXTS)
        self._dates = (mapping["published"],) if "published" in mapping else ("published", "date")
        self.text_names = frozenset(self._texts[:2])
        """The input names of title and body, one of which every article needs."""
        self._known = {self._id, *self._texts, *self._dates}

    def read(self, record: Mapping[str, object], file: str, line: int) -> Article | Rejection:
        """The article that ``record`` describes, or a rejection that names the input field at fault."""
        unknown = record.keys() - self._known
        if unknown:
            self._note(unknown)
        try:
            return self._article(record)
        except InvalidFieldError as error:
            return Rejection(file, line, error.field, error.reason, self.id_of(record))

    def _article(self, record: Mapping[str, object]) -> Article:
        texts = [_text(name, record.get(name)) for name in self._texts]
        title, body, url, source, author, category = texts
        if not holds_text(title) and not holds_text(body):
            title_name, body_name = self._texts[:2]
            raise InvalidFieldError(
                body_name, f"neither {title_name!r} nor {body_name!r} holds text (--map says what they are called)"
            )
        published = self._published(record)
        return Article(
            id=self._checked_id(record) or derived_id(title, body, url),
            title=title,
            body=body,
            url=url,
            source=source,
            author=author,
            category=category,
            published=published,
        )

    def _checked_id(self, record: Mapping[str, object]) -> str:
        value = record.get(self._id)
        if type(value) is int:
            value = str(value)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise InvalidFieldError(self._id, f"is {_kind(value)}, not a string")
        if not value.strip():
            return ""
        try:
            return check_id(value)
        except InvalidFieldError as error:
            raise InvalidFieldError(self._id, error.reason) from None

    def _published(self, record: Mapping[str, object]) -> str:
        for name in self._dates:
            value = _text(name, record.get(name)).strip()
            if value:
                try:
                    return iso_date(value)
                except InvalidFieldError as error:
                    raise InvalidFieldError(name, error.reason) from None
        return ""

    def id_of(self, record: Mapping[str, object]) -> str:
        """The id that ``record`` gives itself, good or bad, for a report; empty where it gives none."""
        value = record.get(self._id)
        return printable(str(value), MAX_ID_LENGTH) if type(value) in (str, int) else ""

    def _note(self, names: Iterable[str]) -> None:
        room = MAX_IGNORED_FIELDS - len(self._ledger.ignored_fields)
        fresh = sorted(name for name in names if name.strip())[:room]
        self._ledger.ignored_fields.update(printable(name, 100) for name in fresh)
        self._known.update(fresh)


def iso_date(value: str) -> str:
    """``value`` as an ISO 8601 date or date-time: unchanged where it is one already.

    ``2016/05/03`` and a space between date and time are put right; anything else raises InvalidFieldError.
    """
    found = _DATE.fullmatch(value)
    if found is None:
        raise InvalidFieldError("published", f"not an ISO 8601 date: {printable(value, 40)!r}")
    year, separator, month, day, between, time = found.groups()
    if separator == "/" or between == " ":
        day_text = f"{year}-{month}-{day}" if year else value.split(" ", 1)[0]
        value = f"{day_text}T{time}" if time else day_text
    instant(value)
    return value


def holds_text(text: str) -> bool:
    """Whether there is anything to see in ``text``: blanks, lone marks and zero-width signs are not."""
    return _LETTER.search(text) is not None or any(unicodedata.category(char) not in _UNSEEN for char in text)


def printable(text: str, length: int) -> str:
    """The first ``length`` characters of ``text``, with half surrogates written out, fit for any report."""
    return text[:length].encode("utf-8", "backslashreplace").decode("utf-8")


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidFieldError(name, f"is {_kind(value)}, not a string")
    if "\0" in value:
        raise InvalidFieldError(name, f"holds a NUL character at character {value.index(chr(0))}")
    return value if value.isascii() else check_text(name, value)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "of another type")
