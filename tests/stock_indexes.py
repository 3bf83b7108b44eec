"""The same articles in two indexes of Whoosh's own making, one of its W3 segments and one of ours, at several stages.

W3 keeps a field's length as one byte, roughly; ours is exact. ``rough_lengths`` makes ours as rough, so that scores can
be compared to the last bit.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh.codec.base import Codec
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.query import Or, Term
from whoosh.util.numeric import byte_to_length, length_to_byte

from index.article import Article
from index.codec.layout import SegmentArrays, open_segment
from index.codec.merging import merge
from index.codec.reading import ArrayDocumentReader, ArrayTermsReader
from index.codec.segment import INDEX_NAME, ArrayCodec, ArraySegment
from index.durable import DurableStorage
from index.schema import TEXTS, build_schema, document

STAGES = ("fresh", "deleted", "merged", "merged by us", "grown")

_ROUGH = np.array([byte_to_length(length_to_byte(length)) if length else 0 for length in range(1 << 16)])


def create(directory: Path) -> FileIndex:
    """Create an empty index in a new directory."""
    directory.mkdir(parents=True)
    return FileIndex.create(DurableStorage(str(directory)), build_schema(), INDEX_NAME)


def opened(directory: Path) -> FileIndex:
    """Open an index as any Whoosh program would that knows the schema."""
    return FileIndex(FileStorage(str(directory)), build_schema(), INDEX_NAME)


def write(index: FileIndex, codec: Codec, articles: Sequence[Article]) -> None:
    """Add articles as one more segment."""
    writer = index.writer(codec=codec)
    for article in articles:
        writer.add_document(**document(article))
    writer.commit(merge=False)


@dataclass(frozen=True)
class Pair:
    """A stage: W3's directory and ours."""

    w3: Path
    ours: Path


class Stages:
    """All stages, each in directories of its own; the later ones grow out of the earlier."""

    def __init__(self, root: Path, articles: Sequence[Article]) -> None:
        self.pairs: dict[str, Pair] = {}
        self.merged: set[str] = set()
        self._root = root
        first = [root / "fresh" / name for name in ("w3", "ours")]
        third = len(articles) * 9 // 30
        for directory, codec in zip(first, (W3Codec, ArrayCodec), strict=True):
            index = create(directory)
            for begin in range(0, 3 * third, third):
                write(index, codec(), articles[begin : begin + third])
        self.pairs["fresh"] = Pair(*first)
        for directory, codec in self._next("deleted", "fresh"):
            _delete_and_replace(opened(directory), codec, articles[: 3 * third])
        for directory, codec in self._next("merged", "deleted"):
            opened(directory).writer(codec=codec).commit(optimize=True)
        ours = shutil.copytree(self.pairs["deleted"].ours, root / "merged by us" / "ours")
        _merge_by_us(ours)
        self.pairs["merged by us"] = Pair(self.pairs["merged"].w3, ours)
        self.merged |= {segment.segid for name in STAGES[2:4] for segment in segments(self.pairs[name].ours)}
        for directory, codec in self._next("grown", "merged"):
            write(opened(directory), codec, articles[3 * third :])
            _delete_and_replace(opened(directory), codec, articles[third::11])

    def _next(self, stage: str, before: str) -> list[tuple[Path, Codec]]:
        pair = self.pairs[stage] = Pair(self._root / stage / "w3", self._root / stage / "ours")
        shutil.copytree(self.pairs[before].w3, pair.w3)
        shutil.copytree(self.pairs[before].ours, pair.ours)
        return [(pair.w3, W3Codec()), (pair.ours, ArrayCodec())]


def segments(directory: Path) -> list[Any]:
    """Return the segments that an index's table of contents names."""
    return list(TOC.read(FileStorage(str(directory)), INDEX_NAME, schema=build_schema()).segments)


def _delete_and_replace(index: FileIndex, codec: Codec, articles: Sequence[Article]) -> None:
    writer = index.writer(codec=codec)
    writer.delete_by_query(Or([Term("id", article.id) for article in articles[::9]]))
    for article in articles[1::50]:
        writer.update_document(**document(replace(article, title=f"{article.title} (تحديث)")))
    writer.commit(merge=False)


def _merge_by_us(directory: Path) -> None:
    storage = DurableStorage(str(directory))
    toc = TOC.read(storage, INDEX_NAME, schema=build_schema())
    merged = merge(directory, toc.segments)
    TOC(toc.schema, [merged], toc.generation + 1).write(storage, INDEX_NAME)


def rough_lengths(monkeypatch: pytest.MonkeyPatch, merged: set[str]) -> None:
    """Let our segments say field lengths as roughly as W3's.

    W3 adds up exact lengths when it first writes a segment, and rough ones when it merges: ``merged`` names the
    segments for which it did that.
    """

    def rough(segment: ArraySegment, directory: str) -> SegmentArrays:
        exact = open_segment(segment.file(Path(directory)))
        lengths = _ROUGH[exact.documents.lengths]
        assert lengths.max(initial=0) < 1 << 16
        words = exact.documents.words
        if segment.segid in merged:
            words = dict(zip(TEXTS, lengths.sum(axis=1).tolist(), strict=True))
        return replace(
            exact,
            documents=replace(exact.documents, lengths=lengths.astype(np.uint16), words=words),
        )

    class RoughCodec(ArrayCodec):
        def per_document_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayDocumentReader:
            return ArrayDocumentReader(rough(segment, storage.folder), segment)

        def terms_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayTermsReader:
            return ArrayTermsReader(rough(segment, storage.folder))

    monkeypatch.setattr(ArraySegment, "codec", lambda _: RoughCodec())
