"""The endpoint for programs: search results and stored articles as JSON, and all results of a question as a stream."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from flask import Blueprint, Response, abort

from search.presentation import ArticleData, article_as_data, results_as_data, suggestion_as_data
from search.request import MAX_DEPTH, SearchRequest
from search.results import SearchResults
from web import links
from web.answers import INVALID, NO_INDEX, UNCHANGED, LinkData, SearchData, SuggestData, cached, problem
from web.asking import ask
from web.caching import lasting
from web.exports import MEDIA_TYPES, exported
from web.extension import current_engine
from web.openapi import JSON, TEXT, operation
from web.schemas import NoParameters, SearchParameters, SuggestParameters

# Proxies refuse answers whose headers are large (nginx: 4 kB in all, unless told otherwise).
_LONGEST_LINK_HEADER = 2500

SUGGESTIONS = "application/x-suggestions+json"

blueprint = Blueprint("api", __name__, url_prefix="/api")

_FOUND = cached(
    "A page of hits; or, where `format` asks for it, every matching article whole, one a line. In CSV, a cell that a "
    "spreadsheet would take for a formula has an apostrophe before it.",
    {JSON: SearchData, **dict.fromkeys(MEDIA_TYPES.values(), TEXT)},
    "Link", "Content-Disposition", "X-Total-Count",
)  # fmt: skip
_ARTICLE_LINK = {
    "article": {"operationId": "article", "parameters": {"article_id": "$response.body#/hits/0/id"}},
}


@blueprint.get("/search")
@operation(
    "search",
    replace(_FOUND, links=_ARTICLE_LINK),
    UNCHANGED,
    INVALID,
    problem(403, "Exports are switched off."),
    problem(404, "So deep a page is not shown."),
    problem(429, "Too many exports are on their way.", "Retry-After"),
    NO_INDEX,
)
@lasting
def search(query: SearchParameters) -> Response:
    """A page of hits with highlights, totals, facets and links to the pages around it; or all of them as a stream."""
    question = query.request()
    if query.format != "json":
        return exported(question, query.format)
    results = ask(question)
    around = _links(question, results)
    shown: LinkData = {"self": around["self"] or "", "next": around["next"], "prev": around["prev"]}
    data: SearchData = {**results_as_data(results), "links": shown}
    answer = _json(data)
    header = _link_header(around)
    if header:
        answer.headers["Link"] = header
    return answer


@blueprint.get("/suggest")
@operation(
    "suggest",
    cached(
        "Words, phrases and titles; or what was typed and a list of texts.",
        {JSON: SuggestData, SUGGESTIONS: {"type": "array", "minItems": 2, "maxItems": 2}},
    ),
    UNCHANGED,
    INVALID,
    NO_INDEX,
)
@lasting
def suggest(query: SuggestParameters) -> Response:
    """Ways to go on from what a reader has typed, with or without hamza, harakat and article."""
    found = current_engine().suggest(query.q, query.limit)
    if query.format == "opensearch":
        return _json([query.q, [each.text for each in found]], SUGGESTIONS)
    data: SuggestData = {"query": query.q, "suggestions": [suggestion_as_data(each) for each in found]}
    return _json(data)


@blueprint.get("/articles/<id:article_id>")
@operation(
    "article",
    cached("The article.", {JSON: ArticleData}),
    UNCHANGED,
    INVALID,
    problem(404, "There is no such article."),
    NO_INDEX,
    paths={"article_id": "The article's id; it may hold slashes."},
)
@lasting
def article(article_id: str, query: NoParameters) -> Response:
    """One article as it is stored."""
    found = current_engine().article(article_id)
    if found is None:
        abort(404, f"There is no article {article_id!r}.")
    return _json(article_as_data(found.article))


def _links(question: SearchRequest, results: SearchResults) -> dict[str, str | None]:
    """Absolute URLs of this page of results and of those around it; None where there is no such page."""
    first = links.absolute("api.search", **links.parameters(replace(question, page=1)))
    page, per_page = question.page, question.per_page
    last = -(-results.total // per_page)
    follows = page < last and (page + 1) * per_page <= MAX_DEPTH
    return {
        "self": links.page_of(first, page),
        "next": links.page_of(first, page + 1) if follows else None,
        # From beyond the end the way back leads to the last page there is.
        "prev": links.page_of(first, max(1, min(page - 1, last))) if page > 1 else None,
        "first": first,
    }


def _link_header(around: dict[str, str | None]) -> str:
    """The links as RFC 8288 has them, the most useful first and only as many as fit."""
    header = ""
    for relation in ("next", "prev", "first"):
        target = around[relation]
        if target is not None:
            longer = f'{header}{header and ", "}<{target}>; rel="{relation}"'
            if len(longer) <= _LONGEST_LINK_HEADER:
                header = longer
    return header


def _encoded(content: Mapping[str, Any] | Sequence[Any]) -> bytes:
    try:
        return orjson.dumps(content)
    except orjson.JSONEncodeError:  # half a surrogate pair, which is no UTF-8
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _json(content: Mapping[str, Any] | Sequence[Any], media_type: str = JSON) -> Response:
    answer = Response(_encoded(content), mimetype=media_type)
    answer.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
