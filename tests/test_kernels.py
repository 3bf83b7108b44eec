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

from index.codec.layout import Strings
from index.codec.lookup import find, pack
from index.compilation import KERNELS
from search.engine import Engine
from search.kernels.collection import put_in_order
from search.kernels.lists import gather, phrase, seek
from search.kernels.scoring import accumulate, enrich, keep, select
from search.request import SearchRequest


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
                if len(docs) % 64 == 0:
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
    found = phrase(docs, freqs, big_at, big, positions.astype(wide), starts, lists, marks, out_docs, shortest)
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
    ends = np.cumsum([0, *map(len, lists)])
    rows = np.array([(begin, end, 0, 0, 1) for begin, end in pairwise(ends)], np.int64)
    # A list that only adds to the score, of everything: it must not count.
    rows = np.concatenate([rows, np.array([(0, len(docs), 0, 1, 0)], np.int64)])
    freqs, lengths, norms = np.ones(len(docs), np.uint8), np.zeros((1, 300), np.uint16), np.ones((1, 1), np.float32)
    given_lists = docs, freqs, lengths, norms, rows, np.ones(len(rows), np.float32)
    worths = 1.0, 0.5, 0.25, 1.2
    score, amount = np.zeros(300, np.float32), np.zeros(300, np.float32)
    marks, touched, fresh = np.zeros(300, np.uint8), np.zeros(601, np.uint16), np.zeros(301, np.uint16)
    buffers = score, amount, marks, touched
    begin = select(docs, rows, 0, 1, 4, marks, touched, 0)
    left = few - excluded
    count = keep(score, marks, touched, begin, accumulate(*given_lists, 3, 5, *worths, True, *buffers, fresh, begin))
    for row, wanted in ((1, first), (2, second)):
        assert sorted(touched[begin:count].tolist()) == sorted(left)
        enrich(*given_lists, row, row + 1, *worths, *buffers, begin, count)
        count = keep(score, marks, touched, begin, count)
        left &= wanted
    assert sorted(touched[begin:count].tolist()) == sorted(left)
    assert set(np.flatnonzero(marks).tolist()) == excluded | left
    assert set(np.flatnonzero(score).tolist()) == left
    assert not amount.any()


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
