"""The fields of the index, what each is for, and an article as a document of them.

=======================  ====================================================================================
``id``                   unique key; one term a document
``title``, ``body``,     folded words with positions: exact spelling, phrases, prefixes; the last three are asked
``author``, ``source``,  by name only
``category``
``*_stem``               of each of these, stems with counts: what a word matches by. Scaffolding until families of
                         words are formed at query time; only ``search.expansion`` knows of them
``*_length``             columns: words in the title and in the body
``*_value``              columns: the exact values of source, category and author, for facets and filters
``day``                  column: proleptic day number of the date as written (0: none), for date filters, years
``instant``              column: seconds since 1970 in UTC, for order by time
``article``              the stored article, compressed
=======================  ====================================================================================
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, STORED, Schema

from index.arabic import stem, words
from index.article import Article, instant, written_day
from index.formats import Words

SCHEMA_VERSION = "1"
"""Written into every manifest and compared on open. Raise it with every change of a field or a stored form."""

FACETS = ("source", "category", "author")
"""Fields with exact values to count and filter by."""

NO_DAY = 0
NO_INSTANT = -(1 << 62)
"""What the date columns hold for an article without a date."""

_ARTICLE_FIELDS = ("id", "title", "body", "url", "source", "author", "category", "published")


SCORED = ("title", "body")
"""Fields that an unfielded word is looked for in, with their lengths kept."""

TEXTS = SCORED + FACETS
"""Fields of words."""


def build_schema() -> Schema:
    """Return a new schema; passed on every open, so that the one pickled in the index is never needed."""
    fields: dict[str, Any] = {
        "id": ID(unique=True),
        "day": COLUMN(NumericColumn("i", default=NO_DAY)),
        "instant": COLUMN(NumericColumn("q", default=NO_INSTANT)),
        "article": STORED(),
    }
    for name in TEXTS:
        fields[name] = Words(positions=True)
        fields[f"{name}_stem"] = Words(positions=False)
    for name in SCORED:
        fields[f"{name}_length"] = COLUMN(NumericColumn("i", default=0))
    for name in FACETS:
        fields[f"{name}_value"] = COLUMN(VarBytesColumn())  # RefBytesColumn drops values past 65,535
    return Schema(**fields)


def document(article: Article) -> dict[str, Any]:
    """Return the article as the keyword arguments of Whoosh's ``add_document``. The article must be valid."""
    fields: dict[str, Any] = {"id": article.id, "article": _packed(article)}
    for name in TEXTS:
        found = words(getattr(article, name))
        if found:
            fields[name] = found
            fields[f"{name}_stem"] = list(map(stem, found))
        if name in SCORED:
            fields[f"{name}_length"] = len(found)
    for name in FACETS:
        fields[f"{name}_value"] = getattr(article, name).encode("utf-8")
    if article.published:
        fields["day"] = written_day(article.published).toordinal()
        fields["instant"] = int(instant(article.published).timestamp())
    return fields


def _packed(article: Article) -> bytes:
    values = [getattr(article, name) for name in _ARTICLE_FIELDS]
    return zlib.compress(json.dumps(values, ensure_ascii=False).encode("utf-8"), 1)


def stored_article(packed: bytes) -> Article:
    """Return the article that ``document`` packed."""
    return Article(*json.loads(zlib.decompress(packed)))
