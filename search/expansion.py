"""A query word's forms: the one place that knows how inflection is found again.

Today the index holds a stem beside every word, and a word's forms are itself and everything of the same stem. A family
of weighted vocabulary words, formed when the query comes, can take this place: nothing outside reads stemmed fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from index.arabic import stem

Kind = Literal["exact", "stem"]


@dataclass(frozen=True, slots=True)
class Form:
    """One key to look a word up by. ``kind`` says which fields of the index hold such keys."""

    kind: Kind
    key: str


def expand(word: str) -> tuple[Form, ...]:
    """Return the forms of a folded word. A document that holds any of them matches the word."""
    return (Form("exact", word), Form("stem", stem(word)))


def index_field(field: str, kind: Kind) -> str:
    """Return the name in the index of a field's keys of that kind."""
    return field if kind == "exact" else f"{field}_stem"


def recognizer(word: str) -> Callable[[str], bool]:
    """Return a test for folded words of a text: is it a form of ``word``? What is matched is what is marked."""
    key = stem(word)
    return lambda other: other == word or stem(other) == key
