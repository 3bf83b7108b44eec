"""Candidates as a small segment: their words, as the cluster returned them, inverted for the kernels.

Only words that the query asks for are told apart; all others are one, so that places in the texts stay right.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.arabic.vowels import SEPARATOR
from index.codec.interning import Interner
from index.codec.inversion import ReadTexts, invert, lengths_of
from index.codec.layout import COUNTED, Documents, FacetColumn, SegmentArrays, StoredBlocks, Strings
from index.opensearch.documents import LINES, term
from index.schema import NO_DAY, NO_INSTANT, TEXTS, VOCALISED

COLUMNS = ("sequence", "day", "instant", "source_value")
"""The columns of a document that a candidate needs; ``WORDS`` besides where it is scored."""

WORDS = "words"

_NOWHERE = Path("candidates")
_OTHER = b""
"""Stands for all words that nobody asked for: no word is empty."""

_NO_BLOCKS = StoredBlocks(np.zeros(0, np.uint8), np.zeros(1, np.uint64), np.zeros(1, np.uint32), np.zeros(0, np.uint32))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that the cluster found. ``id``: the cluster's own, not the article's.

    ``score``: the cluster's. ``sequence``, ``day``, ``instant``: see ``index.opensearch.mapping``; NO_DAY, NO_INSTANT.
    ``words``: those of all fields, packed; empty where they were not fetched.
    """

    id: str
    score: float
    sequence: int
    day: int = NO_DAY
    instant: int = NO_INSTANT
    source: str = ""
    words: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which words a query asks for: some, all that begin in some way, and those with harakat of some words."""

    words: Collection[bytes]
    beginnings: Sequence[str]
    vocalised: Collection[str]


def segment_of(candidates: Sequence[Candidate], asked: Asked) -> SegmentArrays:
    """Return candidates as a segment whose documents are numbered in their order."""
    unpack = zstandard.ZstdDecompressor().decompress
    lines = [unpack(candidate.words).decode().split("\n") for candidate in candidates]
    wanted = list(dict.fromkeys(asked.words))
    words = _Words(lines, range(len(TEXTS)))
    numbers, names = words.told_apart([term(word.decode()) for word in wanted], asked.beginnings)
    names = [*wanted, *names[len(wanted) :]]
    if asked.vocalised:
        vowels = _Words(lines, range(len(TEXTS), len(LINES)))
        beginnings = tuple(f"{term(word)}{SEPARATOR}" for word in asked.vocalised)
        vocalised, vocalised_names = vowels.told_apart((), beginnings)
        vocalised_counts = vowels.counts
    else:
        vocalised, vocalised_names = np.zeros(0, np.int32), [_OTHER]
        vocalised_counts = np.zeros((len(VOCALISED), len(candidates)), np.int32)
    read = ReadTexts(numbers, words.counts, vocalised, vocalised_counts)
    postings = invert([read], names, vocalised_names)
    return SegmentArrays(_NOWHERE, len(candidates), postings, _documents(candidates, words.counts), _NO_BLOCKS, {})


class _Words:
    """Some fields of candidates, word after word: all of the first field, then all of the next.

    ``counts`` i32 [fields, candidates]: how many there are of each.
    """

    def __init__(self, lines: Sequence[Sequence[str]], fields: Sequence[int]) -> None:
        """``lines``: of each candidate, what is in each of LINES."""
        texts = [each[field] for field in fields for each in lines]
        counts = [text.count(" ") + 1 if text else 0 for text in texts]
        self.counts = np.array(counts, np.int32).reshape(len(fields), len(lines))
        # A space ends each word, the last one too.
        units = np.frombuffer("".join(f"{text} " for text in texts if text).encode("utf-16-le"), np.uint16)
        spaces = units == ord(" ")
        self._units = units[~spaces]
        self._ends = np.flatnonzero(spaces) - np.arange(np.count_nonzero(spaces))

    def told_apart(self, wanted: Sequence[str], beginnings: Sequence[str]) -> tuple[NDArray[np.int32], list[bytes]]:
        """Return a number for each word, and the word of each number: those wanted, what begins so, and _OTHER."""
        interner = Interner()
        interner.numbers_of(wanted)
        numbers = interner.numbers(self._units, self._ends)
        first = len(wanted)
        known = list(map(str.encode, wanted))
        places = np.full(len(interner), -1, np.int32)
        places[:first] = np.arange(first)
        if beginnings:
            begun = tuple(map(str.encode, beginnings))
            for number, word in enumerate(interner.strings(first), first):
                if word.startswith(begun):
                    places[number] = len(known)
                    known.append(word)
        places[places < 0] = len(known)
        return places[numbers], [*known, _OTHER]


def _documents(candidates: Sequence[Candidate], counts: NDArray[np.int32]) -> Documents:
    sources = sorted({candidate.source.encode() for candidate in candidates} | {b""})
    place = {source: number for number, source in enumerate(sources)}
    ordinals = np.array([place[candidate.source.encode()] for candidate in candidates], np.uint16)
    none = FacetColumn(np.zeros(len(candidates), np.uint16), Strings.of([b""]))
    facets: Mapping[str, FacetColumn] = dict.fromkeys(COUNTED, none)
    ids = [candidate.id.encode("utf-8", "replace") for candidate in candidates]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return Documents(
        lengths=lengths_of(counts),
        words=dict(zip(TEXTS, counts.sum(axis=1, dtype=np.int64).tolist(), strict=True)),
        ids=Strings.of([ids[number] for number in order]),
        id_docs=np.array(order, np.uint16),
        day=np.array([candidate.day for candidate in candidates], np.int32),
        instant=np.array([candidate.instant for candidate in candidates], np.int64),
        facets={**facets, "source": FacetColumn(ordinals, Strings.of(sources))},
    )


def candidate_of(hit: Mapping[str, Any]) -> Candidate:
    """Return the candidate of a hit of the cluster's answer."""
    columns = {name: values[0] for name, values in hit["fields"].items()}
    return Candidate(
        id=hit["_id"],
        score=float(hit.get("_score") or 0.0),
        sequence=int(columns["sequence"]),
        day=int(columns.get("day", NO_DAY)),
        instant=int(columns.get("instant", NO_INSTANT)),
        source=columns.get("source_value", ""),
        words=b64decode(columns.get(WORDS, "") + "=="),  # columns come without padding
    )
