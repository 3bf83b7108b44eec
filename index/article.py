"""What every reader of an input format yields: an article, or the reason why a record is none."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

MAX_ID_LENGTH = 512
"""Longest id in characters; a longer one is rejected, not cut, since two ids may share a beginning."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Article:
    """One article as its source gave it; nothing here is normalised.

    ``published`` is an ISO 8601 date or date-time, or the empty string where it is not known.
    Only ``id`` and one of ``title`` and ``body`` must hold text.
    """

    id: str
    title: str = ""
    body: str = ""
    url: str = ""
    source: str = ""
    author: str = ""
    category: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that is not indexed, and why.

    ``file`` is the path as given (``-`` for standard input), ``line`` counts from 1 (0: not known),
    ``field`` names the article field at fault (empty: the record as a whole), ``id`` is the record's id
    where it could be read.
    """

    file: str
    line: int
    field: str
    reason: str
    id: str = ""


class InvalidFieldError(ValueError):
    """A field's value cannot be taken; ``field`` names it and the text says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def derived_id(title: str, body: str, url: str) -> str:
    """The id of an article that came without one: a hash of its URL, else of its title and body.

    Stable over runs, so that reading the same file twice replaces articles and does not double them.
    """
    basis = url or f"{title}\n{body}"
    return hashlib.blake2b(basis.encode("utf-8"), digest_size=10).hexdigest()


def check_id(value: str) -> str:
    """Return ``value`` if it can name an article in a URL path, else raise InvalidFieldError."""
    if len(value) > MAX_ID_LENGTH:
        raise InvalidFieldError("id", f"longer than {MAX_ID_LENGTH} characters")
    if _CONTROL.search(value):
        raise InvalidFieldError("id", "holds a control character")
    if any(segment in {".", ".."} for segment in value.split("/")):
        # Clients resolve such segments away before they send a request: the article could not be opened.
        raise InvalidFieldError("id", "holds a path segment '.' or '..'")
    return value


def check_text(field: str, value: str) -> str:
    """Return ``value`` if it is storable Unicode, else raise InvalidFieldError."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidFieldError(field, f"half a surrogate pair at character {error.start}") from None
    return value


def instant(published: str) -> datetime:
    """The point in time that an ISO 8601 date or date-time names, in UTC.

    A date stands for its midnight; a time without an offset is read as UTC.
    Raises InvalidFieldError for anything else.
    """
    try:
        moment = datetime.fromisoformat(published)
    except ValueError:
        raise InvalidFieldError("published", f"not an ISO 8601 date: {published[:40]!r}") from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidFieldError("published", f"outside the years 1 to 9999: {published[:40]!r}") from None


def written_day(published: str) -> date:
    """The calendar day as written in ``published``, whatever its offset: what a reader sees and filters by."""
    try:
        return datetime.fromisoformat(published).date()
    except ValueError:
        raise InvalidFieldError("published", f"not an ISO 8601 date: {published[:40]!r}") from None
