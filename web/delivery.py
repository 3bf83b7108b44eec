"""How answers leave: compressed, and readable by pages of the other sites that the operator named (CORS)."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress

from index.settings import Settings, listed
from web import exports

_ALGORITHMS = ["zstd", "br", "gzip"]
_COMPRESSED = [
    "application/atom+xml",
    "application/json",
    "application/opensearchdescription+xml",
    "application/problem+json",
    "application/x-suggestions+json",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
    *exports.MEDIA_TYPES.values(),
]
_READABLE = ("Content-Disposition", "ETag", "Link", "Retry-After", "X-Request-ID", "X-Total-Count")
_DAY = 24 * 3600


def register(app: Flask, settings: Settings) -> None:
    """Compress the answers of ``app``, and let pages of the named origins read ``/api``."""
    app.config["COMPRESS_ALGORITHM"] = app.config["COMPRESS_ALGORITHM_STREAMING"] = _ALGORITHMS
    app.config["COMPRESS_MIMETYPES"] = _COMPRESSED
    Compress(app)
    origins = frozenset(origin.lower() for origin in listed(settings.cors_origins))
    if origins:
        app.after_request(lambda response: _shared(response, origins))


def _shared(response: Response, origins: frozenset[str]) -> Response:
    """Say by which origins an answer may be read, as the Fetch standard asks ("HTTP-network-or-cache fetch", CORS)."""
    if not request.path.startswith("/api/"):
        return response
    # Always: a cache must not give the answer without the header to a page that needs it.
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin.lower() in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
            response.headers["Access-Control-Max-Age"] = str(_DAY)
        else:
            response.headers["Access-Control-Expose-Headers"] = ", ".join(_READABLE)
    return response
