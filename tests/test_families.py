"""Word families: grouped as stems say, complete after every add, the most frequent first, and never too many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import build_segments, documents_of, engine_on, view_of

from index import embedded, families
from index.arabic import stem, words
from index.article import Article
from index.codec.container import DamagedFileError
from index.codec.layout import SegmentArrays, open_segment
from index.codec.lookup import pack
from index.families import Families, FamilyTable, Kin, table_arrays
from index.generations import Generations
from index.schema import TEXTS
from search.query import Word
from search.ranking import RANKING
from search.request import SearchRequest

FORMS = ("كتاب", "الكتاب", "كتابها", "كتابات", "بحر", "البحر", "بحرها", "نهر", "في", "gps", "2024", "سيارة", "سيارات")
vocabularies = st.dictionaries(st.sampled_from(FORMS) | st.text("كتابلهوين", min_size=1, max_size=6), st.integers(1, 5))


def table_of(counts: dict[str, int]) -> FamilyTable:
    ordered = sorted((word.encode(), count) for word, count in counts.items())
    return FamilyTable(table_arrays(pack([w for w, _ in ordered]), np.array([n for _, n in ordered], np.uint32)))


def plain_kin(counts: dict[str, int], word: str, limit: int) -> list[Kin]:
    """The word itself, then those of its stem, by falling count and then as they are spelt."""
    others = sorted((-n, w.encode(), w) for w, n in counts.items() if w != word and stem(w) == stem(word))
    found = [Kin(w, "stem", 1.0, -n) for n, _, w in others]
    return [Kin(word, "exact", 1.0, counts.get(word, 0)), *found[:limit]]


@given(vocabularies, st.sampled_from(FORMS), st.integers(1, 4))
def test_kin_are_the_words_of_one_stem(counts: dict[str, int], stranger: str, limit: int) -> None:
    family = Families([table_of(counts)])
    for word in {*counts, stranger}:
        assert family.kin(word, 1000) == plain_kin(counts, word, 1000)
        assert [kin.word for kin in family.kin(word, limit)] == [kin.word for kin in plain_kin(counts, word, limit)]


@given(vocabularies)
def test_a_table_holds_the_plain_grouping(counts: dict[str, int]) -> None:
    ordered = sorted(word.encode() for word in counts)
    arrays = table_arrays(pack(ordered), np.array([counts[word.decode()] for word in ordered], np.uint32))
    groups: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(ordered):
        groups["s" + stem(word.decode())].append(place)
    keys = sorted(groups, key=str.encode)
    members = [sorted(groups[key], key=lambda place: (-counts[ordered[place].decode()], place)) for key in keys]
    assert arrays["family.keys"].tobytes().decode() == "".join(keys)
    assert arrays["family.key_ends"].tolist() == np.cumsum([0, *(len(key.encode()) for key in keys)]).tolist()
    assert arrays["family.key_starts"].tolist() == np.cumsum([0, *map(len, members)]).tolist()
    assert arrays["family.members"].tolist() == [place for each in members for place in each]
    assert arrays["family.words"].tobytes() == b"".join(ordered)
    assert arrays["family.word_ends"].tolist() == np.cumsum([0, *map(len, ordered)]).tolist()
    assert arrays["family.similarities"].tolist() == [1.0] * len(keys)


def counted(articles: Sequence[Article]) -> Counter[str]:
    """In how many documents each word stands, each field counted by itself."""
    return Counter(word for article in articles for name in TEXTS for word in set(words(getattr(article, name))))


def table_words(table: FamilyTable) -> list[str]:
    return [word.decode() for word in table.words.to_list()]


texts = st.lists(st.sampled_from(FORMS), max_size=6).map(" ".join)
articles = st.lists(st.builds(Article, st.just(""), texts, texts, author=texts), min_size=1, max_size=4)


@given(st.lists(articles, min_size=2, max_size=4))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_additions_are_the_words_that_the_published_table_lacks(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[Article]]
) -> None:
    parts = [[Article(f"{p}-{n}", a.title, a.body, "", "", a.author) for n, a in enumerate(part)]
             for p, part in enumerate(parts)]  # fmt: skip
    directory = tmp_path_factory.mktemp("families")
    build_segments(directory, parts, added=len(parts) - 1)
    generation = Generations(directory).live()
    published = families.published(generation.directory)
    first = counted(parts[0])
    assert table_words(published) == sorted(first, key=str.encode)
    for word in first:
        assert Families([published]).kin(word, 100) == plain_kin(first, word, 100)
    by_size = {frozenset(ids_of(segment)): segment for segment in segments_of(directory)}
    for part in parts[1:]:
        own = FamilyTable.in_segment(by_size[frozenset(article.id for article in part)])
        assert own is not None
        missing = {word: count for word, count in counted(part).items() if word not in first}
        assert table_words(own) == sorted(missing, key=str.encode)
        for word in missing:
            assert Families([own]).kin(word, 100) == plain_kin(missing, word, 100)
    assert FamilyTable.in_segment(by_size[frozenset(article.id for article in parts[0])]) is None


def segments_of(directory: Path) -> list[SegmentArrays]:
    generation = Generations(directory).live()
    return [open_segment(segment.file(generation.directory)) for segment in generation.contents().segments]


def ids_of(segment: SegmentArrays) -> list[str]:
    return [key.decode() for key in segment.documents.ids.to_list()]


def test_an_added_inflection_is_found_by_words_that_were_there_and_finds_them(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    embedded.rebuild(generations, [Article("old", body="كتاب"), Article("other", body="نهر")], jobs=1, memory=32)
    engine = engine_on(tmp_path)

    def found(text: str) -> set[str]:
        return {hit.article.id for hit in engine.search(SearchRequest(text, per_page=100)).hits}

    assert found("كتابها") == {"old"}  # by the keys of a word that no article holds
    expected = {"old"}
    # The first of them lie in segments of their own, later ones in what those are merged into.
    for number, form in enumerate(("الكتاب", "كتابها", "كتابات", "والكتاب", "للكتاب", "وكتابها")):
        embedded.add(generations, [Article(f"new{number}", body=form)], memory=32)
        expected.add(f"new{number}")
        for asked in ("كتاب", "الكتاب", form, "بالكتاب"):
            assert found(asked) == expected
        assert found("نهر") == {"other"}
        assert engine.article(f"new{number}", "كتاب").body.ranges == ((0, len(form)),)  # type: ignore[union-attr]
    embedded.delete(generations, ["old", "new0"])
    assert found("كتاب") == expected - {"old", "new0"}


def many_forms(count: int) -> list[str]:
    """Different words of the stem of كتاب."""
    before = ("", "ال", "وال", "بال", "كال", "فال", "لل", "ول", "وب", "و", "ف", "ب", "ك", "ل")
    after = ("", "ها", "هم", "هما", "كم", "نا", "هن", "كما", "ات", "ين", "ان", "ون", "ية", "ه", "ي")
    forms = [f"{prefix}كتاب{suffix}" for prefix in before for suffix in after]
    folded = dict.fromkeys(words(" ".join(forms)))
    chosen = [word for word in folded if stem(word) == stem("كتاب")]
    assert len(chosen) >= count
    return chosen[:count]


def test_of_a_large_family_the_most_frequent_stand_for_it(tmp_path: Path) -> None:
    """All others are still found by themselves."""
    forms = many_forms(90)
    rare, limit = forms[-1], RANKING.family
    articles = [Article(f"{n}-{copy}", body=form) for n, form in enumerate(forms) for copy in range(1 + n % 3)]
    documents = build_segments(tmp_path, [articles[:60], articles[60:]], added=1)
    engine, plain = engine_on(tmp_path), PlainSearch(documents)
    expansion = view_of(engine).expansion
    tables = [families.published(Generations(tmp_path).live().directory)]
    assert 0 < len(Families(tables).kin(rare, limit)) <= limit + 1
    for word in (forms[0], forms[1], rare):
        found = expansion.forms(word)
        assert len(found) == limit + 1 == 64
        assert found.words[0] == word.encode()
        assert len(set(found.words)) == len(found)
        assert expansion.matching(Word(word)) == {form.decode() for form in found.words}
    counts = Counter({form: 1 + n % 3 for n, form in enumerate(forms)})
    chosen = {form.decode() for form in expansion.forms(rare).words[1:]}
    least = min(counts[form] for form in chosen)
    assert least >= max(counts[form] for form in set(forms) - chosen - {rare})
    results = engine.search(SearchRequest(rare, per_page=300, highlight=False))
    held = {document.article.id for document in plain.documents if document.article.body in {*chosen, rare}}
    assert {hit.article.id for hit in results.hits} == held


def test_a_family_after_merges_is_that_of_a_rebuild(tmp_path: Path) -> None:
    forms = many_forms(40)
    articles = [Article(f"{n}", title=forms[n % 7], body=f"{form} نهر") for n, form in enumerate(forms)]
    grown, built = tmp_path / "grown", tmp_path / "built"
    embedded.rebuild(Generations(grown), articles[:3], jobs=1, memory=32)
    for begin in range(3, 40, 5):
        embedded.add(Generations(grown), articles[begin : begin + 5], memory=32)
    embedded.rebuild(Generations(built), articles, jobs=1, memory=32)
    for text in (*forms[::9], "نهر", "كتاب نهر"):
        answers = []
        for directory in (grown, built):
            results = engine_on(directory).search(SearchRequest(text, per_page=100, highlight=False))
            answers.append({hit.article.id: pytest.approx(hit.score, rel=1e-5) for hit in results.hits})
        assert answers[0] == answers[1]
    engine = engine_on(grown)
    request = SearchRequest(forms[5], per_page=100, highlight=False)
    assert_same(PlainSearch(documents_of(engine)), engine.search(request), request)


def test_a_table_of_nothing_knows_nothing(tmp_path: Path) -> None:
    families.publish(tmp_path, [])
    table = families.published(tmp_path)
    assert table_words(table) == []
    assert Families([table]).kin("كتاب", 5) == [Kin("كتاب", "exact", 1.0, 0)]
    assert Families([]).kin("كتاب", 5) == [Kin("كتاب", "exact", 1.0, 0)]


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    families.publish(tmp_path, [])
    path = tmp_path / families.FILE_NAME
    content = bytearray(path.read_bytes())
    content[-30] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        families.published(tmp_path)
