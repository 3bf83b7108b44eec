"""Which words of a vocabulary a dictionary has: told without letters, and posting lists found by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from segmented import build_segments, engine_on, view_of

from index.article import Article
from index.codec.layout import Strings
from index.codec.subsets import Subset, find_in
from search.query import Word

strings = st.sets(st.text("كتاب2z", min_size=1, max_size=5).map(str.encode), max_size=300)


def place(subset: Subset, word: int) -> int:
    return int(find_in(subset.bits, subset.before, subset.places, word))


@given(strings, strings)
@settings(deadline=None)
def test_words_in_common_are_found_by_their_places(first: set[bytes], second: set[bytes]) -> None:
    for held, known in ((first, second), (first & second, second), (second, second)):
        dictionary, vocabulary = sorted(held), sorted(known)
        subset = Subset.of(Strings.of(dictionary), Strings.of(vocabulary))
        expected = [dictionary.index(word) if word in held else -1 for word in vocabulary]
        assert [place(subset, number) for number in range(len(vocabulary))] == expected
        assert len(subset.places) == (0 if held <= known else len(held & known))


def test_a_large_vocabulary_is_passed_over_in_steps() -> None:
    vocabulary = [b"%06d" % number for number in range(0, 200_000, 2)]
    held = [0, 1, 63, 64, 65, 5_000, 99_998, 99_999]
    subset = Subset.of(Strings.of(sorted([vocabulary[number] for number in held])), Strings.of(vocabulary))
    assert [place(subset, number) for number in held] == list(range(len(held)))
    assert sum(place(subset, number) >= 0 for number in range(len(vocabulary))) == len(held)


def test_lists_are_those_that_letters_find(tmp_path: Path) -> None:
    """In segments of the publication, in added ones, and for words that only these have."""
    parts = [
        [Article("1", title="كتاب النهر", body="الكتاب والنهر نهر"), Article("2", body="كتابها بحر", author="كتاب")],
        [Article("3", title="بحر", body="البحر كتاب 2024")],
        [Article("4", title="كتب بحر", body="بحار وبحرها جبل"), Article("5", body="الجبل نهر كتابه")],
        [Article("6", body="جبلها جبل كتابه")],
    ]
    build_segments(tmp_path, parts, added=2)
    view = view_of(engine_on(tmp_path))
    lists = 0
    for text in ("كتاب", "نهر", "البحر", "جبل", "كتابه", "2024", "لاشيء"):
        forms = view.expansion.forms(text)
        for field in ("", "title", "body", "author"):
            word = Word(text, field)
            known = view.units._of_forms(word, forms)
            sought = view.units._of_forms(word, replace(forms, places=np.full(len(forms), -1)))
            assert known.rows.tolist() == sought.rows.tolist()
            assert known.starts.tolist() == sought.starts.tolist()
            assert known.worths.tolist() == sought.worths.tolist()
            lists += len(known.rows)
    assert lists > 40
