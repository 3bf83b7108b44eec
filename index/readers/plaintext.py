"""Plain text: a file is an article, its first line that is not blank the title and the rest the body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.article import Article, Rejection
from index.readers.charset import Utf8Stream
from index.readers.inputs import Input
from index.readers.leavings import without_leavings
from index.readers.records import holds_text

_LINE_END = re.compile(r"\r\n?")


def read(given: Input) -> Iterator[Article | Rejection]:
    """Yield the one article of the file, or why there is none."""
    stream = Utf8Stream(given.stream)
    given.line = 1
    data = stream.read(given.limit)
    if len(data) >= given.limit:
        yield given.oversize(1)
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        yield given.rejection(line, stream.fault(error.start, data[error.start]))
        return
    text, removed = without_leavings(_LINE_END.sub("\n", text))
    given.ledger.leavings += removed
    title, body = _parts(text)
    yield given.plain(title=title, body=body)


def _parts(text: str) -> tuple[str, str]:
    """The title and the body, without the blank lines before, between and after them."""
    lines = text.split("\n")
    shown = [number for number, line in enumerate(lines) if holds_text(line)]
    if not shown:
        return "", ""
    first, last = shown[0], shown[-1]
    second = shown[1] if len(shown) > 1 else last + 1
    return lines[first].strip(), "\n".join(lines[second : last + 1])
