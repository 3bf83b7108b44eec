"""Gathering a word's family from the tables of an index: one kernel for all of them.

A word of a table may be kin in several ways: it shares a key of one kind or another, or its stem is alike. Each way is
a short list of words, ordered as ``Families.kin`` orders them: all of a list are equally close, and a family has its
most frequent words first. The lists are merged, and what was taken already is passed over, so that a word is kin in the
closest of its ways. Since no more words are taken than are wanted, no more of any list are ever read.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types

from index.addresses import bytes_at, digests_at, words_at
from index.arabic.coding import place_of
from index.arabic.kinship import KEYED, OF_LEMMAS
from index.codec.lookup import compare, find_all
from index.compilation import F32, F64, I64, U8, U32, U64, Array, kernel, read, several, written
from index.families.kinds import KINDS, NEAR
from index.families.likeness import alike
from index.families.table import FamilyTable

_KEYS = len(KEYED)
_LEMMA, _STEM = KEYED.index("lemma"), KEYED.index("stem")
_OF_LEMMAS = tuple(kind in OF_LEMMAS for kind in KEYED)
_SIMILAR = KINDS.index("similar")
_AFTER_EXACT = 1
"""The number among KINDS of the first kind that has a key; the others follow in the order of KEYED."""

_FIRST_ALL = 1e9
"""More than any nearness."""

_MOST = 1024
"""Stems that are looked at for one word, in no special order: far more than are ever alike."""

_ALIKE, _OF_EACH = 24, 8
"""How many stems that are alike are taken, the nearest, and how many words of each, the most frequent."""

_WORDS, _DATA, _ENDS, _COUNTS, _TRIGRAMS, _CODES, _STARTS, _STEMS, _SIZES = range(9)
"""Columns of a table's row: how many words it has, the addresses of their bytes, ends and counts; how many trigrams,
and the addresses of the arrays of ``likeness``."""

_GROUPS = _SIZES + 1
"""The first of four columns for each kind that has a key: how many families, and the addresses of their arrays."""

COLUMNS = _GROUPS + 4 * _KEYS

_MEMBERS, _SIZE, _AT, _KIND, _PLACE = range(5)
"""Columns of a way: the address of its words' places, how many they are, and how many of them were read; the kind's
number; the word that is next, -1 at the end."""

_NEARNESS, _CLOSE, _SIMILARITY = range(3)
"""What a way, or one that was found, is worth: nearness of the next word; closeness, times similarity; similarity."""

_WAYS = 2 * _KEYS + _ALIKE


def described(table: FamilyTable) -> list[int]:
    """Return a table's row: its arrays as addresses (see ``index.addresses``)."""
    likeness = table.likeness
    row = [
        len(table.words), *(each.ctypes.data for each in (table.words.bytes_, table.words.ends, table.counts)),
        len(likeness.trigrams),
        *(each.ctypes.data for each in (likeness.trigrams, likeness.starts, likeness.stems, likeness.sizes)),
    ]  # fmt: skip
    for group in table.groups:
        row += len(group.keys), *(each.ctypes.data for each in (group.keys, group.starts, group.members))
    return row


@kernel(types.Array(U32, 1, "C")(read(I64)))
def _ends(table: Array) -> Any:
    return words_at(table[_ENDS], table[_WORDS] + 1)


@kernel(types.Array(U8, 1, "C")(read(I64)))
def _data(table: Array) -> Any:
    return bytes_at(table[_DATA], np.int64(_ends(table)[table[_WORDS]]))


@kernel(types.void(read(I64), written(I64), written(F64)))
def _step(table: Array, way: Array, worth: Array) -> None:
    """Go on to the next word of a way."""
    at = way[_AT]
    if at == way[_SIZE]:
        way[_PLACE] = -1
        return
    place = words_at(way[_MEMBERS], way[_SIZE])[at]
    count = words_at(table[_COUNTS], table[_WORDS])[place]
    close = worth[_CLOSE]
    way[_AT] = at + 1
    way[_PLACE] = place
    worth[_NEARNESS] = close * math.sqrt(np.float64(count)) + (_FIRST_ALL if close >= NEAR else 0.0)


@kernel(types.void(read(I64), I64, I64, I64, I64, F64, F64, written(I64), written(F64)))
def _begin(
    table: Array, group: int, family: int, most: int, kind: int, closeness: float, similarity: float, way: Array,
    worth: Array,
) -> None:  # fmt: skip
    """Write a way: the first ``most`` words of a family."""
    at = _GROUPS + 4 * group
    starts = words_at(table[at + 2], table[at] + 1)
    begin = np.int64(starts[family])
    way[_MEMBERS] = table[at + 3] + 4 * begin
    way[_SIZE] = min(np.int64(starts[family + 1]) - begin, most)
    way[_AT] = 0
    way[_KIND] = kind
    worth[_CLOSE] = similarity * closeness
    worth[_SIMILARITY] = similarity
    _step(table, way, worth)


@kernel(I64(read(I64), I64, U64, I64, I64, F64, I64, written(I64, 2), written(F64, 2)))
def _of_key(
    table: Array, group: int, key: Any, most: int, kind: int, closeness: float, count: int, ways: Array, worths: Array
) -> int:
    """Write the way of the words that have a key, if there are some, after ``count`` others; return how many then."""
    families = table[_GROUPS + 4 * group]
    place = place_of(digests_at(table[_GROUPS + 4 * group + 1], families), key) if key else -1
    if place < 0:
        return count
    _begin(table, group, place, most, kind, closeness, 1.0, ways[count], worths[count])
    return count + 1


@kernel(I64(read(I64), read(U64), read(F64), I64, written(I64, 2), written(F64, 2)))
def _of_keys(table: Array, keys: Array, closeness: Array, most: int, ways: Array, worths: Array) -> int:
    """Write the ways in which words share a key; return how many there are."""
    count = 0
    lemma = keys[_LEMMA]
    for group in range(_KEYS):
        kind = _AFTER_EXACT + group
        close = closeness[kind]
        if close != 0:
            key = keys[group]
            # To a plural its singular's forms are kin, and to a singular, whose lemma is its key, its plurals.
            of_lemma = lemma if _OF_LEMMAS[group] else np.uint64(0)
            count = _of_key(table, group, key if key else of_lemma, most, kind, close, count, ways, worths)
            if key and of_lemma:
                count = _of_key(table, _LEMMA, key, most, kind, close, count, ways, worths)
    return count


@kernel(I64(read(I64), U64, read(U32), F64, I64, I64, written(I64, 2), written(F64, 2)))
def _alike(
    table: Array, own: Any, trigrams: Array, closeness: float, most: int, count: int, ways: Array, worths: Array
) -> int:
    """Write the words of stems that are alike to one after ``count`` ways, less those of the stem itself."""
    at = _GROUPS + 4 * _STEM
    stems = table[at]
    keys, starts = digests_at(table[at + 1], stems), words_at(table[at + 2], stems + 1)
    members = words_at(table[at + 3], np.int64(starts[stems]))
    counts = words_at(table[_COUNTS], table[_WORDS])
    lists = words_at(table[_STARTS], table[_TRIGRAMS] + 1)
    found = np.empty(_MOST, np.uint32)
    dice = np.empty(_MOST, np.float32)
    size = alike(
        trigrams, words_at(table[_CODES], table[_TRIGRAMS]), lists,
        words_at(table[_STEMS], np.int64(lists[table[_TRIGRAMS]])), bytes_at(table[_SIZES], stems), found, dice,
    )  # fmt: skip
    best = np.empty(_ALIKE, np.int64)
    worth = np.empty(_ALIKE, np.float64)
    kept = 0
    for number in range(size):
        stem = found[number]
        if keys[stem] == own:
            continue
        near = np.float64(dice[number]) * math.sqrt(np.float64(counts[members[starts[stem]]]))
        if kept == _ALIKE and near <= worth[kept - 1]:
            continue
        at = kept if kept < _ALIKE else kept - 1
        while at > 0 and worth[at - 1] < near:
            best[at], worth[at] = best[at - 1], worth[at - 1]
            at -= 1
        best[at], worth[at] = number, near
        kept = min(kept + 1, _ALIKE)
    for which in range(kept):
        number = best[which]
        _begin(
            table, _STEM, np.int64(found[number]), min(_OF_EACH, most), _SIMILAR, closeness, np.float64(dice[number]),
            ways[count], worths[count],
        )  # fmt: skip
        count += 1
    return count


@kernel(I64(read(I64), I64, I64, written(I64, 2), written(F64, 2), written(I64, 2), written(F64, 2)))
def _merge(table: Array, count: int, most: int, ways: Array, worths: Array, found: Array, values: Array) -> int:
    """Take the nearest ``most`` words of some ways, each once; return how many they are.

    ``found``: of each its place and its kind's number; ``values``: what it is worth.
    """
    kept = 0
    while kept < most:
        best = -1
        for way in range(count):
            place = ways[way, _PLACE]
            if place >= 0:
                ahead = best < 0
                if not ahead:
                    ahead = worths[way, _NEARNESS] > worths[best, _NEARNESS]
                    if worths[way, _NEARNESS] == worths[best, _NEARNESS]:
                        ahead = place < ways[best, _PLACE]
                        if place == ways[best, _PLACE]:
                            ahead = worths[way, _CLOSE] > worths[best, _CLOSE]
                if ahead:
                    best = way
        if best < 0:
            break
        place = ways[best, _PLACE]
        known = False
        for number in range(kept):
            known |= found[number, 0] == place
        if not known:
            found[kept, 0] = place
            found[kept, 1] = ways[best, _KIND]
            values[kept] = worths[best]
            kept += 1
        _step(table, ways[best], worths[best])
    return kept


@kernel(I64(read(I64), I64, read(I64), I64))
def _order(table: Array, place: int, other: Array, other_place: int) -> int:
    """Compare two words as ``compare`` does."""
    ends, others = _ends(table), _ends(other)
    begin, end = np.int64(others[other_place]), np.int64(others[other_place + 1])
    order = compare(_data(table), np.int64(ends[place]), np.int64(ends[place + 1]), _data(other), begin, end)
    return int(order)


@kernel(types.boolean(read(I64, 2), I64, read(I64, 2), read(I64), I64))
def _in_earlier(tables: Array, table: int, found: Array, firsts: Array, at: int) -> bool:
    """Tell whether a word was found in a table before its own as well."""
    for earlier in range(table):
        for other in range(firsts[earlier], firsts[earlier + 1]):
            if _order(tables[table], found[at, 0], tables[earlier], found[other, 0]) == 0:
                return True
    return False


@kernel(I64(read(I64, 2), read(I64), I64, read(I64, 2), read(F64, 2), read(I64), written(I64, 2)))
def _join(
    tables: Array, own: Array, limit: int, found: Array, values: Array, firsts: Array, chosen: Array
) -> int:  # fmt: skip
    """Choose the nearest of what was found in each table; return how many.

    ``own``: the place of the word itself in each. A word of several tables is taken as the first has it.
    ``chosen``: of each its table, and where it was found.
    """
    heads = firsts.copy()
    kept = 0
    while kept < limit:
        best = -1
        for table in range(len(tables)):
            at = heads[table]
            if at < firsts[table + 1]:
                ahead = best < 0
                if not ahead:
                    other = heads[best]
                    ahead = values[at, _NEARNESS] > values[other, _NEARNESS]
                    if values[at, _NEARNESS] == values[other, _NEARNESS]:
                        ahead = _order(tables[table], found[at, 0], tables[best], found[other, 0]) < 0
                if ahead:
                    best = table
        if best < 0:
            break
        at = heads[best]
        heads[best] += 1
        if found[at, 0] != own[best] and not _in_earlier(tables, best, found, firsts, at):
            chosen[kept, 0] = best
            chosen[kept, 1] = at
            kept += 1
    return kept


_FAMILY = several(written(U8), written(U32), written(I64), written(U8), written(F32), written(F32), written(I64))


@kernel(_FAMILY(read(I64, 2), read(U8), read(U64), read(U32), read(F64), I64))
def gather(tables: Array, word: Array, keys: Array, trigrams: Array, closeness: Array, limit: int) -> Any:
    """Return a word and at most ``limit`` others of its family, in the order of ``Families.kin``.

    ``tables``: a row each (``described``). ``keys``, ``trigrams``: those of the word, as ``Kinship`` makes them.
    ``closeness``: by kind, in the order of KINDS. What is returned: see ``Family``.
    """
    most = limit + 1
    own = np.empty(len(tables), np.int64)
    firsts = np.zeros(len(tables) + 1, np.int64)
    found = np.empty((len(tables) * most, 2), np.int64)
    values = np.empty((len(tables) * most, 3), np.float64)
    ways = np.empty((_WAYS, 5), np.int64)
    worths = np.empty((_WAYS, 3), np.float64)
    word_ends = np.array([0, len(word)], np.uint32)
    itself = np.int64(-1)
    for number in range(len(tables)):
        table = tables[number]
        find_all(_data(table), _ends(table), word, word_ends, own[number : number + 1])
        if itself < 0 and own[number] >= 0:
            itself = np.int64(words_at(table[_COUNTS], table[_WORDS])[own[number]])
        count = _of_keys(table, keys, closeness, most, ways, worths)
        if closeness[_SIMILAR] != 0 and len(trigrams):
            count = _alike(table, keys[_STEM], trigrams, closeness[_SIMILAR], most, count, ways, worths)
        first = firsts[number]
        firsts[number + 1] = first + _merge(table, count, most, ways, worths, found[first:], values[first:])
    chosen = np.empty((limit, 2), np.int64)
    size = 1 + _join(tables, own, limit, found, values, firsts, chosen)
    ends = np.zeros(size + 1, np.uint32)
    places = np.full(size, -1, np.int64)
    kinds = np.zeros(size, np.uint8)
    similarities = np.ones(size, np.float32)
    close = np.full(size, closeness[0], np.float32)
    counts = np.empty(size, np.int64)
    counts[0] = max(itself, 0)
    places[0] = max(own[0], -1) if len(own) else -1
    ends[1] = len(word)
    for number in range(1, size):
        table, at = tables[chosen[number - 1, 0]], chosen[number - 1, 1]
        place = found[at, 0]
        places[number] = place if chosen[number - 1, 0] == 0 else -1
        kinds[number] = found[at, 1]
        similarities[number] = values[at, _SIMILARITY]
        close[number] = values[at, _CLOSE]
        counts[number] = words_at(table[_COUNTS], table[_WORDS])[place]
        ends[number + 1] = ends[number] + _ends(table)[place + 1] - _ends(table)[place]
    data = np.empty(ends[size], np.uint8)
    data[: len(word)] = word
    for number in range(1, size):
        table, at = tables[chosen[number - 1, 0]], chosen[number - 1, 1]
        here, there = np.int64(ends[number]), np.int64(_ends(table)[found[at, 0]])
        theirs = _data(table)
        for i in range(np.int64(ends[number + 1]) - here):
            data[here + i] = theirs[there + i]
    return data, ends, places, kinds, similarities, close, counts
