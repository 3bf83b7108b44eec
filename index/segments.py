"""Whoosh's stock W3 segments with the settings that suit articles, and the writer that makes them."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.codec import whoosh3
from whoosh.filedb import compound
from whoosh.filedb.structfile import BufferFile
from whoosh.index import FileIndex

from index.durable import DurableStorage
from index.schema import build_schema

INDEX_NAME = "MAIN"
_LEAST_MEMORY = 32
_LOCK_SECONDS = 10.0
_READ_AHEAD = 512
"""Bytes: what is read through a file position are block headers of less than a hundred; data is read by offset."""


def _dumps(value: object, protocol: int = 5) -> bytes:
    return pickle.dumps(value, 5)


# W3 pickles every block with protocol 2, in which Python 3 spells each bytes object as a call that encodes a string:
# larger and slower by far than protocol 5. Readers take any protocol, so files stay readable by stock Whoosh.
whoosh3.dumps = _dumps


class _Window(io.RawIOBase):
    """A readable file over a buffer that is not copied."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self._buffer)}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, target: Any) -> int:
        piece = self._buffer[self._position : self._position + len(target)]
        target[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


class _MappedFile(BufferFile):  # type: ignore[misc]
    """A file inside a memory-mapped segment. Whoosh's own copies all of it: the whole index, once a reader."""

    def __init__(self, buf: memoryview, name: str | None = None, onclose: Any = None) -> None:
        super().__init__(b"", name=name, onclose=onclose)
        self._buf = buf
        self.file = io.BufferedReader(_Window(buf), _READ_AHEAD)


compound.BufferFile = _MappedFile


class _FieldWriter(whoosh3.W3FieldWriter):  # type: ignore[misc]
    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Any]) -> None:
        # Field lengths would be looked up once a posting, in Python, to keep the shortest of each block; without them a
        # block's quality is a looser upper bound, and nothing else changes.
        super().add_postings(schema, None, items)


class Codec(whoosh3.W3Codec):  # type: ignore[misc]
    """W3 with blocks of 1,024 postings, lightly compressed: fewer to read and unpack than in its default."""

    def __init__(self) -> None:
        super().__init__(blocklimit=1024, compression=1)

    def field_writer(self, storage: Any, segment: Any) -> _FieldWriter:
        """Return the writer of one segment's terms and postings."""
        return _FieldWriter(self, storage, segment)


def create_index(directory: Path) -> FileIndex:
    """Create an empty Whoosh index in a directory, which is made if it is missing."""
    directory.mkdir(parents=True, exist_ok=True)
    return FileIndex.create(DurableStorage(str(directory)), build_schema(), INDEX_NAME)


def open_writer(index: FileIndex, memory: int) -> Any:
    """Return a Whoosh writer that spills to disk after about ``memory`` MB of postings."""
    return index.writer(codec=Codec(), limitmb=max(_LEAST_MEMORY, memory), timeout=_LOCK_SECONDS)
