"""Building one segment of many articles at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.codec.attributes import Attributes
from index.codec.container import ContainerWriter
from index.codec.inversion import ReadTexts, invert
from index.codec.layout import MAX_DOCUMENTS, Postings, document_numbers, put_documents, put_postings
from index.codec.segment import ArraySegment
from index.codec.stored import StoredWriter, packed
from index.codec.vocabulary import Vocabulary
from index.schema import TEXTS, VOCALISED

Extras: TypeAlias = Callable[[Postings], Mapping[str, NDArray[Any]]]
"""Makes further arrays of a segment's complete postings."""

_BATCH = 1 << 20
"""Bytes of records whose texts are read together."""

_MAX_WORDS = 1 << 30
"""Most words of one segment: inversion counts them in 32 bits."""

_PER_WORD = 12
"""Bytes for each occurrence of a word: its number, and in the inverted form its posting and position."""

_PER_PENDING_BYTE = 2
"""Bytes for each byte of a record while its texts are still to be read."""

_PER_DISTINCT_WORD = 200
"""Bytes for each word of the vocabulary when it is sorted and its occurrences are placed, beside its letters."""


def no_extras(postings: Postings) -> Mapping[str, NDArray[Any]]:
    """Return no further arrays."""
    return {}


class SegmentBuilder:
    """Builds a segment in a directory, of at most ``MAX_DOCUMENTS`` documents; ``documents`` says how many it has.

    Its file is complete and synced when ``finish`` returns.

    ``memory``: bytes that may be held before the segment counts as full. ``extras`` is called once, with the complete
    postings; what it returns is written beside them.
    """

    def __init__(self, directory: Path, memory: int, extras: Extras = no_extras) -> None:
        self.documents = 0
        self._directory = directory
        self._memory = memory
        self._extras = extras
        self._segment = ArraySegment()
        self._writer: ContainerWriter | None = None
        self._stored: StoredWriter | None = None
        self._pending: list[Article] = []
        self._pending_size = 0
        self._attributes = Attributes()
        self._vocabulary = Vocabulary()
        self._texts: list[ReadTexts] = []
        self._words = 0

    @property
    def full(self) -> bool:
        """Whether the segment should be finished before more is added."""
        return self.documents >= MAX_DOCUMENTS or self._words >= _MAX_WORDS or self._held() >= self._memory

    def _held(self) -> int:
        return (
            self._words * _PER_WORD
            + self._vocabulary.size * 2  # when it is sorted, its letters are copied
            + (len(self._vocabulary) + len(self._vocabulary.vocalisations)) * _PER_DISTINCT_WORD
            + self._attributes.size
            + self._pending_size * _PER_PENDING_BYTE
        )

    def add(self, article: Article) -> None:
        """Take an article, whose id no other may have; it must be valid. Raises ValueError past ``MAX_DOCUMENTS``."""
        if self.documents == MAX_DOCUMENTS:
            raise ValueError(f"a segment holds {MAX_DOCUMENTS} documents at most")
        if self._writer is None or self._stored is None:
            self._writer = ContainerWriter(self._segment.file(self._directory))
            self._stored = StoredWriter(self._writer)
        record = packed(article)
        self._stored.add(record)
        self._attributes.add(article)
        self._pending.append(article)
        self._pending_size += len(record)
        self.documents += 1
        if self._pending_size >= _BATCH:
            self._read()

    def add_many(self, articles: Iterable[Article]) -> None:
        """Take articles as ``add`` does, full or not."""
        for article in articles:
            self.add(article)

    def _read(self) -> None:
        texts = [getattr(article, name) for name in TEXTS for article in self._pending]
        read = self._vocabulary.read(texts, len(self._pending) * len(VOCALISED))
        self._texts.append(
            ReadTexts(
                read.words,
                read.counts.reshape(len(TEXTS), -1),
                read.vocalised,
                read.vocalised_counts.reshape(len(VOCALISED), -1),
            )
        )
        self._words += len(read.words) + len(read.vocalised)
        self._pending = []
        self._pending_size = 0

    def finish(self) -> ArraySegment | None:
        """Write the segment and return it; None where there is no document, and no file then."""
        if self._writer is None or self._stored is None:
            return None
        self._read()
        self._stored.finish()
        documents = self._attributes.documents(np.concatenate([piece.counts for piece in self._texts], axis=1))
        postings = invert(self._texts, self._vocabulary.words(), self._vocabulary.vocalisations.words())
        self._texts = []
        put_documents(self._writer, documents)
        put_postings(self._writer, postings)
        for name, array in self._extras(postings).items():
            self._writer.put(name, array)
        self._writer.complete(document_numbers(documents))
        self._writer = None
        self._segment.set_doc_count(self.documents)
        return self._segment

    def abandon(self) -> None:
        """Remove the file of a segment that is not finished."""
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None
