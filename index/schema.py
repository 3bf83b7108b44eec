"""The fields of the index, what each is for, and an article as a document of them.

=======================  ====================================================================================
``id``                   unique key; one term a document
``title``, ``body``,     folded words with positions: words, phrases, prefixes; the last three are asked by name only
``author``, ``source``,
``category``
``*_value``              columns: the exact values of source, category and author, for facets and filters
``day``                  column: proleptic day number of the date as written (0: none), for date filters, years
``instant``              column: seconds since 1970 in UTC, for order by time
``url``, ``published``   stored, as all of the article is
=======================  ====================================================================================

No field holds stems: other forms of a word are found when a question comes, through the families of ``index.families``.
"""

from __future__ import annotations

from typing import Any

from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, STORED, Schema

from index.article import Article, instant, written_day
from index.fields import Words

SCHEMA_VERSION = "2"
"""Written into every manifest and compared on open. Raise it with every change of a field or a stored form."""

FACETS = ("source", "category", "author")
"""Fields with exact values to count and filter by."""

NO_DAY = 0
NO_INSTANT = -(1 << 62)
"""What the date columns hold for an article without a date."""

SCORED = ("title", "body")
"""Fields that an unfielded word is looked for in."""

TEXTS = ("title", "body", "author", "source", "category")
"""Fields of words, in the order in which a segment holds them."""

VOCALISED = ("title", "body")
"""Those of them whose harakat are kept as well: the first ones."""


def build_schema() -> Schema:
    """Return a new schema; passed on every open, so that the one pickled in the index is never needed."""
    fields: dict[str, Any] = {
        "id": ID(unique=True, stored=True),
        "url": STORED(),
        "published": STORED(),
        "day": COLUMN(NumericColumn("i", default=NO_DAY)),
        "instant": COLUMN(NumericColumn("q", default=NO_INSTANT)),
    }
    for name in TEXTS:
        fields[name] = Words()
    for name in FACETS:
        fields[f"{name}_value"] = COLUMN(VarBytesColumn())
    return Schema(**fields)


def day_of(published: str) -> int:
    """Return the day number of a checked date, or NO_DAY for none."""
    return written_day(published).toordinal() if published else NO_DAY


def instant_of(published: str) -> int:
    """Return a checked date as seconds since 1970, or NO_INSTANT for none."""
    return int(instant(published).timestamp()) if published else NO_INSTANT


def document(article: Article) -> dict[str, Any]:
    """Return the article as the keyword arguments of Whoosh's own ``add_document``. The article must be valid."""
    fields: dict[str, Any] = {"id": article.id, "url": article.url, "published": article.published}
    for name in TEXTS:
        fields[name] = getattr(article, name)
    for name in FACETS:
        fields[f"{name}_value"] = getattr(article, name).encode("utf-8")
    fields["day"] = day_of(article.published)
    fields["instant"] = instant_of(article.published)
    return fields
