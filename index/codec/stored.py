"""The stored articles of a segment: records in blocks, each compressed by zstandard on its own.

A record is a line with the lengths (in code points) of the article's fields in the order of ``Article``, and the
fields, one after the other: nothing in them needs to be escaped. A block is closed when it holds ``BLOCK_BYTES``: large
enough to compress well, small enough that a page of hits is unpacked at once.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.article import Article
from index.codec.container import ContainerWriter
from index.codec.layout import StoredBlocks

BLOCK_BYTES = 8192
_LEVEL = 3
_values = attrgetter(*(field.name for field in fields(Article)))


def packed(article: Article) -> bytes:
    """Return an article as a record."""
    values = _values(article)
    return f"{','.join(map(str, map(len, values)))}\n{''.join(values)}".encode()


def unpacked(record: bytes) -> Article:
    """Return the article that ``packed`` packed."""
    text = record.decode()
    begin = text.index("\n") + 1
    values = []
    for length in text[: begin - 1].split(","):
        end = begin + int(length)
        values.append(text[begin:end])
        begin = end
    return Article(*values)


class StoredWriter:
    """Appends records to a segment's file, as its first array, while the rest of it is still in the making."""

    def __init__(self, writer: ContainerWriter) -> None:
        self._writer = writer
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._pending: list[bytes] = []
        self._size = 0
        self._ends = [0]
        self._first_docs = [0]
        self._offsets: list[int] = []
        writer.begin("stored.blocks", np.dtype(np.uint8))

    def add(self, record: bytes) -> None:
        """Append the record of the next document."""
        self._offsets.append(self._size)
        self._pending.append(record)
        self._size += len(record)
        if self._size >= BLOCK_BYTES:
            self._close_block()

    def add_live(self, stored: StoredBlocks, live: NDArray[np.bool_]) -> None:
        """Append the records of those documents of another segment that are live.

        A block of which nothing is missing is copied as it is, unless that left a block behind it, or itself, that is
        less than half full.
        """
        reader = StoredReader(stored)
        for number in range(len(stored.block_ends) - 1):
            first, end = (int(place) for place in stored.block_docs[number : number + 2])
            block = stored.blocks[int(stored.block_ends[number]) : int(stored.block_ends[number + 1])].tobytes()
            least = min(zstandard.frame_content_size(block), self._size or BLOCK_BYTES)
            if least >= BLOCK_BYTES // 2 and live[first:end].all():
                if self._pending:
                    self._close_block()
                self._offsets += stored.offsets[first:end].tolist()
                self._append_block(block)
            else:
                for record, is_live in zip(reader.block_records(number), live[first:end].tolist(), strict=True):
                    if is_live:
                        self.add(record)

    def _close_block(self) -> None:
        self._append_block(self._compressor.compress(b"".join(self._pending)))
        self._pending = []
        self._size = 0

    def _append_block(self, block: bytes) -> None:
        self._writer.extend(block)
        self._ends.append(self._ends[-1] + len(block))
        self._first_docs.append(len(self._offsets))

    def finish(self) -> None:
        """Write what is left, and where everything lies."""
        if self._pending:
            self._close_block()
        self._writer.end()
        self._writer.put("stored.block_ends", np.array(self._ends, np.uint64))
        self._writer.put("stored.block_docs", np.array(self._first_docs, np.uint32))
        self._writer.put("stored.offsets", np.array(self._offsets, np.uint32))


class StoredReader:
    """Reads stored articles; may be shared by threads."""

    def __init__(self, stored: StoredBlocks) -> None:
        self._stored = stored
        self._block_docs: list[int] = stored.block_docs.tolist()
        self._local = threading.local()  # a decompressor must not be used by two threads at once

    def article(self, number: int) -> Article:
        """Return the article of a document."""
        return unpacked(self.record(number))

    def record(self, number: int) -> bytes:
        """Return the record of a document."""
        block = bisect_right(self._block_docs, number) - 1
        data = self._unpacked(block)
        offsets = self._stored.offsets
        end = int(offsets[number + 1]) if number + 1 < self._block_docs[block + 1] else len(data)
        return data[int(offsets[number]) : end]

    def records(self) -> Iterator[bytes]:
        """Yield the records of all documents in order."""
        for block in range(len(self._block_docs) - 1):
            yield from self.block_records(block)

    def block_records(self, block: int) -> Iterator[bytes]:
        """Yield the records of one block in order."""
        data = self._unpacked(block)
        begins = self._stored.offsets[self._block_docs[block] : self._block_docs[block + 1]].tolist()
        for begin, end in zip(begins, [*begins[1:], len(data)], strict=True):
            yield data[begin:end]

    def _unpacked(self, block: int) -> bytes:
        decompressor = getattr(self._local, "decompressor", None)
        if decompressor is None:
            decompressor = self._local.decompressor = zstandard.ZstdDecompressor()
        ends = self._stored.block_ends
        unpacked_block: bytes = decompressor.decompress(
            self._stored.blocks[int(ends[block]) : int(ends[block + 1])].data
        )
        return unpacked_block
