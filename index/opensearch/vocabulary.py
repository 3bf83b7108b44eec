"""The vocabulary of a cluster's articles, counted as they go by, and the tables that are made of it.

A container of an asset holds the arrays of ``index.families.table``, those of ``index.completions`` and besides:

=========================  ==========  ===============================================================================
``statistics.words``,      u8, u32     words, ascending, packed (see ``index.codec.layout``); left out where they are
``statistics.word_ends``               those of the table, as in a generation's own
``statistics.documents``   u32 [V, 5]  in how many documents each word stands, by field, in the order of TEXTS
=========================  ==========  ===============================================================================

The generation's own table is of all its words. What is added later brings a further one: the table is of the words that
the first one lacks, the statistics are of all words that were added. A document that is replaced stays counted, as in a
segment of the embedded engine before it is merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arabic.kinship import Kinship
from index.arabic.lexicon import Lexicon
from index.article import Article
from index.codec.layout import Strings
from index.codec.lookup import find
from index.codec.unions import Union
from index.codec.vocabulary import Vocabulary
from index.completions import CompletionsBuilder
from index.families import FamilyTable
from index.families.table import kinship_arrays, table_arrays
from index.opensearch.documents import Texts, term
from index.schema import TEXTS, VOCALISED

Arrays = Mapping[str, NDArray[Any]]

_PER_WORD = 150
"""Bytes that a word takes beside its place in the interner: a string, and its counts."""


class WordCounts:
    """Words, ascending, and in how many documents each stands, by field [V, fields]."""

    def __init__(self, words: Strings, documents: NDArray[np.uint32]) -> None:
        self.words = words
        self.documents = documents

    @classmethod
    def none(cls) -> WordCounts:
        """Return those of no document."""
        return cls(Strings.of([]), np.zeros((0, len(TEXTS)), np.uint32))

    @classmethod
    def united(cls, lists: Sequence[WordCounts]) -> WordCounts:
        """Return the sums of several."""
        union = Union.of([each.words for each in lists])
        documents = np.zeros((union.size, len(TEXTS)), np.uint32)
        for each, places in zip(lists, union.places, strict=True):
            documents[places] += each.documents
        return cls(union.strings(np.ones(union.size, np.bool_)), documents)

    @classmethod
    def stored(cls, arrays: Mapping[str, NDArray[Any]]) -> WordCounts:
        """Return what an asset holds."""
        prefix = "statistics.word" if "statistics.words" in arrays else "family.word"
        return cls(Strings(arrays[f"{prefix}s"], arrays[f"{prefix}_ends"]), arrays["statistics.documents"])

    @property
    def counts(self) -> NDArray[np.uint32]:
        """In how many documents each word stands, each field counted by itself."""
        counts: NDArray[np.uint32] = self.documents.sum(axis=1, dtype=np.uint32)
        return counts


class Analyst:
    """Reads the texts of articles, and counts the words and gathers completions by the way.

    ``memory``: bytes that may be held beside the packed vocabulary so far, which takes about 40 bytes a word.
    ``documents``, ``words``: how many articles it has read, and how many words by field.
    """

    def __init__(self, memory: int) -> None:
        self.documents = 0
        self.words = dict.fromkeys(TEXTS, 0)
        self._memory = memory
        self._before = WordCounts.none()
        self._completions = CompletionsBuilder()
        self._begin()

    def _begin(self) -> None:
        self._vocabulary = Vocabulary()
        self._terms: list[str] = []
        self._pairs: list[str] = []
        self._counts = np.zeros((1 << 12, len(TEXTS)), np.uint32)

    def read(self, articles: Sequence[Article]) -> list[Texts]:
        """Return what is in the texts of each article."""
        count = len(articles)
        texts = [getattr(article, name) for name in TEXTS for article in articles]
        read = self._vocabulary.read(texts, count * len(VOCALISED))
        self._terms += [term(word.decode()) for word in self._vocabulary.words(len(self._terms))]
        self._pairs += [term(word.decode()) for word in self._vocabulary.vocalisations.words(len(self._pairs))]
        self._count(read.words, read.counts.reshape(len(TEXTS), count))
        words = _cut(self._terms, read.words, read.counts)
        pairs = _cut(self._pairs, read.vocalised, read.vocalised_counts)
        self.documents += count
        for article in articles:
            self._completions.add(article)
        if self._vocabulary.size + len(self._terms) * _PER_WORD > self._memory:
            self._pack()
        return [Texts(words[place::count], pairs[place::count]) for place in range(count)]

    def _count(self, numbers: NDArray[np.int32], counts: NDArray[np.int32]) -> None:
        size = len(self._terms)
        if size > len(self._counts):
            grown = np.zeros((1 << size.bit_length(), len(TEXTS)), np.uint32)
            grown[: len(self._counts)] = self._counts
            self._counts = grown
        begin = 0
        for field, (name, of_field) in enumerate(zip(TEXTS, counts, strict=True)):
            end = begin + int(of_field.sum())
            places = np.repeat(np.arange(len(of_field), dtype=np.int64), of_field)
            distinct = np.unique(places * size + numbers[begin:end])
            self._counts[:size, field] += np.bincount(distinct % max(1, size), minlength=size).astype(np.uint32)
            self.words[name] += end - begin
            begin = end

    def _pack(self) -> None:
        """Put what was counted to the packed vocabulary, and begin anew."""
        words = self._vocabulary.words()
        if words:
            order = sorted(range(len(words)), key=words.__getitem__)
            counted = WordCounts(Strings.of([words[number] for number in order]), self._counts[order])
            self._before = WordCounts.united([self._before, counted])
        self._begin()

    def completions(self) -> Arrays:
        """Return the completions of all articles so far."""
        return self._completions.arrays()

    def counted(self) -> WordCounts:
        """Return the words of all articles so far."""
        self._pack()
        return self._before


def _cut(strings: Sequence[str], numbers: NDArray[np.int32], counts: NDArray[np.int32]) -> list[list[str]]:
    """Return the strings of these numbers, as many to each text as it has."""
    found = list(map(strings.__getitem__, numbers.tolist()))
    ends = np.cumsum(counts).tolist()
    return [found[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def generation_arrays(analyst: Analyst, protected: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a generation's own tables. ``protected``: words to be left whole."""
    counted = analyst.counted()
    words, counts = counted.words, counted.counts
    kinship = Kinship.protecting(Lexicon.joined(words.bytes_, words.ends, counts), protected)
    arrays = {**table_arrays(words, counts, kinship), **kinship_arrays(kinship)}
    return {**arrays, **analyst.completions(), "statistics.documents": counted.documents}


def addition_arrays(counted: WordCounts, completions: Arrays, table: FamilyTable) -> dict[str, NDArray[Any]]:
    """Return the arrays of further tables, of what was added to a generation whose own table of words this is."""
    words = counted.words
    assert table.kinship is not None  # noqa: S101 - as ``generation_arrays`` made it
    missing = np.flatnonzero(find(table.words, words) < 0)
    arrays = table_arrays(
        Strings.of([words[place] for place in missing.tolist()]), counted.counts[missing], table.kinship
    )
    arrays |= {"statistics.words": words.bytes_, "statistics.word_ends": words.ends}
    return {**arrays, **completions, "statistics.documents": counted.documents}
