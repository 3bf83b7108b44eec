"""Routes for machines that look after the service: is it alive, can it answer, what does it do, may it be crawled."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request

from index.settings import Settings, listed
from web.answers import NO_INDEX, HealthData, ReadinessData, problem
from web.extension import METRICS, current_engine
from web.openapi import JSON, TEXT, Answer, operation

blueprint = Blueprint("probes", __name__)

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SCRAPERS = "fihris.scrapers"
_FORWARDED = ("X-Forwarded-For", "Forwarded")


def register(app: Flask, settings: Settings) -> None:
    """Add the probes to ``app``, and who may read its metrics."""
    networks = tuple(ip_network(each) for each in listed(settings.metrics_allow) if each != "none")
    app.extensions[_SCRAPERS] = networks, settings.proxies > 0
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
@operation("health", Answer(200, "The process is alive.", {JSON: HealthData}, ("Cache-Control",)), tag="operation")
def health() -> Response:
    """The process is alive; says nothing about the index."""
    alive: HealthData = {"status": "alive"}
    return _unstored(jsonify(alive))


@blueprint.get("/readyz")
@operation(
    "readiness",
    Answer(200, "There is an index, and it opens.", {JSON: ReadinessData}, ("Cache-Control",)),
    NO_INDEX,
    tag="operation",
)
def readiness() -> Response:
    """There is an index and it opens; a 503 problem where not."""
    ready: ReadinessData = {"status": "ready", "generation": current_engine().generation()}
    return _unstored(jsonify(ready))


@blueprint.get("/metrics")
@operation(
    "metrics",
    Answer(200, "Prometheus' text format.", {_METRICS_TYPE.partition(";")[0]: TEXT}, ("Cache-Control",)),
    problem(403, "The metrics are not for this address (FIHRIS_METRICS_ALLOW)."),
    tag="operation",
)
def metrics() -> Response:
    """What the service counts and measures, over all of its processes."""
    if not _may_read_metrics():
        abort(403, "The metrics are not for this address; FIHRIS_METRICS_ALLOW names those that may read them.")
    return _unstored(Response(current_app.extensions[METRICS].text(), content_type=_METRICS_TYPE))


def _may_read_metrics() -> bool:
    networks, believes_proxies = current_app.extensions[_SCRAPERS]
    # A proxy that is not believed hides from where a request comes: its own address says nothing.
    if not believes_proxies and any(name in request.headers for name in _FORWARDED):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(address in network for network in networks)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Nothing is closed to crawlers: a page that must not be indexed has to be read to say so."""
    return Response("User-agent: *\nDisallow:\n", mimetype="text/plain")


def _unstored(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
