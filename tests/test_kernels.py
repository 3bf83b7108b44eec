"""Kernels by themselves: compiled once, and right where a whole question seldom takes them."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.codec.layout import BLOCK, Strings
from index.codec.lookup import find, pack
from index.compilation import KERNELS
from index.schema import TEXTS
from search.engine import Engine
from search.kernels.blending import blend
from search.kernels.collection import put_in_order
from search.kernels.lists import gather, phrase, seek
from search.kernels.resolution import describe
from search.kernels.scoring import accumulate, enrich, exclude, restrict, select
from search.kernels.segments import COLUMNS, DOCUMENTS, LENGTHS
from search.kernels.units import UNIT
from search.request import SearchRequest
from search.workspace import Workspace


def test_questions_compile_nothing(sample_engine: Engine) -> None:
    before = [list(kernel.signatures) for kernel in KERNELS]
    assert len(KERNELS) > 10
    assert all(before)
    for text in ("", "مدينة", "مدينة بحر -نهر", '"كرة القدم"', "مد*", "(مدينة أو بحر) -(نهر جبل)", "title:مدينة"):
        for match in ("all", "any"):
            sample_engine.search(SearchRequest(text, match=match, total="bound", explain=True))
    assert [list(kernel.signatures) for kernel in KERNELS] == before


@given(st.sets(st.text(max_size=6)), st.lists(st.text(max_size=6)))
def test_strings_are_found_or_where_they_would_stand(there: set[str], wanted: list[str]) -> None:
    ordered = sorted(word.encode("utf-8", "surrogatepass") for word in there)
    asked = [word.encode("utf-8", "surrogatepass") for word in (*wanted, *there)]
    expected = []
    for word in asked:
        place = bisect_left(ordered, word)
        expected.append(place if place < len(ordered) and ordered[place] == word else -1 - place)
    assert find(Strings.of(ordered), pack(asked)).tolist() == expected


def postings_of(texts: list[str], letters: str) -> tuple[list[NDArray[Any]], NDArray[np.int64]]:
    """Return the posting arrays of texts of one-letter words, and the list of each of these letters."""
    docs: list[int] = []
    freqs: list[int] = []
    positions: list[int] = []
    starts, big_at, big = [0], [], []
    places = {}
    for letter in sorted(set("".join(texts))):
        begin = len(docs)
        for number, text in enumerate(texts):
            here = [at for at, each in enumerate(text) if each == letter]
            if here:
                if len(here) >= 255:
                    big_at.append(len(docs))
                    big.append(len(here))
                docs.append(number)
                freqs.append(min(len(here), 255))
                positions += here
                if len(docs) % BLOCK == 0:
                    starts.append(len(positions))
        places[letter] = (begin, len(docs))
    arrays: list[NDArray[Any]] = [
        np.array(docs, np.uint16), np.array(freqs, np.uint8), np.array(big_at, np.uint32), np.array(big, np.uint32),
        np.array(positions, np.uint16), np.array([*starts, len(positions)], np.uint32),
    ]  # fmt: skip
    return arrays, np.array([places.get(letter, (0, 0)) for letter in letters], np.int64)


@given(st.sets(st.integers(0, 400)), st.integers(0, 90), st.integers(0, 400))
@pytest.mark.parametrize("listed_are", ["few", "nearly all"])
def test_a_document_is_sought_from_a_posting_on(listed_are: str, some: set[int], begin: int, document: int) -> None:
    listed = sorted(some if listed_are == "few" else set(range(400)) - some)
    begin = min(begin, len(listed))
    docs = np.array([*listed, 0], np.uint16)
    assert seek(docs, begin, len(listed), document) == max(begin, bisect_left(listed, document))


texts = st.lists(st.text("abc", max_size=9) | st.text("ab", min_size=250, max_size=600), min_size=1, max_size=90)


@given(texts, st.text("abcd", min_size=1, max_size=5))
@pytest.mark.parametrize("wide", [np.uint16, np.uint32])
def test_phrases_are_the_places_where_words_follow_one_another(wide: type, texts: list[str], wanted: str) -> None:
    (docs, freqs, big_at, big, positions, starts), lists = postings_of(texts, wanted)
    out_docs, out_freqs = np.zeros(len(texts), np.uint16), np.zeros(len(texts), np.uint8)
    marks = np.zeros(len(texts), np.uint8)
    shortest = out_freqs[: (lists[:, 1] - lists[:, 0]).min()]
    eights = np.append(freqs, np.zeros(-len(freqs) % BLOCK, np.uint8)).view(np.uint64)
    found = phrase(docs, eights, freqs, big_at, big, positions.astype(wide), starts, lists, marks, out_docs, shortest)
    assert not marks.any()
    times = [sum(text.startswith(wanted, at) for at in range(len(text))) for text in texts]
    expected = [(number, min(count, 255)) for number, count in enumerate(times) if count]
    assert list(zip(out_docs[:found].tolist(), out_freqs[:found].tolist(), strict=True)) == expected


@given(texts, st.sampled_from(["a", "ab", "bc", "abc"]))
def test_lists_side_by_side_are_gathered_into_one(texts: list[str], letters: str) -> None:
    (docs, freqs, *_), lists = postings_of(texts, letters)
    held = lists[lists[:, 1] > lists[:, 0]]
    begin, end = (int(held[:, 0].min()), int(held[:, 1].max())) if len(held) else (0, 0)
    counts = np.zeros(len(texts), np.uint32)
    out_docs, out_freqs = np.zeros(len(texts), np.uint16), np.zeros(len(texts), np.uint8)
    found = gather(docs, freqs, begin, end, len(texts), counts, out_docs, out_freqs)
    sums = [sum(min(text.count(letter), 255) for letter in letters) for text in texts]
    expected = [(number, min(count, 255)) for number, count in enumerate(sums) if count]
    assert list(zip(out_docs[:found].tolist(), out_freqs[:found].tolist(), strict=True)) == expected
    assert not counts.any()


sets = st.sets(st.integers(0, 299), max_size=40).flatmap(lambda some: st.sampled_from((some, set(range(300)) - some)))


@given(sets, sets, sets, sets)
def test_what_is_left_is_what_all_hold_and_nobody_excludes(
    excluded: set[int], first: set[int], second: set[int], few: set[int]
) -> None:
    """Whichever list is long or short, read through or searched."""
    few = set(sorted(few)[:3])
    lists = [sorted(each) for each in (excluded, first, second, few)]
    docs = np.array([document for each in lists for document in each], np.uint16)
    gains = np.full(len(docs), 0.5, np.float32)
    ends = np.cumsum([0, *map(len, lists)]).tolist()
    parts = [(docs, gains, begin, end, 0.25) for begin, end in pairwise(ends)]
    score, marks, touched = np.zeros(300, np.float32), np.zeros(300, np.uint8), np.zeros(301, np.uint16)
    buffers = score, marks, touched
    begin = exclude(docs, ends[0], ends[1], *buffers, 0)
    left = few - excluded
    count = select(*parts[3], *buffers, begin)
    for number, wanted in ((1, first), (2, second)):
        assert touched[begin:count].tolist() == sorted(left)
        count = restrict(*parts[number], *buffers, begin, count)
        left &= wanted
    assert touched[begin:count].tolist() == sorted(left)
    assert set(np.flatnonzero(marks).tolist()) == excluded | left
    assert set(np.flatnonzero(score > 0).tolist()) == left
    assert all(score[document] == 0.75 * 3 for document in left)


@given(sets, sets, sets)
def test_what_only_gains_is_added_where_something_has_a_score(first: set[int], few: set[int], weak: set[int]) -> None:
    few = set(sorted(few)[:3])
    lists = [sorted(each) for each in (few, first, weak)]
    docs = np.array([document for each in lists for document in each], np.uint16)
    ends = np.cumsum([0, *map(len, lists)]).tolist()
    parts = [(docs, np.full(len(docs), 0.5, np.float32), begin, end, 0.25) for begin, end in pairwise(ends)]
    score, touched = np.zeros(300, np.float32), np.zeros(301, np.uint16)
    count = accumulate(*parts[0], score, touched, 0)
    enrich(*parts[2], score, touched, 0, count)
    assert score.tolist() == [0.75 * ((n in few) + (n in few and n in weak)) for n in range(300)]
    count = accumulate(*parts[1], score, touched, count)
    assert set(touched[:count].tolist()) == few | first
    assert count == len(few | first)
    enrich(*parts[2], score, touched, 0, count)
    expected = [0.75 * ((n in few) + (n in few and n in weak) + (n in first)) for n in range(300)]
    assert score.tolist() == [value + 0.75 * (n in weak) if value else 0.0 for n, value in enumerate(expected)]


numbers = st.lists(st.integers(0, 65_535), unique=True, max_size=200)


@given(st.lists(numbers, max_size=5))
def test_lists_are_blended_in_order_and_what_matches_comes_first(lists: list[list[int]]) -> None:
    """One segment of the largest size, whose rows are whole lists; every second one only adds to scores."""
    docs = np.array([document for each in lists for document in sorted(each)], np.uint16)
    ends = np.cumsum([0, *map(len, lists)]).tolist()
    rows = np.array([(*ends[n : n + 2], 1, n, n % 2 == 0) for n in range(len(lists))], np.int64).reshape(-1, 5)
    weights, worths = np.full(len(rows), 1.0, np.float32), np.array([2.0, 0.0])
    lengths = np.zeros((len(TEXTS), 1 << 16), np.uint16)
    table = np.zeros((1, COLUMNS), np.int64)
    table[0, DOCUMENTS], table[0, LENGTHS] = 1 << 16, lengths.ctypes.data
    starts, unit = np.array([0, len(rows)], np.int64), np.empty(UNIT, np.int64)
    freqs = np.ones(len(docs), np.uint8)
    describe(starts, rows, weights, worths, docs, freqs, True, unit)
    held_starts, most, norms = np.empty(3, np.int64), np.empty(1, np.float32), np.ones((len(TEXTS), 1), np.float32)
    buffers = Workspace().blending
    held, gains, _ = blend(table, unit, norms, 1.0, 2.0, held_starts, most, *buffers)
    matching = {document for each in lists[::2] for document in each}
    others = {document for each in lists[1::2] for document in each} - matching
    assert held.tolist() == [*sorted(matching), *sorted(others)]
    assert held_starts.tolist() == [0, len(matching), len(matching) + len(others)]
    times = {document: sum(document in each for each in lists) for document in matching | others}
    assert gains.tolist() == pytest.approx([2 * times[d] / (times[d] + 1) for d in held.tolist()])
    assert most[0] == max(gains, default=0)
    assert not any(buffer.any() for buffer in buffers[:3])


@given(st.lists(st.tuples(st.sampled_from((0.0, 0.5, 1.0)), st.sampled_from((-5, 0, 7))), max_size=40))
def test_a_heap_becomes_the_order_of_results(hits: list[tuple[float, int]]) -> None:
    ranked = sorted((-score, -key, number) for number, (score, key) in enumerate(hits))
    worst_first = ranked[::-1]  # a list in order is a heap
    scores = np.array([-score for score, _, _ in worst_first], np.float32)
    keys = np.array([-key for _, key, _ in worst_first], np.int64)
    documents = np.array([number for _, _, number in worst_first], np.int64)
    put_in_order(scores, keys, documents, len(hits))
    assert documents.tolist() == [number for _, _, number in ranked]
    assert scores.tolist() == [-score for score, _, _ in ranked]
