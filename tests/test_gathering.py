"""Families as the kernel gathers them from an index's tables, against plain numpy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from conftest import REPOSITORY
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_families import gathered

from index.arabic import words
from index.arabic.kinship import KEYED
from index.codec.layout import Strings
from index.families import CLOSENESS, KINDS, Families, FamilyTable, Kind, by_kind, table_arrays, table_of
from search.ranking import RANKING

SOME: Mapping[Kind, float] = {"lemma": 0.3, "verb": 0.3, "skeleton": 0.3, "similar": 0.9}
"""Kinds whose order is another, and not all of them."""


@pytest.fixture(scope="module")
def vocabulary() -> Counter[str]:
    """The words of the sample, each with the number of articles that have it."""
    counts = Counter[str]()
    for path in sorted((REPOSITORY / "index" / "sample").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            article = json.loads(line)
            counts.update({word for name in ("title", "body") for word in words(article.get(name, ""))})
    return counts


def added(published: FamilyTable, counts: Mapping[str, int]) -> FamilyTable:
    """The table of some words that another lacks."""
    assert published.kinship is not None
    ordered = sorted(counts, key=str.encode)
    packed = Strings.of([word.encode() for word in ordered])
    return FamilyTable(table_arrays(packed, np.array([counts[word] for word in ordered], np.uint32), published.kinship))


def test_the_kinds_with_keys_follow_the_word_itself() -> None:
    """So that a kind's number is that of its key and 1."""
    assert ("exact", *KEYED, "similar") == KINDS


@pytest.mark.parametrize(("closeness", "limit"), [(CLOSENESS, 48), (RANKING.kinds, 5), (SOME, 12)])
def test_real_families_are_those_of_plain_numpy(
    vocabulary: Counter[str], closeness: Mapping[Kind, float], limit: int
) -> None:
    assert len(vocabulary) > 3000
    ordered = sorted(vocabulary)
    first, second, third = ({word: vocabulary[word] for word in ordered[at::3]} for at in range(3))
    whole = table_of(vocabulary)
    published = table_of(first | second)
    # The added ones have words in common, which an article of each holds.
    grown = [published, added(published, third), added(published, dict.fromkeys(ordered[2::6], 7))]
    asked = [*ordered[::7], *(f"وال{word}" for word in ordered[::41]), *(f"{word}هما" for word in ordered[::53])]
    kin = 0
    for tables in ([whole], grown):
        families = Families(tables)
        for word in asked:
            found = families.kin(word, limit, closeness)
            assert found == gathered(tables, word, limit, closeness)
            kin += len(found) - 1
    assert kin > 5 * len(asked)


letters = st.text("كتابلهوين", min_size=1, max_size=6)
vocabularies = st.dictionaries(letters, st.integers(1, 5), max_size=60)


@given(vocabularies, st.lists(vocabularies, max_size=2), letters, st.sampled_from([1, 3, 50]))
@settings(deadline=None)
def test_families_of_several_tables_are_those_of_plain_numpy(
    counts: dict[str, int], later: list[dict[str, int]], stranger: str, limit: int
) -> None:
    published = table_of(counts)
    new = [{word: count for word, count in more.items() if word not in counts} for more in later]
    tables = [published, *(added(published, each) for each in new)]
    families = Families(tables)
    for word in [*counts, *(word for each in new for word in each), stranger]:
        for closeness in (CLOSENESS, SOME):
            assert families.kin(word, limit, closeness) == gathered(tables, word, limit, closeness)
            family = families.family(word, limit, by_kind(closeness))
            texts = Strings(family.data, family.ends).to_list()
            known = [text.decode() if place < 0 else published.words[place].decode()
                     for text, place in zip(texts, family.places.tolist(), strict=True)]  # fmt: skip
            assert known == [text.decode() for text in texts]
            assert [place >= 0 for place in family.places.tolist()] == [text.decode() in counts for text in texts]
            expected = [closeness.get(KINDS[kind], 0.0) for kind in family.kinds.tolist()]
            assert family.closeness.tolist() == pytest.approx((np.array(expected) * family.similarities).tolist())
