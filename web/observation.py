"""Every request seen from outside the application: counted, timed, named, and written down as a line of JSON."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from index.settings import Settings
from web.asking import ASKED, Asked

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from web.metrics import Metrics

LOG = logging.getLogger("fihris.requests")
"""Where the lines go; under gunicorn to standard output."""

NO_ROUTE = "(none)"

_ROUTE = "fihris.route"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def register(app: Flask) -> None:
    """Make ``app`` tell by which route a request came."""

    def note() -> None:
        if request.url_rule:
            request.environ[_ROUTE] = request.url_rule.rule

    app.before_request(note)


def log_to_output() -> None:
    """Write the lines to standard output, each by itself."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


class Observation:
    """A WSGI application round another one, outside of all that can fail in it."""

    def __init__(self, application: WSGIApplication, metrics: Metrics, settings: Settings) -> None:
        self._application = application
        self._metrics = metrics
        self._logs = settings.log_requests
        self._logs_queries = settings.log_queries
        self._believes_names = settings.proxies > 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer by the application inside, and note what came of it when the answer is closed."""
        begin = time.perf_counter()
        name = self._name(environ)
        statuses: list[int] = []

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            statuses.append(int(status.partition(" ")[0]))
            headers.append(("X-Request-ID", name))
            return start_response(status, headers, *args)

        def end(size: int, whole: bool) -> None:
            status = statuses[-1] if statuses else 500
            self._end(environ, name, status, time.perf_counter() - begin, size, whole)

        self._metrics.begin()
        try:
            body = self._application(environ, start)
        except BaseException:
            end(0, whole=False)
            raise
        return _Body(body, end)

    def _name(self, environ: WSGIEnvironment) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._believes_names else ""
        return given if _ID.fullmatch(given) else secrets.token_hex(8)

    def _end(self, environ: WSGIEnvironment, name: str, status: int, seconds: float, size: int, whole: bool) -> None:
        route = environ.get(_ROUTE, NO_ROUTE)
        method = environ.get("REQUEST_METHOD", "")
        asked: Asked | None = environ.get(ASKED)
        self._metrics.end(method, route, status, seconds, asked)
        if not self._logs:
            return
        line: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": name,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "bytes": size,
        }
        if not whole:
            line["cut"] = True
        if asked and self._logs_queries:
            line["total"] = asked.total
            line["query"] = asked.request.text
            line |= {name: value for name, value in asdict(asked.request.filters).items() if value}
        LOG.info(json.dumps(line, ensure_ascii=False, default=str))  # days are the only other values


class _Body:
    """A response's body that counts its bytes and says when it is done with, and whether all of it was taken."""

    def __init__(self, body: Iterable[bytes], end: Callable[[int, bool], None]) -> None:
        self._body = body
        self._end = end
        self._size = 0
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._size += len(piece)
            yield piece
        self._whole = True

    def close(self) -> None:
        """Close what is inside; servers call this once, whether all was sent or not."""
        close = getattr(self._body, "close", None)
        try:
            if close:
                close()
        finally:
            self._end(self._size, self._whole)
