"""The endpoint for programs: search results and stored articles as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, abort, request

from search.presentation import results_as_data
from search.request import MAX_DEPTH, SearchRequest
from search.results import SearchResults
from web import links
from web.extension import current_engine
from web.params import refuse_parameters, strict_request

# Proxies refuse answers whose headers are large (nginx: 4 kB in all, unless told otherwise).
_LONGEST_LINK_HEADER = 2500

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/search")
def search() -> Response:
    """A page of hits with highlights, totals, facets and links to the pages around it."""
    question = strict_request(request.args)
    results = current_engine().search(question)
    around = _links(question, results)
    shown = {name: around[name] for name in ("self", "next", "prev")}
    answer = _json({**results_as_data(results), "links": shown})
    header = _link_header(around)
    if header:
        answer.headers["Link"] = header
    return answer


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> Response:
    """One article as it is stored."""
    refuse_parameters(request.args)
    found = current_engine().article(article_id)
    if found is None:
        abort(404, f"There is no article {article_id!r}.")
    return _json(asdict(found.article))


def _links(question: SearchRequest, results: SearchResults) -> dict[str, str | None]:
    """Absolute URLs of this page of results and of those around it; None where there is no such page."""

    def url(page: int) -> str:
        return links.absolute("api.search", **links.parameters(replace(question, page=page)))

    page, per_page = question.page, question.per_page
    last = -(-results.total // per_page)
    follows = page < last and (page + 1) * per_page <= MAX_DEPTH
    return {
        "self": url(page),
        "next": url(page + 1) if follows else None,
        # From beyond the end the way back leads to the last page there is.
        "prev": url(max(1, min(page - 1, last))) if page > 1 else None,
        "first": url(1),
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


def _json(content: dict[str, Any]) -> Response:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    answer = Response(text.encode("utf-8"), mimetype="application/json")
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
