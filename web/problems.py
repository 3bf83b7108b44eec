"""Answers to what goes wrong: problem details (RFC 9457) for programs, pages for people."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from search.engine import EngineUnavailableError
from web.answers import ProblemData
from web.schemas import InvalidParametersError, ParameterError

RETRY_AFTER = 30
"""Seconds after which a client may ask again for an index that is not there, or cannot be reached."""

_NO_INDEX = (
    "There is no index that can be searched now. Either it cannot be reached, which passes by itself, or nothing was "
    "published yet, or by another version: `fihris reindex` builds one. The server's log says which."
)
_FOR_PROGRAMS = ("/api", "/feed.atom", "/healthz", "/metrics", "/openapi.json", "/opensearch.xml", "/readyz")


def register(app: Flask) -> None:
    """Make ``app`` answer every error in its own form."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InvalidParametersError, _invalid_parameters)
    app.register_error_handler(EngineUnavailableError, _unavailable)


def problem(status: int, detail: str, errors: tuple[ParameterError, ...] = ()) -> Response:
    """A problem-details answer; ``errors`` says for each parameter at fault what is wrong with it."""
    # ``about:blank`` says that the status code is all there is to the problem's type.
    title = HTTPStatus(status).phrase
    told: ProblemData = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        told["errors"] = [{"parameter": error.parameter, "detail": error.detail} for error in errors]
    text = json.dumps(told, ensure_ascii=False)
    # ``replace``: half a surrogate pair in what is quoted must not turn an error into another one.
    return Response(text.encode("utf-8", "replace"), status, mimetype="application/problem+json")


def _invalid_parameters(error: InvalidParametersError) -> AnyResponse:
    return problem(error.status, str(error), error.errors)


def _unavailable(error: EngineUnavailableError) -> AnyResponse:
    # The error names directories of the server: that is for its log.
    current_app.logger.warning("no index to search: %s", error)
    answer = problem(503, _NO_INDEX) if _asked_by_program() else _page(503)
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _http_error(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response(request.environ)
    # What a reader may know of a failure inside is that there was one; Flask has logged the rest.
    detail = "The server failed; the failure is logged." if status >= 500 else error.description or ""
    if isinstance(error, SecurityError):  # a page's links would have the name
        return problem(status, "The host that was asked for is none of those in FIHRIS_ALLOWED_HOSTS.")
    answer = problem(status, detail) if _asked_by_program() else _page(status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if isinstance(error, TooManyRequests) and error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _page(status: int) -> Response:
    return Response(render_template("error.html", status=status), status)


def _asked_by_program() -> bool:
    return any(request.path == path or request.path.startswith(f"{path}/") for path in _FOR_PROGRAMS)
