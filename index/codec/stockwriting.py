"""What Whoosh's own ``SegmentWriter`` drives, so that ``FileIndex.writer(codec=ArrayCodec())`` writes such a segment.

Whoosh gives the documents one by one and then, in order, all postings. The result is the same as the bulk writer's
(``index.codec.builder``): what was stored must make up an article, its columns and vocalised words are derived from
that, and lengths from the postings.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import FieldWriter, PerDocumentWriter

from index.arabic import vocalised
from index.article import Article
from index.codec.attributes import Attributes
from index.codec.blocks import starts_of_positions
from index.codec.container import ContainerWriter
from index.codec.layout import (
    MANY,
    MAX_DOCUMENTS,
    Dictionary,
    Postings,
    Strings,
    document_numbers,
    put_documents,
    put_postings,
)
from index.codec.stored import StoredWriter, packed
from index.schema import TEXTS, VOCALISED, document

_STORED = frozenset(each.name for each in fields(Article))


class DocumentWriter(PerDocumentWriter):  # type: ignore[misc]
    """Takes the documents: writes the articles into the segment's file, and keeps what is known of them besides.

    A failure leaves a document half taken; Whoosh's writer must then be cancelled, as always.
    """

    def __init__(self, path: Path) -> None:
        self.is_closed = False
        self.file = ContainerWriter(path)
        self.stored = StoredWriter(self.file)
        self.attributes = Attributes()
        self.vocalised: Mapping[str, dict[str, Counter[int]]] = {name: {} for name in VOCALISED}
        self._ids: set[str] = set()
        self._taking = False
        self._fields: dict[str, str] = {}
        self._columns: dict[str, Any] = {}

    @property
    def count(self) -> int:
        """How many documents were taken."""
        return len(self._ids)

    def start_doc(self, docnum: int) -> None:
        """Begin the next document."""
        if self._taking or docnum != self.count:
            raise ValueError(f"document {self.count} was left half taken: cancel this writer")
        if docnum >= MAX_DOCUMENTS:
            raise ValueError(f"a segment holds at most {MAX_DOCUMENTS:,} documents: commit before, and merge fewer")
        self._taking = True
        self._fields, self._columns = {}, {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        """Take a field's stored value, if it has one; ``length`` is counted from the postings instead."""
        if value is None:
            return
        if fieldname not in _STORED or not isinstance(value, str):
            raise ValueError(f"an array segment stores the strings of an article, no {type(value)} as {fieldname!r}")
        self._fields[fieldname] = value

    def add_column_value(self, fieldname: str, columnobj: Any, value: Any) -> None:
        """Take a column's value."""
        self._columns[fieldname] = value

    def finish_doc(self) -> None:
        """Complete the document. Raises ValueError for an id that is missing or taken, or a column at odds with it."""
        article = Article(**{"id": "", **self._fields})
        if not article.id or article.id in self._ids:
            reason = "stands twice in one segment" if article.id else "is missing"
            raise ValueError(f"id {article.id!r} {reason}: it is the articles' unique key")
        derived = document(article)
        for name, value in self._columns.items():
            if name not in derived or derived[name] != value:
                raise ValueError(f"column {name!r} of id {article.id!r} is {value!r}, which the article does not say")
        self.stored.add(packed(article))
        self.attributes.add(article)
        for name, found in self.vocalised.items():
            for word in vocalised(getattr(article, name)):
                found.setdefault(word, Counter())[self.count] += 1
        self._ids.add(article.id)
        self._taking = False

    def close(self) -> None:
        """Do nothing: the file is completed, or removed, with the postings."""
        self.is_closed = True


@dataclass(slots=True)
class _Inverted:
    """One field's words and postings, as they come."""

    words: list[bytes] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    docs: array[int] = field(default_factory=lambda: array("H"))
    freqs: array[int] = field(default_factory=lambda: array("I"))
    positions: array[int] = field(default_factory=lambda: array("I"))


class PostingWriter(FieldWriter):  # type: ignore[misc]
    """Takes the postings, and completes the segment's file when it is closed; removes it when none were to come.

    ``extras``: see ``index.codec.builder``.
    """

    def __init__(self, documents: DocumentWriter, extras: Callable[[Postings], Mapping[str, NDArray[Any]]]) -> None:
        self.is_closed = False
        self._documents = documents
        self._extras = extras
        self._fields = {name: _Inverted() for name in TEXTS}
        self._field: _Inverted | None = None
        self._decode: Callable[[bytes], Iterable[int]] = list
        self._complete = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Any]) -> None:
        """Take all postings: Whoosh calls this only where documents were added and the writer is not cancelled."""
        super().add_postings(schema, lengths, items)
        self._complete = True

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        """Begin a field. The ids are known from the documents."""
        if fieldname not in TEXTS and fieldname != "id":
            raise ValueError(f"an array segment has no field {fieldname!r}")
        self._field = self._fields.get(fieldname)
        if self._field is not None:
            self._decode = fieldobj.format.decode_positions

    def start_term(self, text: bytes) -> None:
        """Begin a word."""
        if self._field is not None:
            self._field.words.append(text)
            self._field.starts.append(len(self._field.docs))

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        """Take a posting."""
        if self._field is None:
            return
        before = len(self._field.positions)
        self._field.positions.extend(self._decode(vbytes))
        count = len(self._field.positions) - before
        if weight != count:
            raise ValueError(f"an array segment holds no boosts: weight {weight} of {count} occurrences")
        self._field.docs.append(docnum)
        self._field.freqs.append(count)

    def finish_term(self) -> None:
        """Do nothing: a word ends where the next one begins."""

    def close(self) -> None:
        """Complete the file, or remove it."""
        self.is_closed = True
        file = self._documents.file
        if not self._complete:
            file.abandon()
            return
        with file:
            self._documents.stored.finish()
            counts = self._counts()
            postings = self._inverted()
            documents = self._documents.attributes.documents(counts)
            put_postings(file, postings)
            put_documents(file, documents)
            for name, extra in self._extras(postings).items():
                file.put(name, extra)
            file.complete(document_numbers(documents))

    def _counts(self) -> NDArray[np.int32]:
        """Return how many words each document has, [fields, documents]."""
        size = self._documents.count
        counts = np.empty((len(TEXTS), size), np.int32)
        for number, each in enumerate(self._fields.values()):
            if max(each.docs, default=-1) >= size:
                raise ValueError(f"document {size} was left half taken: cancel this writer")
            counts[number] = np.bincount(each.docs, each.freqs, size)
        return counts

    def _inverted(self) -> Postings:
        inverted = [*self._fields.values(), *map(_without_positions, self._documents.vocalised.values())]
        begins = np.cumsum([0, *(len(each.docs) for each in inverted)])
        docs = _joined([each.docs for each in inverted], np.dtype(np.uint16))
        exact = _joined([each.freqs for each in inverted], np.dtype(np.uint32))
        positions = _joined([each.positions for each in inverted], np.dtype(np.uint32))
        freqs = np.minimum(exact, MANY).astype(np.uint8)
        big_at = np.flatnonzero(exact >= MANY).astype(np.uint32)
        narrow = int(positions.max(initial=0)) <= np.iinfo(np.uint16).max
        dictionaries = [
            Dictionary(Strings.of(each.words), (np.array([*each.starts, len(each.docs)]) + begin).astype(np.uint32))
            for each, begin in zip(inverted, begins.tolist(), strict=False)
        ]
        return Postings(
            docs,
            freqs,
            big_at,
            exact[big_at],
            positions.astype(np.uint16) if narrow else positions,
            starts_of_positions(freqs, exact[big_at], int(begins[len(TEXTS)])),
            dict(zip(TEXTS, dictionaries, strict=False)),
            dict(zip(VOCALISED, dictionaries[len(TEXTS) :], strict=True)),
        )


def _without_positions(found: Mapping[str, Counter[int]]) -> _Inverted:
    """Return words and how often each stands in which documents, which ascend, as they come from Whoosh."""
    inverted = _Inverted()
    for word, documents in sorted((word.encode(), documents) for word, documents in found.items()):
        inverted.words.append(word)
        inverted.starts.append(len(inverted.docs))
        inverted.docs.extend(documents)
        inverted.freqs.extend(documents.values())
    return inverted


def _joined(pieces: list[array[int]], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.concatenate([np.frombuffer(piece, piece.typecode).astype(dtype, copy=False) for piece in pieces])
