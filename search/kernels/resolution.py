"""From words to posting lists, in all segments of a view at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.codec.lookup import find_all
from index.compilation import F64, I64, U8, U16, U32, Array, kernel, read, several, written
from search.kernels.lists import gather, phrase
from search.kernels.segments import (
    BIG,
    BIG_AT,
    BIGS,
    DOCS,
    DOCUMENTS,
    FIELDS,
    FREQS,
    POSITION_STARTS,
    POSITIONS,
    POSTINGS,
    WIDE,
    bytes_at,
    shorts_at,
    words_at,
)

WORD, PHRASE, PREFIX = 0, 1, 2
"""Kinds of leaves."""

KIND, FIRST_TERM, LAST_TERM, FIRST_FIELD, LAST_FIELD, FIRST_ROW, LAST_ROW = range(7)
"""Columns of the table of leaves: which terms are theirs, which fields they are asked of, and which rows they fill."""

SIZE, EXACT, PHRASES, ALONE, K1 = range(5)
"""Places in the constants: how many documents there are; the weight of a word's exact spelling by itself; that of a
phrase; that of what can be found in one spelling only; and BM25's k1."""

BEGIN, END, FIELD, MATCHES, OWN = range(5)
"""Columns of the table of posting lists; see ``search.kernels``."""


@kernel(types.void(read(I64), I64, read(U8), read(U32), written(I64)))
def _look_up(segment: Array, field: int, terms: Array, term_ends: Array, places: Array) -> None:
    at = FIELDS + 4 * field
    size = segment[at]
    ends = words_at(segment[at + 2], size + 1)
    find_all(bytes_at(segment[at + 1], np.int64(ends[size])), ends, terms, term_ends, places)


@kernel(several(written(U16), written(U8))(written(U16), written(U8), I64, I64))
def _grown(docs: Array, freqs: Array, used: int, wanted: int) -> tuple[Array, Array]:
    """Return arrays with room for ``wanted`` more than are used."""
    if used + wanted <= len(docs):
        return docs, freqs
    size = max(2 * len(docs), used + wanted)
    new_docs = np.empty(size, np.uint16)
    new_freqs = np.empty(size, np.uint8)
    new_docs[:used] = docs[:used]
    new_freqs[:used] = freqs[:used]
    return new_docs, new_freqs


@kernel(types.float64(F64, F64))
def _rarity(size: float, documents: float) -> Any:
    """Return Lucene's inverse document frequency."""
    return np.log1p((size - documents + 0.5) / (documents + 0.5))


@kernel(types.int64(read(I64), read(I64, 2), I64))
def _holding(leaf: Array, by_field: Array, term: int) -> Any:
    """Count the documents that hold a term, in the field where most do."""
    most = 0
    for at in range(leaf[FIRST_FIELD], leaf[LAST_FIELD]):
        most = max(most, by_field[at, term])
    return most


@kernel(types.void(read(I64), read(I64, 2), read(U8), read(F64), written(F64)))
def _weigh(leaf: Array, by_field: Array, term_matches: Array, constants: Array, worth: Array) -> None:
    """Write what a leaf is worth; see ``search.ranking`` for the formula."""
    size = constants[SIZE]
    first = leaf[FIRST_TERM]
    own = _holding(leaf, by_field, first)
    worth[1] = 0.0
    if leaf[KIND] == WORD:
        # How many documents hold some form is not known before all are read: forms are taken to be independent.
        without = 1.0
        others = False
        for term in range(first, leaf[LAST_TERM]):
            holding = _holding(leaf, by_field, term)
            others |= term > first and holding > 0
            if term_matches[term]:
                without *= 1 - holding / size
        worth[0] = _rarity(size, size * (1 - without))
        if others:
            worth[1] = constants[EXACT] * _rarity(size, own)
        else:  # one reading is enough
            worth[0] += constants[EXACT] * _rarity(size, own)
    elif leaf[KIND] == PHRASE and leaf[LAST_TERM] - first > 1:
        # A phrase is worth its words together; its own rarity is unknown before it is read, so that of the words is
        # added up, as Lucene does.
        worth[0] = 0.0
        for term in range(first, leaf[LAST_TERM]):
            if term_matches[term]:
                worth[0] += constants[PHRASES] * _rarity(size, _holding(leaf, by_field, term))
    else:
        worth[0] = constants[ALONE] * _rarity(size, own)
    worth[0] *= constants[K1] + 1
    worth[1] *= constants[K1] + 1


@kernel(
    several(written(U16), written(U8))(
        read(I64, 2), read(U8), read(U32), read(U8), read(I64, 2), read(I64), read(F64),
        written(I64, 3), written(F64, 2), written(U32),
    )
)  # fmt: skip
def resolve(
    table: Array, terms: Array, term_ends: Array, term_matches: Array, leaves: Array, fields: Array, constants: Array,
    rows: Array, worths: Array, counts: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """Fill ``rows`` [segments, rows, 5] with the posting lists of all leaves; return the lists made for the query.

    ``table``: see ``segments``. ``terms``, ``term_ends``: the words of all leaves, packed; ``term_matches``: whether a
    document matches by a word, and in a phrase 0 for a word that came before in it. ``fields``: numbers of fields, to
    which the leaves refer. ``worths`` [leaves, 2]: what the saturated frequency of a leaf is multiplied by, and the
    same for the word itself where it is reckoned beside its family, else 0. ``counts``: zeros, one for each document.
    """
    size = len(term_ends) - 1
    own_docs = np.empty(1024, np.uint16)
    own_freqs = np.empty(1024, np.uint8)
    used = 0
    places = np.empty((len(fields), size), np.int64)
    by_field = np.zeros((len(fields), size), np.int64)
    for number in range(len(table)):
        segment = table[number]
        docs = shorts_at(segment[DOCS], segment[POSTINGS])
        freqs = bytes_at(segment[FREQS], segment[POSTINGS])
        for at in range(len(fields)):
            _look_up(segment, fields[at], terms, term_ends, places[at])
        for leaf in range(len(leaves)):
            kind = leaves[leaf, KIND]
            first = leaves[leaf, FIRST_TERM]
            last = leaves[leaf, LAST_TERM]
            row = leaves[leaf, FIRST_ROW]
            width = leaves[leaf, LAST_FIELD] - leaves[leaf, FIRST_FIELD]
            for at in range(leaves[leaf, FIRST_FIELD], leaves[leaf, LAST_FIELD]):
                field = fields[at]
                vocabulary = segment[FIELDS + 4 * field]
                starts = words_at(segment[FIELDS + 4 * field + 3], vocabulary + 1)
                if kind == WORD:
                    for term in range(first, last):
                        place = places[at, term]
                        here = row + (term - first) * width
                        rows[number, here, BEGIN] = 0
                        rows[number, here, END] = 0
                        rows[number, here, FIELD] = field
                        rows[number, here, MATCHES] = term_matches[term]
                        rows[number, here, OWN] = 0
                        if place >= 0:
                            rows[number, here, BEGIN] = starts[place]
                            rows[number, here, END] = starts[place + 1]
                            by_field[at, term] += np.int64(starts[place + 1]) - np.int64(starts[place])
                else:
                    found = 0
                    if kind == PHRASE:
                        lists = np.zeros((last - first, 2), np.int64)
                        least = segment[POSTINGS]
                        for term in range(first, last):
                            place = places[at, term]
                            if place >= 0:
                                lists[term - first, 0] = starts[place]
                                lists[term - first, 1] = starts[place + 1]
                            length = lists[term - first, 1] - lists[term - first, 0]
                            by_field[at, term] += length
                            least = min(least, length)
                        if least:
                            own_docs, own_freqs = _grown(own_docs, own_freqs, used, least)
                            big_at = words_at(segment[BIG_AT], segment[BIGS])
                            big = words_at(segment[BIG], segment[BIGS])
                            position_starts = words_at(segment[POSITION_STARTS], segment[POSTINGS] // 64 + 2)
                            if segment[WIDE]:
                                found = phrase(
                                    docs, freqs, big_at, big, words_at(segment[POSITIONS], 1 << 40), position_starts,
                                    lists, own_docs[used:], own_freqs[used:],
                                )  # fmt: skip
                            else:
                                found = phrase(
                                    docs, freqs, big_at, big, shorts_at(segment[POSITIONS], 1 << 40), position_starts,
                                    lists, own_docs[used:], own_freqs[used:],
                                )  # fmt: skip
                    else:
                        # The words with one beginning stand side by side, and so do their postings. The leaf's two
                        # terms are the beginning, and what stands right after every word that has it.
                        begin = places[at, first]
                        end = places[at, first + 1]
                        begin = starts[begin if begin >= 0 else -1 - begin]
                        end = starts[end if end >= 0 else -1 - end]
                        if begin < end:
                            own_docs, own_freqs = _grown(own_docs, own_freqs, used, segment[DOCUMENTS])
                            found = gather(
                                docs, freqs, begin, end, segment[DOCUMENTS], counts, own_docs[used:], own_freqs[used:]
                            )
                        by_field[at, first] += found
                    rows[number, row, BEGIN] = used
                    rows[number, row, END] = used + found
                    rows[number, row, FIELD] = field
                    rows[number, row, MATCHES] = 1
                    rows[number, row, OWN] = 1
                    used += found
                row += 1
    for leaf in range(len(leaves)):
        _weigh(leaves[leaf], by_field, term_matches, constants, worths[leaf])
    return own_docs, own_freqs
