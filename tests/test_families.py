"""Word families: grouped as stems say, complete after every add, the most frequent first, and never too many."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import build_segments, documents_of, engine_on, view_of

from index import embedded, families
from index.arabic import stem, words
from index.arabic.coding import packed
from index.arabic.kinship import KEYED, OF_LEMMAS, Kinship
from index.article import Article
from index.codec.container import DamagedFileError
from index.codec.layout import SegmentArrays, open_segment
from index.families import CLOSENESS, NEAR, Families, FamilyTable, Kin, Kind, table_of
from index.generations import Generations
from index.schema import TEXTS
from search.query import Word
from search.ranking import RANKING
from search.request import SearchRequest

FORMS = ("كتاب", "الكتاب", "كتابها", "كتابات", "بحر", "البحر", "بحرها", "نهر", "في", "gps", "2024", "سيارة", "سيارات")
vocabularies = st.dictionaries(st.sampled_from(FORMS) | st.text("كتابلهوين", min_size=1, max_size=6), st.integers(1, 5))


def keyed_by(table: FamilyTable) -> Kinship:
    assert table.kinship is not None
    return table.kinship


def keys_of(kinship: Kinship, word: str) -> dict[str, int]:
    """The keys of one word by kind."""
    return {kind: key for kind, key in zip(KEYED, kinship.keys(*packed([word]))[:, 0].tolist(), strict=True) if key}


def key_as(kind: str, keys: Mapping[str, int]) -> int:
    """What a word of these keys shares with its kin of a kind: a lemma is that of its own plurals and presents."""
    return keys.get(kind) or (keys.get("lemma", 0) if kind in OF_LEMMAS else 0)


def trigrams(word: str) -> set[str]:
    """The trigrams of a word's stem; none of a word of no Arabic letters, or of a stem of two."""
    of = stem(word)
    return {f"^{of}$"[at : at + 3] for at in range(len(of))} if len(of) > 2 and of >= "ء" else set()


def dice(first: set[str], second: set[str]) -> float:
    """Dice's coefficient, as a float of 32 bits."""
    return float(np.float32(2 * len(first & second) / (len(first) + len(second)))) if first and second else 0.0


def plain_kin(counts: Mapping[str, int], kinship: Kinship, word: str, limit: int) -> list[Kin]:
    """The word itself, then those that share a key or are alike, the nearest first and then as they are spelt."""
    own = keys_of(kinship, word)
    found = []
    heads = Counter[str]()
    for other, count in counts.items():
        heads[stem(other)] = max(heads[stem(other)], count)
    for other in set(counts) - {word}:
        theirs = keys_of(kinship, other)
        ways = [(CLOSENESS[kind], 1.0, kind) for kind in KEYED if key_as(kind, own) == key_as(kind, theirs) != 0]
        similarity = dice(trigrams(word), trigrams(other))
        if similarity >= 0.5 and stem(word) != stem(other) and heads[stem(other)] > 1:
            ways.append((CLOSENESS["similar"] * similarity, similarity, "similar"))
        if ways:
            close, similarity, kind = max(ways)
            order = (close < NEAR, -close * math.sqrt(counts[other]), other)
            found.append((order, Kin(other, cast(Kind, kind), similarity, counts[other])))
    found.sort(key=lambda each: each[0])
    return [Kin(word, "exact", 1.0, counts.get(word, 0)), *(kin for _, kin in found[:limit])]


@given(vocabularies, st.sampled_from(FORMS), st.integers(1, 4))
@settings(deadline=None)
def test_kin_are_the_words_that_share_a_key(counts: dict[str, int], stranger: str, limit: int) -> None:
    table = table_of(counts)
    kinship = keyed_by(table)
    for word in {*counts, stranger}:
        for many in (limit, 1000):
            assert Families([table]).kin(word, many) == plain_kin(counts, kinship, word, many)


@given(vocabularies)
@settings(deadline=None)
def test_a_table_holds_the_plain_grouping(counts: dict[str, int]) -> None:
    table = table_of(counts)
    kinship = keyed_by(table)
    ordered = sorted(counts, key=str.encode)
    assert table_words(table) == ordered
    assert table.counts.tolist() == [counts[word] for word in ordered]
    for kind, groups in zip(KEYED, table.groups, strict=True):
        expected: dict[int, list[int]] = defaultdict(list)
        for place, word in enumerate(ordered):
            if kind in (keys := keys_of(kinship, word)):
                expected[keys[kind]].append(place)
        assert groups.keys.tolist() == sorted(expected)
        for key, places in expected.items():
            members = sorted(places, key=lambda place: (-counts[ordered[place]], place))
            assert groups.of_key(np.uint64(key)).tolist() == members
        assert len(groups.members) == sum(map(len, expected.values()))


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
    kinship = keyed_by(published)
    for word in first:
        assert Families([published]).kin(word, 100) == plain_kin(first, kinship, word, 100)
    by_size = {frozenset(ids_of(segment)): segment for segment in segments_of(directory)}
    for part in parts[1:]:
        own = FamilyTable.in_segment(by_size[frozenset(article.id for article in part)])
        assert own is not None
        missing = {word: count for word, count in counted(part).items() if word not in first}
        assert table_words(own) == sorted(missing, key=str.encode)
        for word in missing:
            both = Families([published, own]).kin(word, 100)
            assert both == plain_kin({**first, **missing}, kinship, word, 100)
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
        assert len(found) == limit + 1 == 49
        assert found.words[0] == word.encode()
        assert len(set(found.words)) == len(found)
        assert expansion.matching(Word(word)) == {form.decode() for form in found.words}
    counts = Counter({form: 1 + n % 3 for n, form in enumerate(forms)})
    chosen = {form.decode() for form in expansion.forms(rare).words[1:]}
    everything = plain_kin(counts, keyed_by(tables[0]), rare, 1000)
    for kind in ("lemma", "stem"):
        of_kind = {kin.word: kin.count for kin in everything if kin.kind == kind}
        left_out = [count for word, count in of_kind.items() if word not in chosen]
        assert min(count for word, count in of_kind.items() if word in chosen) >= max(left_out, default=0)
    assert any(kin.word not in chosen for kin in everything[1:])
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
