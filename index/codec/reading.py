"""The readers of a segment that Whoosh's own classes ask: of terms and of documents.

They keep no place in a file, so that threads may share them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice, pairwise
from typing import Any

import numpy as np
from whoosh.codec.base import FieldCursor, PerDocumentReader, Segment, TermsReader
from whoosh.columns import Column, ColumnReader
from whoosh.reading import TermInfo, TermNotFound

from index.codec.column_readers import NumberReader, ValueReader
from index.codec.layout import FIELD_NUMBER, SegmentArrays, Strings
from index.codec.matching import ArrayMatcher, PostingList, SingleDocument
from index.codec.stored import StoredReader, unpacked
from index.schema import FACETS, TEXTS

_RUN = 256
"""Words that are unpacked at once."""


class _FieldTerms:
    """The terms of one field, ascending, and the posting list of each."""

    def __init__(self, arrays: SegmentArrays, field: str) -> None:
        self.arrays = arrays
        self.field = field
        self.terms = arrays.documents.ids if field == "id" else arrays.postings.fields[field].terms

    def place(self, term: bytes) -> int:
        """Return where a term stands, or would stand."""
        return bisect_left(self.terms, term)

    def postings(self, place: int) -> PostingList | SingleDocument:
        documents = self.arrays.documents
        if self.field == "id":
            return SingleDocument(int(documents.id_docs[place]))
        starts = self.arrays.postings.fields[self.field].starts
        lengths = documents.lengths[FIELD_NUMBER[self.field]]
        return PostingList(self.arrays.postings, int(starts[place]), int(starts[place + 1]), lengths)

    def frequency(self, place: int) -> float:
        return float(sum(self.postings(place).frequencies))

    def doc_frequency(self, place: int) -> int:
        if self.field == "id":
            return 1
        starts = self.arrays.postings.fields[self.field].starts
        return int(starts[place + 1]) - int(starts[place])

    def from_place(self, place: int) -> Iterator[tuple[int, bytes]]:
        for first in range(place, len(self.terms), _RUN):
            yield from enumerate(_run(self.terms, first), first)


def _run(strings: Strings, first: int) -> list[bytes]:
    ends: list[int] = strings.ends[first : first + _RUN + 1].tolist()
    data = strings.bytes_[ends[0] : ends[-1]].tobytes()
    return [data[begin - ends[0] : end - ends[0]] for begin, end in pairwise(ends)]


class ArrayTermsReader(TermsReader):  # type: ignore[misc]
    """The terms of a segment and their postings. Fields go by name, terms by UTF-8 bytes, as Whoosh wants them."""

    def __init__(self, arrays: SegmentArrays) -> None:
        every = (_FieldTerms(arrays, name) for name in sorted((*TEXTS, "id")))
        self._fields = {terms.field: terms for terms in every if len(terms.terms)}

    def _find(self, fieldname: str, text: bytes) -> tuple[_FieldTerms, int]:
        # Whoosh's SegmentReader catches KeyError, of which TermNotFound is none.
        terms = self._fields[fieldname]
        place = terms.terms.find(text)
        if place < 0:
            raise KeyError((fieldname, text))
        return terms, place

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        terms = self._fields.get(term[0])
        return terms is not None and terms.terms.find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """Return the names of the fields that hold a term."""
        return list(self._fields)

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:
        """Return a cursor over the terms of one field."""
        return ArrayCursor(self._fields.get(fieldname), fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every field and term, ascending."""
        return ((terms.field, term) for terms, _, term in self._from(0, b""))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield field and term from this one on: to the end of the last field, as Whoosh expects."""
        return ((terms.field, term) for terms, _, term in self._from(self._number(fieldname), prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield every field and term, each with its info."""
        return (((terms.field, term), terms.postings(place).info()) for terms, place, term in self._from(0, b""))

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield as ``terms_from`` does, each with its info."""
        every = self._from(self._number(fieldname), prefix)
        return (((terms.field, term), terms.postings(place).info()) for terms, place, term in every)

    def _number(self, fieldname: str) -> int:
        """Return a field's place among the fields; for one without terms a place behind the last."""
        names = list(self._fields)
        return names.index(fieldname) if fieldname in names else len(names)

    def _from(self, number: int, term: bytes) -> Iterator[tuple[_FieldTerms, int, bytes]]:
        """Yield the terms of a field, with their places, from ``term`` on, and then those of the fields after it."""
        for terms in islice(self._fields.values(), number, None):
            for place, each in terms.from_place(terms.place(term)):
                yield terms, place, each
            term = b""

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Return a term's statistics, or raise KeyError."""
        terms, place = self._find(fieldname, text)
        return terms.postings(place).info()

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return how often a term stands in all documents, or raise KeyError."""
        terms, place = self._find(fieldname, text)
        return terms.frequency(place)

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return in how many documents a term stands, deleted ones as well, or raise KeyError."""
        terms, place = self._find(fieldname, text)
        return terms.doc_frequency(place)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        """Return a matcher over a term's postings, or raise TermNotFound."""
        try:
            terms, place = self._find(fieldname, text)
        except KeyError:
            raise TermNotFound(f"No term {fieldname}:{text!r}") from None
        return ArrayMatcher(terms.postings(place), format_, (fieldname, text), scorer)


class ArrayCursor(FieldCursor):  # type: ignore[misc]
    """A place among the terms of one field, which a fuzzy query moves about."""

    def __init__(self, terms: _FieldTerms | None, field: Any) -> None:
        self._terms = terms
        self._field = field
        self._place = 0

    def first(self) -> str | None:
        """Go to the first term and return it."""
        return self._go(0)

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term that is not before ``string`` and return it."""
        term = string if isinstance(string, bytes) else self._field.to_bytes(string)
        return self._go(self._terms.place(term) if self._terms else 0)

    def next(self) -> str | None:
        """Go to the next term and return it."""
        return self._go(self._place + 1)

    def _go(self, place: int) -> str | None:
        self._place = place
        return self.text()

    def text(self) -> str | None:
        """Return the current term, or None behind the last."""
        if self._terms is None or self._place >= len(self._terms.terms):
            return None
        text: str = self._field.from_bytes(self._terms.terms[self._place])
        return text

    def term_info(self) -> TermInfo | None:
        """Return the current term's statistics, or None behind the last."""
        return self._terms.postings(self._place).info() if self._terms and self.is_valid() else None

    def is_valid(self) -> bool:
        """Tell whether there is a current term."""
        return self._terms is not None and self._place < len(self._terms.terms)


class ArrayDocumentReader(PerDocumentReader):  # type: ignore[misc]
    """What a segment knows of its documents. Deletions are the table of contents': they come from ``segment``."""

    def __init__(self, arrays: SegmentArrays, segment: Segment) -> None:
        self._documents = arrays.documents
        self._segment = segment
        self._stored = StoredReader(arrays.stored)

    def doc_count_all(self) -> int:
        """Count the documents, deleted ones as well."""
        return len(self._documents.id_docs)

    def doc_count(self) -> int:
        """Count the documents that are not deleted."""
        return self.doc_count_all() - int(self._segment.deleted_count())

    def has_deletions(self) -> bool:
        """Tell whether a document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether this document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> list[int]:
        """Return the deleted documents, ascending."""
        return list(self._segment.deleted_docs())

    def all_doc_ids(self) -> Iterator[int]:
        """Yield the documents that are not deleted, ascending."""
        deleted = frozenset(self.deleted_docs())
        return (number for number in range(self.doc_count_all()) if number not in deleted)

    def iter_docs(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield number and stored fields of the documents that are not deleted."""
        deleted = frozenset(self.deleted_docs())
        for number, record in enumerate(self._stored.records()):
            if number not in deleted:
                yield number, asdict(unpacked(record))

    def all_stored_fields(self) -> Iterator[dict[str, str]]:
        """Yield the stored fields of the documents that are not deleted."""
        return (fields for _, fields in self.iter_docs())

    def stored_fields(self, docnum: int) -> dict[str, str]:
        """Return all fields of an article, by name."""
        return asdict(self._stored.article(docnum))

    def supports_columns(self) -> bool:
        """Tell Whoosh that there are columns."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Tell whether a field is a column."""
        return fieldname in self.list_columns()

    def list_columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return ("day", "instant", *(f"{facet}_value" for facet in FACETS))

    def column_reader(self, fieldname: str, column: Column) -> ColumnReader:
        """Return a column's reader; ``column``, which says how Whoosh would have written it, is not needed."""
        if fieldname == "day":
            return NumberReader(self._documents.day)
        if fieldname == "instant":
            return NumberReader(self._documents.instant)
        if not self.has_column(fieldname):
            raise ValueError(f"no column {fieldname!r}")
        return ValueReader(self._documents.facets[fieldname.removesuffix("_value")])

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return how many words a document has in a field (65,535: at least); ``default`` where none are counted."""
        number = FIELD_NUMBER.get(fieldname)
        return default if number is None else int(self._documents.lengths[number, docnum])

    def field_length(self, fieldname: str) -> int:
        """Return how many words all documents have in a field, deleted ones as well."""
        return self._documents.words.get(fieldname, 0)

    def min_field_length(self, fieldname: str) -> int:
        """Return the least that ``doc_field_length`` gives."""
        return self._extreme(fieldname, np.min)

    def max_field_length(self, fieldname: str) -> int:
        """Return the most that ``doc_field_length`` gives."""
        return self._extreme(fieldname, np.max)

    def _extreme(self, fieldname: str, which: Any) -> int:
        number = FIELD_NUMBER.get(fieldname)
        return int(which(self._documents.lengths[number])) if number is not None and self.doc_count_all() else 0
