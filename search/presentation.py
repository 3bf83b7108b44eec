"""Results as plain data for JSON, in the form that programs are promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from search.results import Fragment, Hit, SearchResults

FACETS = ("source", "category", "author", "year")
"""The facets of an answer, in their order."""


def results_as_data(results: SearchResults) -> dict[str, Any]:
    """Return a page of results as data, all but its links."""
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
        "hits": [hit_as_data(hit) for hit in results.hits],
        "facets": {name: [asdict(value) for value in results.facets.get(name, ())] for name in FACETS},
    }


def hit_as_data(hit: Hit) -> dict[str, Any]:
    """Return a hit as data: the stored article less its body, the score, and the fragments."""
    stored = asdict(hit.article)
    del stored["body"]
    highlights = {"title": _fragments(hit.title), "body": _fragments(hit.body)}
    data = {**stored, "score": round(hit.score, 4), "highlights": highlights}
    if hit.reasons:
        data["explanation"] = [asdict(reason) for reason in hit.reasons]
    if hit.factors:
        data["factors"] = [asdict(factor) for factor in hit.factors]
    return data


def _fragments(fragments: Sequence[Fragment]) -> list[dict[str, Any]]:
    return [{"text": each.text, "ranges": each.ranges, "html": each.html()} for each in fragments]
