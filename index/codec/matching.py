"""One posting list as Whoosh's matchers see it.

The executor in ``search`` reads the arrays itself; this is for Whoosh's own queries, and for Whoosh's own merging.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo

from index.codec.layout import BLOCK, U16, U32, Postings


def exact_frequencies(postings: Postings, begin: int, end: int) -> U32:
    """Return how often the word stands in the document, for the postings ``begin`` to ``end`` of a segment."""
    frequencies = postings.freqs[begin:end].astype(np.uint32)
    first, last = np.searchsorted(postings.big_at, (begin, end))
    frequencies[postings.big_at[first:last] - begin] = postings.big[first:last]
    return frequencies


@dataclass(frozen=True)
class PostingList:
    """The postings ``begin`` to ``end`` of a segment: those of one word in one field.

    ``lengths`` [documents of the segment] says how many words each has in that field.
    """

    postings: Postings
    begin: int
    end: int
    lengths: U16

    @cached_property
    def docs(self) -> list[int]:
        """The documents, ascending."""
        docs: list[int] = self._docs.tolist()
        return docs

    @cached_property
    def frequencies(self) -> list[int]:
        """How often the word stands in each of them."""
        frequencies: list[int] = self._frequencies.tolist()
        return frequencies

    @property
    def _docs(self) -> U16:
        return self.postings.docs[self.begin : self.end]

    @cached_property
    def _frequencies(self) -> U32:
        return exact_frequencies(self.postings, self.begin, self.end)

    @cached_property
    def _position_begins(self) -> list[int]:
        block = self.begin // BLOCK
        before = int(self.postings.position_starts[block])
        before += int(exact_frequencies(self.postings, block * BLOCK, self.begin).sum())
        return list(accumulate(self.frequencies, initial=before))

    def info(self) -> TermInfo:
        """Return what Whoosh wants to know of a term."""
        lengths = self.lengths[self._docs]
        return TermInfo(
            weight=float(self._frequencies.sum()), df=self.end - self.begin,
            minlength=int(lengths.min()), maxlength=int(lengths.max()), maxweight=float(self._frequencies.max()),
            minid=int(self._docs[0]), maxid=int(self._docs[-1]),
        )  # fmt: skip

    def value(self, number: int) -> bytes:
        """Return the positions of the posting that is ``number`` in this list, as ``index.fields`` encodes them."""
        begins = self._position_begins
        return self.postings.positions[begins[number] : begins[number + 1]].astype(np.uintc).tobytes()


@dataclass(frozen=True)
class SingleDocument:
    """The posting list of an id: one document, once, without positions or length."""

    doc: int

    @property
    def docs(self) -> list[int]:
        """The document."""
        return [self.doc]

    @property
    def frequencies(self) -> list[int]:
        """Once."""
        return [1]

    def info(self) -> TermInfo:
        """Return what Whoosh wants to know of a term."""
        return TermInfo(weight=1.0, df=1, minlength=0, maxlength=0, maxweight=1.0, minid=self.doc, maxid=self.doc)

    def value(self, number: int) -> bytes:
        """Return the value of Whoosh's ``Existence``."""
        return b""


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Goes through a posting list, document by document."""

    def __init__(
        self, postings: PostingList | SingleDocument, format_: Any, term: tuple[str, bytes], scorer: Any
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._postings = postings
        self._docs = postings.docs
        self._at = 0

    def copy(self) -> ArrayMatcher:
        """Return a matcher of the same list at the same place."""
        other = ArrayMatcher(self._postings, self.format, self._term, self.scorer)
        other._at = self._at
        return other

    def is_active(self) -> bool:
        """Tell whether there is a current posting."""
        return self._at < len(self._docs)

    def reset(self) -> None:
        """Go back to the first posting."""
        self._at = 0

    def id(self) -> int:
        """Return the current document; behind the last posting, where Whoosh's ``AndNotMatcher`` asks too, the last."""
        return self._docs[min(self._at, len(self._docs) - 1)]

    def weight(self) -> float:
        """Return how often the word stands in the current document."""
        return float(self._postings.frequencies[self._at])

    def value(self) -> bytes:
        """Return the current posting's value, for ``format``'s decoders."""
        return self._postings.value(self._at)

    def next(self) -> None:
        """Go to the next posting; raises ReadTooFar behind the last."""
        if not self.is_active():
            raise ReadTooFar
        self._at += 1

    def skip_to(self, id: int) -> None:  # noqa: A002 -- Whoosh's name for it
        """Go on to the first document that is not before ``id``; raises ReadTooFar behind the last posting."""
        if not self.is_active():
            raise ReadTooFar
        self._at = bisect_left(self._docs, id, self._at)

    # Bounds of scores stay unsaid, so that Whoosh passes over nothing. Given bounds, Whoosh 2.7.4 may lose documents
    # (``ArrayUnionMatcher`` says the largest part's bound for the sum), count too few, or, where a sum of bounds is
    # rounded, never come back (``UnionMatcher.skip_to_quality``).

    def supports_block_quality(self) -> bool:
        """Return False: blocks of low scores are not passed over."""
        return False

    def max_quality(self) -> float:
        """Return infinity: no score is above it."""
        return math.inf

    def block_quality(self) -> float:
        """Return infinity, as ``max_quality`` does."""
        return math.inf

    def skip_to_quality(self, minquality: float) -> int:
        """Stay, and return 0: every block may be good enough."""
        return 0
