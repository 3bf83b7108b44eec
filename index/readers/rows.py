"""The rows of a table, with the line each begins on; a broken quote takes no neighbour with it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from index.readers.charset import Utf8Stream
from index.readers.streams import lines

_MAX_TRIES = 8
"""So often a line is tried as the start of a row, lest a hostile file take quadratic time."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line it begins on. ``fault`` tells why it cannot be used; its cells are then unsure."""

    line: int
    cells: list[str]
    fault: str = ""


class _Line(NamedTuple):
    number: int
    text: str | None
    size: int
    fault: str = ""
    tries: int = 1


class _Feed:
    """Hands lines to the csv module and keeps those of the row at hand."""

    def __init__(self, rows: Rows, limit: int) -> None:
        self._rows = rows
        self._limit = limit
        self.held: list[_Line] = []
        self._size = 0
        self.at_end = False
        self.over: _Line | None = None

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._rows.take()
        if line is None:
            self.at_end = True
            raise StopIteration
        self._size += line.size
        if line.text is None or self._size >= self._limit:
            self.over = line
            raise StopIteration
        self.held.append(line)
        return line.text

    def begin_row(self) -> None:
        self.held = []
        self._size = 0


class Rows:
    """Reads the rows of ``stream``; one of ``limit`` bytes or more comes as a fault."""

    def __init__(self, stream: Utf8Stream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._lines = lines(stream, limit)
        self._again: deque[_Line] = deque()
        self._offset = 0
        self.line = 0
        """The number of the last line read."""

    def header(self) -> str | None:
        """The first line that is not blank (empty text: it is too long); None at the end of the stream."""
        while line := self.take():
            if line.text is None or line.text.strip():
                return line.text or ""
        return None

    def divided(self, separator: str) -> Iterator[Row]:
        """The rows that follow, blank ones (without cells) among them."""
        at_end = False
        while not at_end or self._again:
            feed = _Feed(self, self._limit)
            # Strict: else a quote that was forgotten would join two rows into one, without a word.
            reader = csv.reader(feed, delimiter=separator, strict=True)
            broken = False
            while not broken:
                feed.begin_row()
                try:
                    row = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    yield Row(feed.held[0].number, [], self._reason(feed, error))
                    broken = True
                else:
                    yield Row(feed.held[0].number, row, next((line.fault for line in feed.held if line.fault), ""))
            yield from self._after(feed)
            at_end = feed.at_end

    def take(self) -> _Line | None:
        """The next line, one that is to be read again before a new one; None at the end."""
        if self._again:
            return self._again.popleft()
        data = next(self._lines, None)
        if data is None:
            return None
        self.line += 1
        if isinstance(data, int):
            self._offset += data
            return _Line(self.line, None, data)
        fault = ""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            fault = self._stream.fault(self._offset + error.start, data[error.start])
            text = data.decode("utf-8", "surrogateescape")
        self._offset += len(data)
        return _Line(self.line, text, len(data), fault)

    def _after(self, feed: _Feed) -> Iterator[Row]:
        """Prepare for going on after a broken row: what stood on its further lines are rows of their own."""
        again = [line._replace(tries=line.tries + 1) for line in feed.held[1:] if line.tries < _MAX_TRIES]
        if feed.over is not None:
            if feed.over.text is None or not feed.held:
                yield Row(feed.over.number, [], self._oversize())
            else:
                again.append(feed.over)
        self._again.extendleft(reversed(again))

    def _reason(self, feed: _Feed, error: csv.Error) -> str:
        if feed.over is not None:
            return f"{self._oversize()}, or a quote that is never closed"
        return "a quoted cell is never closed" if feed.at_end else f"not valid CSV: {error}"

    def _oversize(self) -> str:
        return f"{self._limit} bytes or more: too large for one record"
