"""A segment as Whoosh's table of contents (TOC) names it, and the codec that opens it.

The TOC holds segments pickled: this module's path and the class's name bind an index to this program, and nothing else
does (the schema is passed on every open). Renaming either makes older indexes unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Codec, Segment
from whoosh.filedb.filestore import FileStorage

from index.codec.layout import Postings, open_segment
from index.codec.reading import ArrayDocumentReader, ArrayTermsReader
from index.codec.stockwriting import DocumentWriter, PostingWriter

INDEX_NAME = "MAIN"
EXTENSION = ".arrays"


class ArraySegment(Segment):  # type: ignore[misc]
    """One segment: its name, how many documents it has, and which of them are deleted."""

    def __init__(self, indexname: str = INDEX_NAME, documents: int = 0) -> None:
        super().__init__(indexname)
        self._documents = documents
        self._deleted = np.zeros(0, np.uint32)

    def codec(self) -> Codec:
        """Return the codec that reads it."""
        return ArrayCodec()

    def file(self, directory: Path) -> Path:
        """Return where its arrays are."""
        return directory / f"{self.segment_id()}{EXTENSION}"

    def should_assemble(self) -> bool:
        """Tell Whoosh to leave the file as it is, so that it can be mapped."""
        return False

    def doc_count_all(self) -> int:
        """Count the documents, deleted ones as well."""
        return self._documents

    def set_doc_count(self, documents: int) -> None:
        """Say how many documents were written."""
        self._documents = documents

    def deleted_count(self) -> int:
        """Count the deleted documents."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterable[int]:
        """Return the numbers of the deleted documents, ascending."""
        return self._deleted.tolist()

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Mark a document as deleted, or as not."""
        if not 0 <= docnum < self._documents:
            raise ValueError(f"document {docnum} of a segment of {self._documents}")
        change = np.array([docnum], np.uint32)
        self._deleted = (np.union1d if delete else np.setdiff1d)(self._deleted, change)

    def delete_documents(self, numbers: Iterable[int]) -> None:
        """Mark many documents as deleted."""
        self._deleted = np.union1d(self._deleted, np.fromiter(numbers, np.uint32))

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        if not len(self._deleted):
            return False
        place = int(np.searchsorted(self._deleted, docnum))
        return place < len(self._deleted) and int(self._deleted[place]) == docnum

    def live(self) -> NDArray[np.bool_]:
        """Return for each document whether it is not deleted."""
        live = np.ones(self._documents, np.bool_)
        live[self._deleted] = False
        return live

    def __getstate__(self) -> dict[str, Any]:
        return {
            "indexname": self.indexname, "segid": self.segid,
            "documents": self._documents, "deleted": self._deleted.tobytes(),
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.indexname, self.segid, self.compound = state["indexname"], state["segid"], False
        self._documents = state["documents"]
        self._deleted = np.frombuffer(state["deleted"], np.uint32)


class ArrayCodec(Codec):  # type: ignore[misc]
    """Opens array segments for Whoosh's own classes, and takes what Whoosh's own writer gives.

    Whoosh's writer must be told of it each time (``FileIndex.writer(codec=ArrayCodec())``); else it writes segments of
    its own kind, which may lie beside ours in one index. Of writers with several processes only those that make
    several segments (``multisegment=True``) can use it. ``extras``: see ``index.families.additions``.
    """

    length_stats = False
    """Whoosh need not look up field lengths while it writes postings."""

    def __init__(self, extras: Callable[[Postings], Mapping[str, NDArray[Any]]] = lambda postings: {}) -> None:
        self._extras = extras
        self._writing: WeakKeyDictionary[Segment, DocumentWriter] = WeakKeyDictionary()

    def new_segment(self, storage: FileStorage, indexname: str) -> ArraySegment:
        """Return a segment yet to be written."""
        return ArraySegment(indexname)

    def per_document_writer(self, storage: FileStorage, segment: ArraySegment) -> DocumentWriter:
        """Return the writer of a new segment's documents; its file is created now."""
        writer = self._writing[segment] = DocumentWriter(segment.file(Path(storage.folder)))
        return writer

    def field_writer(self, storage: FileStorage, segment: ArraySegment) -> PostingWriter:
        """Return the writer of a new segment's postings, which completes the file."""
        return PostingWriter(self._writing.pop(segment), self._extras)

    def per_document_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayDocumentReader:
        """Return the reader of a segment's documents; raises as ``Container.open`` does."""
        return ArrayDocumentReader(open_segment(segment.file(Path(storage.folder))), segment)

    def terms_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayTermsReader:
        """Return the reader of a segment's terms and postings; raises as ``Container.open`` does."""
        return ArrayTermsReader(open_segment(segment.file(Path(storage.folder))))
