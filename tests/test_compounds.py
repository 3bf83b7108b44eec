"""Names of two parts: found in both spellings, where the index holds them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import build_segments, engine_on

from index.arabic import compounds, words
from index.article import Article
from index.synonyms import NO_SYNONYMS
from search.alternatives import with_alternatives
from search.embedded import EmbeddedEngine
from search.parser import parse
from search.query import Alternative, Word
from search.request import Match, SearchRequest

ARTICLES = [
    Article("one", "زيارة", "التقى عبدالله الوزير"),
    Article("two", "زيارة", "التقى عبد الله الوزير"),
    Article("clitic", "زيارة", "قال الوزير لعبد الله إنه مسافر"),
    Article("apart", "زيارة", "عبد من عباد الله"),
    Article("city", "أخبار", "وصل إلى أبوظبي أمس"),
    Article("city-two", "أخبار", "وصل إلى أبي ظبي أمس", author="عبد الرحمن السالم"),
    Article("father", "أخبار", "قال أبو علي إن الظبي هرب"),
    Article("son", "أعلام", "محمد بن راشد"),
    Article("son-two", "أعلام", "محمد ابن راشد"),
    Article("servant", "أخبار", "كان عبد الباري هنا", author="عبدالرحمن السالم"),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedEngine:
    directory = tmp_path_factory.mktemp("compounds")
    build_segments(directory, [ARTICLES[:3], ARTICLES[3:]])
    return engine_on(directory)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("عبدالله", {"one", "two", "clitic"}),
        ("وعبدالله", {"one", "two", "clitic"}),
        ("عبد الله", {"one", "two", "clitic", "apart"}),
        ("الوزير عبد الله", {"one", "two", "clitic"}),
        ("الوزير عبدالله", {"one", "two", "clitic"}),
        ("أبوظبي", {"city", "city-two"}),
        ("أبي ظبي", {"city", "city-two", "father"}),
        ("محمد بن راشد", {"son", "son-two"}),
        ("محمد ابن راشد", {"son", "son-two"}),
        ("بن", {"son"}),
        ('"عبدالله"', {"one"}),
        ('"عبد الله"', {"two"}),
        ("الوزير -عبدالله", {"two", "clitic"}),
        ("عبدالباري", {"servant"}),
        ("عبدالكريم", set()),
        ("كاتب:عبدالرحمن", {"servant", "city-two"}),
        ("كاتب:(عبد الرحمن)", {"servant", "city-two"}),
        ("كاتب:عبد الرحمن", set()),  # asked of two fields
        ("عبدالله أو عبدالباري", {"one", "two", "clitic", "servant"}),
    ],
)
def test_both_spellings_are_found(engine: EmbeddedEngine, text: str, found: set[str]) -> None:
    results = engine.search(SearchRequest(text, match="all", per_page=100))
    assert {hit.article.id for hit in results.hits} == found


@pytest.mark.parametrize(
    ("text", "name", "marks"),
    [
        ("عبدالله", "two", ["عبد", "الله"]),
        ("عبدالله", "clitic", ["لعبد", "الله"]),
        ("عبد الله", "one", ["عبدالله"]),
        ("أبوظبي", "city-two", ["أبي", "ظبي"]),
        ("محمد بن راشد", "son-two", ["محمد", "ابن", "راشد"]),
    ],
)
def test_marks_follow(engine: EmbeddedEngine, text: str, name: str, marks: list[str]) -> None:
    article = engine.article(name, text)
    assert article is not None
    assert [article.body.text[a:b] for a, b in article.body.ranges] == marks


def test_answers_are_those_of_plain_loops(tmp_path: Path) -> None:
    plain = PlainSearch(build_segments(tmp_path, [ARTICLES[:3], ARTICLES[3:]], deleted={"apart"}))
    engine = engine_on(tmp_path)
    matches: tuple[Match, ...] = ("all", "any", "auto")
    for text in (
        "عبدالله",
        "عبد الله",
        "الوزير عبدالله أمس",
        "أبوظبي أو عبد الله",
        "(محمد بن) راشد -عبدالله",
        "أبي ظبي",
    ):
        for match in matches:
            request = SearchRequest(text, match=match, per_page=100)
            assert_same(plain, engine.search(request), request)


def test_a_spelling_counts_where_the_vocabulary_holds_all_of_it() -> None:
    def others(text: str, *vocabulary: str) -> list[tuple[Alternative, ...]]:
        query = with_alternatives(parse(text), NO_SYNONYMS, frozenset(vocabulary).intersection)
        return [leaf.others for leaf in query.leaves() if isinstance(leaf, Word)]

    assert others("عبدالله", "عبد") == [()]
    assert others("عبدالله", "عبد", "الله", "وعبد") == [
        (Alternative(("عبد", "الله"), "compound"), Alternative(("وعبد", "الله"), "compound"))
    ]
    whole = (Alternative(("عبدالله",), "compound"),)
    assert others("عبد الله هنا", "عبدالله") == [whole, whole]  # a stop word is no leaf
    assert others("عبد الله") == [(), ()]
    assert others("أبواب", "ابو", "اب") == [()]  # too short for a name
    query = parse("قمة المناخ")
    assert with_alternatives(query, NO_SYNONYMS, frozenset().intersection) is query


@given(st.text(alphabet="عبدالوهيرنما", min_size=1, max_size=9))
def test_what_is_parted_is_joined_again(word: str) -> None:
    for first, second in compounds.parted(word):
        assert words(f"{first} {second}") == [first, second]
        rejoined = compounds.joined(first, second)
        bare = word if word[0] in "عا" else word[1:]
        assert bare in rejoined or word in rejoined
