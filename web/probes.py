"""Routes for machines that look after the service: is it alive, can it answer, may it be crawled."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from web.extension import current_engine

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """The process is alive; says nothing about the index."""
    return _unstored(jsonify(status="alive"))


@blueprint.get("/readyz")
def readiness() -> Response:
    """There is an index and it opens; a 503 problem where not."""
    return _unstored(jsonify(status="ready", generation=current_engine().generation()))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Nothing is closed to crawlers: a page that must not be indexed has to be read to say so."""
    return Response("User-agent: *\nDisallow:\n", mimetype="text/plain")


def _unstored(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
