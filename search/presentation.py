"""Results as plain data for JSON, in the form that programs are promised: the types here are the promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal, NotRequired, cast

from typing_extensions import TypedDict

from index.article import Article
from search.grounds import Ground, Grounds, Kind
from search.results import FacetValue, Fragment, Hit, SearchResults

FACETS = ("source", "category", "author", "year")
"""The facets of an answer, in their order."""


class QueryData(TypedDict):
    """How the question was taken. ``notes``: Arabic sentences for people."""

    text: str
    match: Literal["all", "any"]
    notes: list[str]
    corrected: str | None


class FragmentData(TypedDict):
    """A verbatim piece of a stored text, half-open code-point ranges of it that matched, and the same as HTML."""

    text: str
    ranges: Sequence[tuple[int, int]]
    html: str


class HighlightData(TypedDict):
    """The whole title, and pieces of the body, with what matched."""

    title: list[FragmentData]
    body: list[FragmentData]


class EvidenceData(TypedDict):
    """A form of a word in one field of the article, how often it stands there and what an occurrence counts."""

    form: str
    kind: str
    field: str
    frequency: int
    weight: float
    length: int
    vocalisation: Literal["", "agrees", "disagrees"]


class ReasonData(TypedDict):
    """What one part of the question added to the score."""

    kind: str
    text: str
    field: str
    score: float
    evidence: Sequence[EvidenceData]


class FactorData(TypedDict):
    """What the whole score was multiplied by."""

    kind: str
    text: str
    factor: float


class ArticleData(TypedDict):
    """A stored article; ``published`` is an ISO 8601 date or date-time, what is not known is the empty string."""

    id: str
    title: str
    body: str
    url: str
    source: str
    author: str
    category: str
    published: str


class GroundData(TypedDict):
    """How near marked words are to the question's, the words as they are written, and the fields they are in."""

    kind: Kind
    words: Sequence[str]
    fields: Sequence[str]


class HitData(TypedDict):
    """An article of the result less its body; ``score`` is 0 where the order is not by relevance.

    ``why``: what is marked in it, the nearest to the question first.
    """

    id: str
    title: str
    url: str
    source: str
    author: str
    category: str
    published: str
    score: float
    highlights: HighlightData
    why: list[GroundData]
    explanation: NotRequired[list[ReasonData]]
    factors: NotRequired[list[FactorData]]


class FacetValueData(TypedDict):
    """A value and how many articles of the result have it."""

    value: str
    count: int


class FacetData(TypedDict):
    """The values of each facet: most frequent first, years newest first."""

    source: list[FacetValueData]
    category: list[FacetValueData]
    author: list[FacetValueData]
    year: list[FacetValueData]


class ResultData(TypedDict):
    """A page of results. ``total`` is exact, or a lower bound where ``total_relation`` is ``gte``."""

    query: QueryData
    total: int
    total_relation: Literal["eq", "gte"]
    partial: bool
    page: int
    per_page: int
    took_ms: float
    hits: list[HitData]
    facets: FacetData


def results_as_data(results: SearchResults) -> ResultData:
    """Return a page of results as data, all but its links."""
    grounds = Grounds(results.text, results.alternatives)
    return {
        "query": {
            "text": results.text,
            "match": results.match,
            "notes": [note.text for note in results.notes],
            "corrected": results.corrected,
        },
        "total": results.total,
        "total_relation": results.total_relation,
        "partial": results.partial,
        "page": results.page,
        "per_page": results.per_page,
        "took_ms": round(results.took_ms, 3),
        "hits": [hit_as_data(hit, grounds.of(hit)) for hit in results.hits],
        "facets": {
            "source": _values(results.facets.get("source", ())),
            "category": _values(results.facets.get("category", ())),
            "author": _values(results.facets.get("author", ())),
            "year": _values(results.facets.get("year", ())),
        },
    }


def hit_as_data(hit: Hit, grounds: Sequence[Ground]) -> HitData:
    """Return a hit as data: the stored article less its body, the score, the fragments, and why it is a hit."""
    article = hit.article
    data: HitData = {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "author": article.author,
        "category": article.category,
        "published": article.published,
        "score": round(hit.score, 4),
        "highlights": {"title": _fragments(hit.title), "body": _fragments(hit.body)},
        "why": [{"kind": each.kind, "words": each.words, "fields": each.fields} for each in grounds],
    }
    if hit.reasons:
        data["explanation"] = [cast(ReasonData, asdict(reason)) for reason in hit.reasons]
    if hit.factors:
        data["factors"] = [cast(FactorData, asdict(factor)) for factor in hit.factors]
    return data


def article_as_data(article: Article) -> ArticleData:
    """Return a stored article as data."""
    return {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "url": article.url,
        "source": article.source,
        "author": article.author,
        "category": article.category,
        "published": article.published,
    }


def _fragments(fragments: Sequence[Fragment]) -> list[FragmentData]:
    return [{"text": each.text, "ranges": each.ranges, "html": each.html()} for each in fragments]


def _values(values: Sequence[FacetValue]) -> list[FacetValueData]:
    return [{"value": each.value, "count": each.count} for each in values]
