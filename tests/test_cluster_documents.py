"""Articles as the cluster gets them, and what is counted by the way; no cluster is needed for this."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from contract import sample
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index import embedded
from index.arabic import vocalised, words
from index.article import Article
from index.codec.layout import Strings
from index.families import FamilyTable, published
from index.generations import Generations
from index.opensearch.documents import (
    LINES,
    MAX_TERM_UNITS,
    MAX_VALUE,
    Texts,
    article_of,
    document,
    document_id,
    exact,
    record,
    term,
    unpacked,
)  # fmt: skip
from index.opensearch.mapping import articles_body
from index.opensearch.vocabulary import Analyst, WordCounts, addition_arrays, generation_arrays
from index.schema import TEXTS

TEXT = ARABIC_TEXT.map(lambda text: text.encode("utf-8", "replace").decode())
ARTICLES = st.builds(Article, id=st.just("a"), title=TEXT, body=TEXT, author=TEXT, source=TEXT)


def counted_by_hand(articles: list[Article]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, name in enumerate(TEXTS):
        for article in articles:
            for word in set(words(getattr(article, name))):
                found.setdefault(word, [0] * len(TEXTS))[number] += 1
    return found


def as_read(counts: WordCounts) -> dict[str, list[int]]:
    rows = zip(counts.words.to_list(), counts.documents.tolist(), strict=True)
    return {word.decode(): row for word, row in rows}


@given(st.lists(ARTICLES, max_size=6))
@settings(deadline=None)
def test_many_articles_are_read_as_each_by_itself(articles: list[Article]) -> None:
    analyst = Analyst(1 << 20)
    for read, article in zip(analyst.read(articles), articles, strict=True):
        alone = Texts.of(article)
        assert read.words == alone.words
        assert [sorted(each) for each in read.vocalised] == [sorted(each) for each in alone.vocalised]
    assert as_read(analyst.counted()) == counted_by_hand(articles)
    assert analyst.words == {name: sum(len(words(getattr(article, name))) for article in articles) for name in TEXTS}


@pytest.mark.parametrize("memory", [0, 1 << 30])
def test_counts_do_not_depend_on_how_much_may_be_held(memory: int) -> None:
    articles = sample()
    analyst = Analyst(memory)
    for begin in range(0, len(articles), 7):
        analyst.read(articles[begin : begin + 7])
    assert as_read(analyst.counted()) == counted_by_hand(articles)


def test_counts_add_up() -> None:
    first, second = sample()[:40], sample()[30:]
    counts = []
    for articles in (first, second):
        analyst = Analyst(1 << 20)
        analyst.read(articles)
        counts.append(analyst.counted())
    wanted = Counter({(word, n): c for word, row in counted_by_hand(first).items() for n, c in enumerate(row)})
    wanted.update({(word, n): c for word, row in counted_by_hand(second).items() for n, c in enumerate(row)})
    united = as_read(WordCounts.united([*counts, WordCounts.none()]))
    assert {(word, n): c for word, row in united.items() for n, c in enumerate(row)} == dict(wanted)


def test_the_table_of_families_is_that_of_the_embedded_engine(tmp_path: Path) -> None:
    embedded.rebuild(Generations(tmp_path), sample(), jobs=1, memory=32)
    wanted = published(Generations(tmp_path).live().directory)
    analyst = Analyst(1 << 20)
    analyst.read(sample())
    found = FamilyTable(generation_arrays(analyst, ()))
    assert found.words.to_list() == wanted.words.to_list()
    assert np.array_equal(found.counts, wanted.counts)
    for ours, theirs in zip(found.groups, wanted.groups, strict=True):
        assert np.array_equal(ours.keys, theirs.keys)
        assert np.array_equal(ours.starts, theirs.starts)
        assert np.array_equal(ours.members, theirs.members)
    assert found.kinship is not None
    assert wanted.kinship is not None
    assert np.array_equal(found.kinship.lexicon.checks, wanted.kinship.lexicon.checks)


def test_a_further_table_holds_new_words_and_the_statistics_of_all() -> None:
    analyst = Analyst(1 << 20)
    analyst.read(sample())
    table = FamilyTable(generation_arrays(analyst, ()))
    added = [Article("n", body="مدينة قسقنطوس قسقنطوس"), Article("m", title="قسقنطوس")]
    analyst = Analyst(1 << 20)
    analyst.read(added)
    arrays = addition_arrays(analyst.counted(), analyst.completions(), table)
    assert FamilyTable(arrays).words.to_list() == ["قسقنطوس".encode()]
    assert FamilyTable(arrays).counts.tolist() == [2]
    assert as_read(WordCounts.stored(arrays)) == counted_by_hand(added)


def test_the_statistics_of_a_generation_are_those_of_its_table() -> None:
    analyst = Analyst(1 << 20)
    analyst.read(sample())
    assert as_read(WordCounts.stored(generation_arrays(analyst, ()))) == counted_by_hand(sample())


@given(ARTICLES)
@settings(deadline=None)
def test_words_are_packed_and_unpacked(article: Article) -> None:
    texts = Texts.of(article)
    found = document(article, texts, 7)
    assert unpacked(b64decode(found["words"])) == [list(each) for each in (*texts.words, *texts.vocalised)]
    assert [found.get(name, "").split() for name in LINES] == unpacked(b64decode(found["words"]))
    assert article_of(record(article)) == article


def test_a_document_has_what_its_mapping_names_and_no_more() -> None:
    article = Article("a", "عِلم", "نص عِلمٌ", "u", "م", "ك", "ق", "2024-05-03T23:30:00-05:00")
    found = document(article, Texts.of(article), 3)
    assert set(found) == set(articles_body(1)["mappings"]["properties"])
    assert (found["day"], found["year"], found["title_length"], found["body_length"]) == (739_009, 2024, 1, 2)
    assert found["body_vowels"].split() == vocalised(article.body)
    bare = document(Article("b", body="نص"), Texts.of(Article("b", body="نص")), 4)
    assert set(bare) == {"id", "sequence", "article", "words", "body", "title_length", "body_length"}


def test_words_too_long_for_the_cluster_stay_different_ones() -> None:
    longest = "م" * MAX_TERM_UNITS
    assert term(longest) == longest
    assert term(longest + "م") != term(longest + "ن")
    for word in (longest + "م", "𝟙" * 200, "😀" * 128):
        assert len(term(word).encode("utf-16-le")) <= 2 * MAX_TERM_UNITS
        assert term(word) != word
        assert not term(word).split()[1:]
    assert term("😀" * 127) == "😀" * 127


def test_long_values_and_ids_stay_different_ones() -> None:
    assert exact("م" * MAX_VALUE) == "م" * MAX_VALUE
    assert exact("م" * MAX_VALUE + "ن") != exact("م" * MAX_VALUE + "ك")
    assert len(exact("م" * 9 * MAX_VALUE)) <= MAX_VALUE
    assert document_id("a/b c?d") == "a/b c?d"
    long = "م" * 512
    assert document_id(long) != document_id(long[:-1])
    assert max(len(document_id(each).encode()) for each in (long, "م" * 256, "\ud800")) <= 512
    assert document_id(document_id(long)) != document_id(long)  # an id that looks like a hash is none


def test_lists_of_no_words_are_united() -> None:
    assert (
        as_read(WordCounts.united([WordCounts.none(), WordCounts(Strings.of([]), np.zeros((0, 5), np.uint32))])) == {}
    )
