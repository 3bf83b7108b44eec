"""All results of a question as a stream of lines: JSON Lines or CSV."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator

from flask import Flask, Response, abort, current_app, request
from werkzeug.exceptions import TooManyRequests

from index.article import Article
from search.presentation import ArticleData, article_as_data
from search.request import SearchRequest
from search.results import Everything
from web.asking import ask_for_everything
from web.values import Format

_AT_ONCE = 64
"""Articles in a piece of the stream."""

_RETRY_AFTER = 10
_COLUMNS = tuple(ArticleData.__annotations__)
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SLOTS = "fihris.exports"

MEDIA_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv"}
"""Media types by format."""


def register(app: Flask, most: int) -> None:
    """Let each process of ``app`` send so many exports at a time."""
    app.extensions[_SLOTS] = threading.BoundedSemaphore(most) if most else None


def allowed() -> bool:
    """Tell whether this server sends exports."""
    return current_app.extensions[_SLOTS] is not None


def exported(question: SearchRequest, form: Format) -> Response:
    """Return the stream of all articles that match; 403 where exports are switched off, 429 where too many run."""
    slots: threading.BoundedSemaphore | None = current_app.extensions[_SLOTS]
    if slots is None:
        abort(403, "Exports are switched off (FIHRIS_EXPORTS).")
    if not slots.acquire(blocking=False):
        sentence = "As many exports as this server sends at a time are on their way; ask again later."
        raise TooManyRequests(sentence, retry_after=_RETRY_AFTER)
    try:
        found = ask_for_everything(question)
    except BaseException:
        slots.release()
        raise
    lines = _csv_lines(found.articles) if form == "csv" else _json_lines(found.articles)
    # Nothing of the answer to HEAD is read, nor is it closed.
    answer = Response(() if request.method == "HEAD" else _pieces(lines), mimetype=MEDIA_TYPES[form])
    if request.method == "HEAD":
        slots.release()
    else:
        answer.call_on_close(slots.release)
    _describe(answer, found, form)
    return answer


def _describe(answer: Response, found: Everything, form: Format) -> None:
    answer.headers["Content-Type"] = f"{MEDIA_TYPES[form]}; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="fihris.{form}"'
    answer.headers["X-Total-Count"] = str(found.total)
    answer.headers["X-Robots-Tag"] = "noindex"


def _json_lines(articles: Iterable[Article]) -> Iterator[str]:
    for article in articles:
        yield json.dumps(article_as_data(article), ensure_ascii=False) + "\n"


def _csv_lines(articles: Iterable[Article]) -> Iterator[str]:
    """Yield rows after a header, as in RFC 4180; the mark at the beginning tells spreadsheets that it is UTF-8."""
    buffer = io.StringIO()
    write: Callable[[Iterable[str]], object] = csv.writer(buffer).writerow
    buffer.write("\ufeff")
    write(_COLUMNS)
    yield buffer.getvalue()
    for article in articles:
        buffer.seek(0)
        buffer.truncate()
        write(_harmless(str(cell)) for cell in article_as_data(article).values())
        yield buffer.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula: an apostrophe before it, as OWASP ("CSV Injection") advises.

    Quotation marks within a cell are doubled by the writer, so that no cell can end another.
    """
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell


def _pieces(lines: Iterator[str]) -> Iterator[bytes]:
    """Join lines into pieces that are worth sending and compressing."""
    pending: list[str] = []
    for line in lines:
        pending.append(line)
        if len(pending) >= _AT_ONCE:
            yield "".join(pending).encode()
            pending.clear()
    if pending:
        yield "".join(pending).encode()
