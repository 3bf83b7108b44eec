"""Bytes of a source: opened, unpacked, buffered so that their beginning can be looked at, cut into lines."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import cast

from index.readers.sources import STANDARD_INPUT, Source

CHUNK = 1 << 18
"""Bytes read at a time, and so the most that ``peek`` shows of a stream's beginning."""

READ_ERRORS = (OSError, EOFError, zlib.error)
"""What reading a broken, truncated or forbidden file raises."""

_GZIP_MAGIC = b"\x1f\x8b"


ReadInto = Callable[[memoryview], int | None]
"""Reads some bytes, as many as are to be had at once, and says how many; none at the end."""


class _Whole(io.RawIOBase):
    """Fills every request as far as the source goes: the buffer above begins full even on a pipe."""

    def __init__(self, read_into: ReadInto) -> None:
        self._read_into = read_into
        self._error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, target: object, /) -> int:
        if self._error is not None:
            raise self._error
        view = memoryview(cast("bytearray", target))
        filled = 0
        while filled < len(view):
            try:
                count = self._read_into(view[filled:])
            except READ_ERRORS as error:
                # What came before the damage is good; the next call tells of it.
                self._error = error
                if not filled:
                    raise
                break
            if not count:
                break
            filled += count
        return filled


class Opened:
    """An open source: ``stream`` gives its unpacked bytes. A context manager."""

    def __init__(self, source: Source) -> None:
        """Open ``source``; raises one of READ_ERRORS where that fails."""
        self._files = ExitStack()
        self._raw: io.FileIO | io.BufferedReader
        if source.path == STANDARD_INPUT:
            # Not closed here: it belongs to the process.
            if sys.stdin is None:
                raise OSError("standard input is closed")
            self._raw = cast("io.BufferedReader", sys.stdin.buffer)
            packed = buffered(self._raw.readinto1)
            gzipped = packed.peek(2)[:2] == _GZIP_MAGIC
        else:
            file = self._raw = self._files.enter_context(io.FileIO(source.path))
            packed = buffered(file.readinto)
            gzipped = source.gzipped
        if gzipped:
            # Not readinto: where the file is cut off, that drops what was unpacked before.
            self.stream = buffered(gzip.GzipFile(fileobj=packed, mode="rb").readinto1)
        else:
            self.stream = packed

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def position(self) -> int:
        """How many bytes of the file were read so far, before unpacking; 0 where that cannot be told."""
        try:
            return self._raw.tell()
        except (OSError, ValueError):
            return 0


def buffered(read_into: ReadInto) -> io.BufferedReader:
    """A reader over what ``read_into`` gives, whose first ``peek`` shows up to CHUNK bytes."""
    return io.BufferedReader(_Whole(read_into), CHUNK)


def read_up_to(stream: io.BufferedReader, size: int) -> bytes:
    """So many bytes of ``stream``, fewer at its end or before damage: the next call raises what that raises."""
    pieces: list[bytes] = []
    while size > 0:
        try:
            piece = stream.read1(size)
        except READ_ERRORS:
            if not pieces:
                raise
            break
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def lines(stream: io.BufferedReader, limit: int) -> Iterator[bytes | int]:
    """The lines of ``stream`` with their ends; for one of ``limit`` bytes or more, only its length."""
    readline = stream.readline
    while line := readline(limit):
        if len(line) == limit and not line.endswith(b"\n"):
            length = limit
            while rest := readline(CHUNK):
                length += len(rest)
                if rest.endswith(b"\n"):
                    break
            yield length
        else:
            yield line
