"""JSON Lines: one object a line; a bad line costs itself only."""

from __future__ import annotations

from collections.abc import Iterator

from index.article import Article, Rejection
from index.readers.charset import Utf8Stream
from index.readers.inputs import Input
from index.readers.jsonvalues import DECODER, UNREADABLE, reason_of
from index.readers.streams import lines


def read(given: Input) -> Iterator[Article | Rejection]:
    """Yield the article of every line that is not blank, or why there is none."""
    stream = Utf8Stream(given.stream)
    decode = DECODER.decode
    offset = 0
    for number, line in enumerate(lines(stream, given.limit), start=1):
        given.line = number
        if isinstance(line, int):
            yield given.oversize(number)
            offset += line
            continue
        try:
            # A byte order mark within a file is left where files were joined.
            text = line.decode("utf-8").lstrip("\ufeff")
            if text.isspace() or not text:
                offset += len(line)
                continue
            record = decode(text)
        except UnicodeDecodeError as error:
            yield given.rejection(number, stream.fault(offset + error.start, line[error.start]))
        except UNREADABLE as error:
            yield given.rejection(number, reason_of(error))
        else:
            if isinstance(record, dict):
                yield given.records.read(record, given.name, number)
            else:
                yield given.rejection(number, "not a JSON object")
        offset += len(line)
