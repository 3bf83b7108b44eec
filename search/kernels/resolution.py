"""From the words of a leaf to a unit: its posting lists in all segments of a view, and what they are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from index.addresses import bytes_at, digests_at, longs_at, shorts_at, table_at, words_at
from index.codec.layout import BLOCK
from index.codec.lookup import find_all
from index.codec.subsets import find_in
from index.compilation import F32, F64, I64, U8, U16, U32, Array, kernel, read, several, written
from search.kernels.lists import gather, phrase
from search.kernels.segments import (
    BEFORE,
    BIG,
    BIG_AT,
    BIGS,
    BITS,
    DOCS,
    DOCUMENTS,
    FIELDS,
    FREQS,
    KNOWN,
    LISTS,
    OF_FIELD,
    PLACED,
    PLACES,
    POSITION_STARTS,
    POSITIONS,
    POSTINGS,
    TERM_ENDS,
    TERMS,
    WIDE,
    WORDS,
    eights_of,
)
from search.kernels.units import (
    BEGIN,
    END,
    FIELD,
    FORM,
    LIST,
    MATCHES,
    OWN_DOCS,
    OWN_FREQS,
    OWN_SIZE,
    ROWS,
    SIZE,
    STARTS,
    UNIT,
    WEIGHTS,
    WORTHS,
)

DOCUMENTS_IN_ALL, EXACT, ALONE, K1 = range(4)
"""Places in the constants: how many documents there are; the weight of a word's exact spelling by itself; that of what
can be found in one spelling only; and BM25's k1."""


@kernel(types.void(read(I64), I64, read(U8), read(U32), written(I64)))
def _look_up(segment: Array, field: int, terms: Array, term_ends: Array, places: Array) -> None:
    """Find terms by their letters; see ``find_all``."""
    at = FIELDS + OF_FIELD * field
    ends = words_at(segment[at + TERM_ENDS], segment[at + WORDS] + 1)
    find_all(bytes_at(segment[at + TERMS], np.int64(ends[segment[at + WORDS]])), ends, terms, term_ends, places)


@kernel(types.void(read(I64), I64, read(U8), read(U32), read(I64), written(I64)))
def _look_up_known(
    segment: Array, field: int, terms: Array, term_ends: Array, known: Array, places: Array
) -> None:  # fmt: skip
    """Find terms by their places in the published vocabulary, ``known``, and those that have none by their letters."""
    at = FIELDS + OF_FIELD * field
    told = segment[at + KNOWN]
    bits, before = digests_at(segment[at + BITS], told), words_at(segment[at + BEFORE], told)
    moved = words_at(segment[at + PLACES], segment[at + PLACED])
    for number in range(len(known)):
        if told and known[number] >= 0:
            places[number] = find_in(bits, before, moved, known[number])
        else:
            _look_up(segment, field, terms, term_ends[number : number + 2], places[number : number + 1])


@kernel(types.Array(U32, 1, "C")(read(I64), I64))
def _starts(segment: Array, field: int) -> Any:
    """Return where the posting lists of a field's words begin."""
    at = FIELDS + OF_FIELD * field
    return words_at(segment[at + LISTS], segment[at + WORDS] + 1)


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


@kernel(types.void(written(I64), I64, I64, I64, I64, I64))
def _write(row: Array, begin: int, end: int, field: int, form: int, matches: int) -> None:
    row[BEGIN] = begin
    row[END] = end
    row[FIELD] = field
    row[FORM] = form
    row[MATCHES] = matches


@kernel(types.float64(F64, F64))
def _rarity(size: float, documents: float) -> Any:
    """Return Lucene's inverse document frequency."""
    return np.log1p((size - documents + 0.5) / (documents + 0.5))


@kernel(types.int64(read(I64, 2), I64))
def _holding(by_field: Array, term: int) -> Any:
    """Count the documents that hold a term, in the field where most do."""
    most = 0
    for at in range(len(by_field)):
        most = max(most, by_field[at, term])
    return most


@kernel(types.int64(read(I64), read(I64, 2), read(F32), read(F64), written(I64)))
def _describe(starts: Array, rows: Array, weights: Array, worths: Array, unit: Array) -> Any:
    unit[STARTS] = starts.ctypes.data
    unit[ROWS] = rows.ctypes.data
    unit[SIZE] = len(rows)
    unit[WEIGHTS] = weights.ctypes.data
    unit[WORTHS] = worths.ctypes.data
    unit[OWN_SIZE] = -1
    return unit.ctypes.data


@kernel(
    types.int64(
        read(I64), read(I64, 2), read(F32), read(F64), read(U16), read(U8), types.boolean, written(I64)
    )
)  # fmt: skip
def describe(
    starts: Array, rows: Array, weights: Array, worths: Array, docs: Array, freqs: Array, made: bool, unit: Array
) -> Any:  # fmt: skip
    """Write the addresses of a unit's arrays into its row of numbers, and return that one's address."""
    address = _describe(starts, rows, weights, worths, unit)
    if made:
        unit[OWN_DOCS] = docs.ctypes.data
        unit[OWN_FREQS] = freqs.ctypes.data
        unit[OWN_SIZE] = len(docs)
    return address


@kernel(
    several(written(I64, 2), written(F32), I64)(
        read(I64, 2), read(U8), read(U32), read(I64), read(U8), read(F32), read(I64), read(F64), F64,
        written(I64), written(F64), written(I64),
    )
)  # fmt: skip
def find_word(
    table: Array, terms: Array, term_ends: Array, known: Array, term_matches: Array, term_weights: Array,
    fields: Array, constants: Array, telling: float, starts: Array, worths: Array, unit: Array,
) -> tuple[Array, Array, int]:  # fmt: skip
    """Write the unit of a word; return its rows, their weights, and the unit's address.

    ``table``: see ``segments``. ``terms``, ``term_ends``: the word's forms, packed, itself first; ``known``: their
    places in the published vocabulary, -1 where they have none or it is not known; ``term_matches``: whether a document
    matches by a form; ``term_weights``: what an occurrence of it counts. ``fields``: the numbers of those it is asked
    of. ``telling``: what its worths are multiplied by. ``starts`` …: see ``units``. Of the two worths one is what the
    saturated frequency of all forms is multiplied by, the other the same for the word itself, reckoned beside them; see
    ``search.ranking``.
    """
    size = len(term_ends) - 1
    places = np.empty((len(table), len(fields), size), np.int64)
    used = 0
    for number in range(len(table)):
        for at in range(len(fields)):
            _look_up_known(table[number], fields[at], terms, term_ends, known, places[number, at])
            for term in range(size):
                used += places[number, at, term] >= 0
    rows = np.empty((used, LIST), np.int64)
    weights = np.empty(used, np.float32)
    by_field = np.zeros((len(fields), size), np.int64)
    used = 0
    for number in range(len(table)):
        starts[number] = used
        for term in range(size):
            for at in range(len(fields)):
                place = places[number, at, term]
                if place >= 0:
                    lists = _starts(table[number], fields[at])
                    begin = np.int64(lists[place])
                    end = np.int64(lists[place + 1])
                    _write(rows[used], begin, end, fields[at], term, term_matches[term])
                    weights[used] = term_weights[term]
                    by_field[at, term] += end - begin
                    used += 1
    starts[len(table)] = used
    # How many documents hold some form is not known before all are read: forms are taken to be independent.
    documents = constants[DOCUMENTS_IN_ALL]
    without = 1.0
    for term in range(size):
        if term_matches[term]:
            without *= 1 - _holding(by_field, term) / documents
    worths[0] = (constants[K1] + 1) * _rarity(documents, documents * (1 - without)) * telling
    worths[1] = (constants[K1] + 1) * constants[EXACT] * _rarity(documents, _holding(by_field, 0)) * telling
    return rows, weights, _describe(starts, rows, weights, worths, unit)


@kernel(
    several(written(U16), written(U8), I64)(
        read(I64, 2), read(I64), read(I64), written(I64), written(I64, 2), read(F32), read(F64), written(U8),
        written(I64),
    )
)  # fmt: skip
def find_phrase(
    table: Array, words: Array, fields: Array, starts: Array, rows: Array, weights: Array, worths: Array, marks: Array,
    unit: Array,
) -> tuple[Array, Array, int]:  # fmt: skip
    """Write the unit of an exact phrase, a row a field; return the postings made for it, and the unit's address.

    ``words``: the addresses of its words' units, each of one form and asked of the same fields. ``weights``,
    ``worths``: what they are to be. ``marks``: a zero for each document, and so again in the end.
    """
    own_docs = np.empty(1024, np.uint16)
    own_freqs = np.empty(1024, np.uint8)
    used = 0
    lists = np.empty((len(words), 2), np.int64)
    for number in range(len(table)):
        segment = table[number]
        docs = shorts_at(segment[DOCS], segment[POSTINGS])
        freqs = bytes_at(segment[FREQS], segment[POSTINGS])
        eights = eights_of(segment)
        big_at = words_at(segment[BIG_AT], segment[BIGS])
        big = words_at(segment[BIG], segment[BIGS])
        position_starts = words_at(segment[POSITION_STARTS], segment[POSTINGS] // BLOCK + 2)
        starts[number] = number * len(fields)
        for at in range(len(fields)):
            least = segment[POSTINGS]
            for which in range(len(words)):
                word = longs_at(words[which], UNIT)
                firsts = longs_at(word[STARTS], number + 2)
                theirs = table_at(word[ROWS], word[SIZE], LIST)
                lists[which, 0] = 0
                lists[which, 1] = 0
                for row in range(firsts[number], firsts[number + 1]):
                    if theirs[row, FIELD] == fields[at]:
                        lists[which, 0] = theirs[row, BEGIN]
                        lists[which, 1] = theirs[row, END]
                least = min(least, lists[which, 1] - lists[which, 0])
            found = 0
            if least:
                own_docs, own_freqs = _grown(own_docs, own_freqs, used, least)
                if segment[WIDE]:
                    found = phrase(
                        docs, eights, freqs, big_at, big, words_at(segment[POSITIONS], 1 << 40),
                        position_starts, lists, marks, own_docs[used:], own_freqs[used : used + least],
                    )  # fmt: skip
                else:
                    found = phrase(
                        docs, eights, freqs, big_at, big, shorts_at(segment[POSITIONS], 1 << 40),
                        position_starts, lists, marks, own_docs[used:], own_freqs[used : used + least],
                    )  # fmt: skip
            _write(rows[number * len(fields) + at], used, used + found, fields[at], 0, 1)
            used += found
    starts[len(table)] = len(table) * len(fields)
    return own_docs, own_freqs, describe(starts, rows, weights, worths, own_docs, own_freqs, True, unit)


@kernel(
    several(written(U16), written(U8), I64)(
        read(I64, 2), read(U8), read(U32), read(I64), read(F64), written(I64), written(I64, 2), read(F32),
        written(F64), written(U32), written(I64),
    )
)  # fmt: skip
def find_beginning(
    table: Array, terms: Array, term_ends: Array, fields: Array, constants: Array,
    starts: Array, rows: Array, weights: Array, worths: Array, counts: Array, unit: Array,
) -> tuple[Array, Array, int]:  # fmt: skip
    """Write the unit of all words with one beginning, a row a field; return what ``find_phrase`` does.

    ``terms``: the beginning, and what stands right after every word that has it. ``counts``: zeros, one for each
    document. The rest: see ``find_word``.
    """
    own_docs = np.empty(1024, np.uint16)
    own_freqs = np.empty(1024, np.uint8)
    used = 0
    places = np.empty(2, np.int64)
    by_field = np.zeros((len(fields), 1), np.int64)
    for number in range(len(table)):
        segment = table[number]
        starts[number] = number * len(fields)
        for at in range(len(fields)):
            # The words with one beginning stand side by side, and so do their postings.
            _look_up(segment, fields[at], terms, term_ends, places)
            first, last = places[0], places[1]
            lists = _starts(segment, fields[at])
            begin = np.int64(lists[first if first >= 0 else -1 - first])
            end = np.int64(lists[last if last >= 0 else -1 - last])
            found = 0
            if begin < end:
                own_docs, own_freqs = _grown(own_docs, own_freqs, used, segment[DOCUMENTS])
                docs = shorts_at(segment[DOCS], segment[POSTINGS])
                freqs = bytes_at(segment[FREQS], segment[POSTINGS])
                found = gather(
                    docs, freqs, begin, end, segment[DOCUMENTS], counts, own_docs[used:], own_freqs[used:]
                )  # fmt: skip
            by_field[at, 0] += found
            _write(rows[number * len(fields) + at], used, used + found, fields[at], 0, 1)
            used += found
    starts[len(table)] = len(table) * len(fields)
    worths[0] = (constants[K1] + 1) * constants[ALONE] * _rarity(constants[DOCUMENTS_IN_ALL], _holding(by_field, 0))
    worths[1] = 0.0
    return own_docs, own_freqs, describe(starts, rows, weights, worths, own_docs, own_freqs, True, unit)
