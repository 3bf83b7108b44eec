"""An article as the document that the cluster gets; see ``index.opensearch.mapping`` for its fields."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from hashlib import blake2b
from typing import Any

import zstandard

from index.arabic import vocalised, words
from index.article import Article
from index.schema import FACETS, NO_DAY, SCORED, TEXTS, VOCALISED, day_of, instant_of

MAX_TERM_UNITS = 255
"""Longest word that the cluster's whitespace analyzer leaves whole, in UTF-16 code units."""

MAX_VALUE = 8_000
"""Longest exact value in characters: four bytes each are within the 32,766 that one term may have."""

_MAX_ID_BYTES = 512
_HEAD = 100
_LEVEL = 3
_MARK = "#"
"""In no folded word, and at the beginning of no document's id but of a hash."""

_FIELDS = tuple(field.name for field in fields(Article))

LINES = (*TEXTS, *(f"{name}_vowels" for name in VOCALISED))
"""The fields of words, in the order in which ``packed`` packs them."""


def term(word: str) -> str:
    """Return a folded word as it stands in the cluster: itself, but for the longest, which are cut and end in a hash.

    A prefix of a cut word finds it where it has at most 100 characters.
    """
    if len(word) * 2 <= MAX_TERM_UNITS or len(word.encode("utf-16-le")) <= MAX_TERM_UNITS * 2:
        return word
    return f"{word[:_HEAD]}{_MARK}{_hash(word)}"


def exact(value: str) -> str:
    """Return a facet's value as it stands in the cluster: itself, or, where longer than MAX_VALUE, cut as words are."""
    return value if len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - _HEAD]}{_MARK}{_hash(value)}"


def document_id(article_id: str) -> str:
    """Return the ``_id`` of an article's document: its id, or a hash of one that is too long for the cluster."""
    try:
        fits = 0 < len(article_id.encode()) <= _MAX_ID_BYTES
    except UnicodeEncodeError:  # no article has such an id, but anyone may ask for it
        fits = False
    return article_id if fits and not article_id.startswith(_MARK) else f"{_MARK}{_hash(article_id)}"


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Texts:
    """What is in an article's fields: the words of each of TEXTS, and the vocalised ones of each of VOCALISED."""

    words: Sequence[Sequence[str]]
    vocalised: Sequence[Sequence[str]]

    @classmethod
    def of(cls, article: Article) -> Texts:
        """Read an article by itself. ``index.opensearch.analysis`` reads many, faster, and to the same effect."""
        return cls(
            [[*map(term, words(getattr(article, name)))] for name in TEXTS],
            [[*map(term, vocalised(getattr(article, name)))] for name in VOCALISED],
        )


def document(article: Article, texts: Texts, sequence: int) -> dict[str, Any]:
    """Return the document of an article whose texts hold these terms. It must be valid."""
    lines = [" ".join(found) for found in (*texts.words, *texts.vocalised)]
    fields_: dict[str, Any] = {"id": article.id, "sequence": sequence, "article": record(article)}
    fields_ |= {name: line for name, line in zip(LINES, lines, strict=True) if line}
    fields_["words"] = b64encode(packed(lines)).decode()
    for name, found in zip(TEXTS, texts.words, strict=True):
        if name in SCORED:
            fields_[f"{name}_length"] = len(found)
    for name in FACETS:
        value = getattr(article, name)
        if value:
            fields_[f"{name}_value"] = exact(value)
    day = day_of(article.published)
    if day != NO_DAY:
        fields_["day"] = day
        fields_["year"] = date.fromordinal(day).year
        fields_["instant"] = instant_of(article.published)
    return fields_


def packed(lines: Sequence[str]) -> bytes:
    """Return the contents of the fields LINES, a line each, in UTF-8 and compressed by zstandard."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress("\n".join(lines).encode())


def unpacked(data: bytes) -> list[list[str]]:
    """Return the words of each of the fields LINES, of what ``packed`` returned."""
    return [line.split() for line in zstandard.ZstdDecompressor().decompress(data).decode().split("\n")]


def record(article: Article) -> dict[str, str]:
    """Return the fields of an article that are not empty."""
    return {name: value for name in _FIELDS if (value := getattr(article, name))}


def article_of(record: Mapping[str, str]) -> Article:
    """Return the article of a document's field ``article``."""
    return Article(**record)
