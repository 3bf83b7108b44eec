"""Answers that are good until the index changes: an ETag of its generation, and 304 before anything is searched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec

from flask import Flask, Response, current_app, request

from index.settings import Settings
from web.asking import ASKED, Asked
from web.extension import current_engine

P = ParamSpec("P")

_STATE = "fihris.caching"
_PACKAGES = ("index", "search", "web")
_SOURCES = {".py", ".html", ".css", ".js", ".txt", ".po", ".mo"}
_HOUR = 3600


def register(app: Flask, settings: Settings) -> None:
    """Tell what the answers of ``app`` depend on beside the index: its program and settings, and how long they keep."""
    program = hashlib.blake2b(_program() + repr(settings).encode(), digest_size=8)
    keeping = f"max-age={settings.cache_seconds}" if settings.cache_seconds else "max-age=0, must-revalidate"
    app.extensions[_STATE] = program.digest(), f"public, {keeping}"


@cache
def _program() -> bytes:
    """A digest of every file that an answer may come from."""
    digest = hashlib.blake2b(digest_size=8)
    root = Path(__file__).parent.parent
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in _SOURCES:
                digest.update(path.read_bytes())
    return digest.digest()


def lasting(view: Callable[P, Response]) -> Callable[P, Response]:
    """Make a view's complete answers cacheable until the index changes.

    The tag is a weak one: of two answers to one question, ``took_ms`` differs.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        program, control = current_app.extensions[_STATE]
        state = current_engine().state()
        # The parts of the URL as they came: to put them together as one for people takes longer than all else here.
        came = "\n".join((state, request.scheme, request.host, request.script_root, request.path))
        tag = hashlib.blake2b(
            b"\n".join((program, came.encode("utf-8", "replace"), request.query_string)), digest_size=12
        ).hexdigest()
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = view(*args, **kwargs)
            asked: Asked | None = request.environ.get(ASKED)
            # What is incomplete may be whole next time; what a commit overtook is of no one generation.
            if response.status_code != 200 or (asked and asked.partial) or current_engine().state() != state:
                response.cache_control.no_store = True
                return response
        response.set_etag(tag, weak=True)
        response.headers["Cache-Control"] = control
        return response

    return answer


def unchanging(response: Response) -> Response:
    """Make an answer cacheable that only another version of the program changes."""
    if response.is_streamed:  # a file: read, so that it is compressed as a whole and closed
        response.direct_passthrough = False
        response.make_sequence()
    response.add_etag()
    response.headers["Cache-Control"] = f"public, max-age={_HOUR}"
    response.make_conditional(request)
    return response
