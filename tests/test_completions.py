"""Completions: found however a word is spelt, each another idea, and all of it text that stands in the articles."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index.arabic import fold, words
from index.arabic.particles import without_article
from index.article import Article
from index.commands import SAMPLE
from index.completions import Completion, Completions, CompletionsBuilder, builder
from index.completions.joining import joined
from index.completions.spans import BLOCK, block_bests, largest
from index.completions.table import CompletionTable
from index.readers import Reading

VOWELS = "\u064e\u064f\u0650\u0652"


def completed(articles: list[Article]) -> Completions:
    made = CompletionsBuilder()
    for article in articles:
        made.add(article)
    return Completions([CompletionTable(made.arrays())])


def texts(found: list[Completion]) -> list[str]:
    return [each.text for each in found]


def alike(one: list[Completion], other: list[Completion], typed: str) -> bool:
    """Tell whether two lists hold the same ideas: one of them may lack what was typed, and have one more at the end."""
    ideas = [
        [each.text for each in found if each.kind != "title" and list(_key(each)) != [typed]] for found in (one, other)
    ]  # fmt: skip
    return all(a == b for a, b in zip(*ideas, strict=False)) and abs(len(ideas[0]) - len(ideas[1])) <= 1


def _key(completion: Completion) -> tuple[str, ...]:
    return tuple(map(without_article, words(completion.text)))


SAMPLE_ARTICLES = [item for item in Reading([str(SAMPLE)]) if isinstance(item, Article)]
COMPLETIONS = completed(SAMPLE_ARTICLES)
LINES = [
    " ".join(line.split())
    for article in SAMPLE_ARTICLES
    for line in (article.title, *article.body.splitlines())
]  # fmt: skip
WORDS = sorted(
    {
        word
        for article in SAMPLE_ARTICLES
        for word in words(article.title)
        if len(word) > 3 and word.isalpha() and not word.isascii()
    }
)


@pytest.mark.parametrize("limit", [1, 10])
def test_all_spellings_of_a_beginning_complete_alike(limit: int) -> None:
    found = texts(COMPLETIONS.complete("المدين", limit))
    assert without_article(fold(found[0])) == "مدينه"
    for typed in ("مدين", "ألمدين", "الْمَدِين", "مـديـن", "  المدين"):
        assert texts(COMPLETIONS.complete(typed, limit)) == found


def test_what_was_typed_is_not_suggested_again() -> None:
    for typed in ("المدينة", "المدينه", "الْمَدِينَة", '"المدينة', "المدينة القديمة", "(المدينة القديمه"):
        found = COMPLETIONS.complete(typed, 10)
        assert _key(COMPLETIONS.complete(typed[:-1], 10)[0]) == tuple(map(without_article, words(typed)))
        assert [each for each in found if _key(each) == tuple(map(without_article, words(typed)))] == []
    assert "الأمن" in texts(OF_NEWS.complete("امن", 10))  # the article is more than was typed
    assert "المدينة القديمة" in texts(COMPLETIONS.complete("المدينة", 10))
    headline = SAMPLE_ARTICLES[0].title  # this leads to an article
    assert headline in texts(COMPLETIONS.complete(headline, 10))


@given(st.sampled_from(WORDS), st.integers(2, 8), st.randoms(use_true_random=False))
def test_hamza_harakat_and_article_change_nothing(word: str, letters: int, chooser: random.Random) -> None:
    stem = without_article(word)[:letters]
    found = COMPLETIONS.complete(stem, 10)
    variants = {"ا": "اأإآ", "ه": "هة", "ي": "يى", "و": "وؤ"}
    written = "".join(chooser.choice(variants.get(letter, letter)) for letter in stem)
    vocalised = "".join(letter + chooser.choice(VOWELS) for letter in written)
    for typed in (written, vocalised):
        assert alike(COMPLETIONS.complete(typed, 10), found, stem)
    if not stem.startswith("ال"):
        assert alike(COMPLETIONS.complete(f"ال{vocalised}", 10), found, stem)


@given(st.sampled_from(LINES), st.integers(1, 40), st.integers(0, 30))
def test_every_completion_stands_in_the_articles(line: str, length: int, begin: int) -> None:
    typed = " ".join(line.split()[begin:])[:length]
    for each in COMPLETIONS.complete(typed, 10):
        if each.kind == "title":
            assert any(article.id == each.id and article.title == each.text for article in SAMPLE_ARTICLES)
        else:
            # What stands before the word that is completed, or the phrase, is kept as it was typed.
            size = 2 if each.kind == "phrase" else 1
            shown = " ".join(each.text.split()[-size:]).lstrip('"«(-')
            assert any(shown in line for line in LINES)


@given(st.sampled_from(LINES), st.integers(1, 25))
def test_lines_are_as_many_ideas(line: str, length: int) -> None:
    found = COMPLETIONS.complete(line[:length], 10)
    assert len(found) <= 10
    keys = [tuple(map(without_article, words(each.text))) for each in found]
    assert len(keys) == len(set(keys))


@given(ARABIC_TEXT, st.integers(1, 20))
def test_any_text_can_be_typed(typed: str, limit: int) -> None:
    for each in COMPLETIONS.complete(typed, limit):
        assert all(0 <= begin < end <= len(each.text) for begin, end in each.ranges)


def test_nothing_is_completed_of_nothing() -> None:
    assert COMPLETIONS.complete("", 10) == COMPLETIONS.complete(" \n،", 10) == []


@pytest.mark.parametrize("typed", ["ال", "الم", "أل"])
def test_an_article_with_hardly_a_letter_is_taken_at_its_word(typed: str) -> None:
    found = COMPLETIONS.complete(typed, 10)
    assert len(found) == 10
    assert all(fold(each.text).startswith(fold(typed)) for each in found if each.kind != "title")


NEWS = [
    Article("1", "مجلس الأمن يبحث الأزمة", "قال مجلس الأمن، اليوم إن مجلس الأمن اجتمع", published="2020-01-01"),
    Article("2", "الاتحاد الأوروبي ومجلس الأمن", "والأمن أيضا", published="2021-01-01"),
    Article("3", "مجلس الأمن يبحث الأزمة", "في الشارع من في الشارع من", published="2022-01-01"),
    Article("4", "إعلان كبير عن مجلس الامن", "اجتمع، اليوم: اجتمع، اليوم", published="2019-01-01"),
]  # fmt: skip
OF_NEWS = completed(NEWS)


def test_what_is_seen_most_often_is_shown() -> None:
    assert texts(OF_NEWS.complete("امن", 10))[0] == "الأمن"
    assert texts(OF_NEWS.complete("مجلس ام", 1)) == ["مجلس الأمن"]


def test_of_the_same_headlines_the_newest_article_is_told() -> None:
    found = [each for each in OF_NEWS.complete("مجلس الأمن يب", 10) if each.kind == "title"]
    assert [(each.text, each.id) for each in found] == [("مجلس الأمن يبحث الأزمة", "3")]


def test_headlines_are_found_from_their_middle_after_those_that_begin_so() -> None:
    found = [each.id for each in OF_NEWS.complete("مجلس الأمن", 10) if each.kind == "title"]
    assert found == ["3", "4"]
    (only,) = (each for each in OF_NEWS.complete("الأمن يبحث ا", 10) if each.kind == "title")
    assert [only.text[begin:end] for begin, end in only.ranges] == ["الأمن", "يبحث", "الأزمة"]
    assert not [each for each in OF_NEWS.complete("مجلس يبحث", 10) if each.kind == "title"]


def test_phrases_stand_together_and_say_something() -> None:
    phrases = {idea.shown for idea in CompletionTable(_arrays(NEWS)) if " " in idea.key}
    assert "مجلس الأمن" in phrases
    assert not any("في" in phrase or "اجتمع" in phrase for phrase in phrases)  # stop words; a comma between


def test_a_particle_makes_no_other_idea() -> None:
    assert "الأمن" in texts(OF_NEWS.complete("والام", 10))
    assert "والأمن" not in texts(OF_NEWS.complete("وال", 10))


def test_numbers_and_stop_words_are_no_completions() -> None:
    of_them = completed([Article("1", "في عام 2015 من هنا", "2015 2015 في في من")])
    assert [each for each in of_them.complete("20", 10) if each.kind != "title"] == []
    assert [each for each in of_them.complete("ف", 10) if each.kind != "title"] == []


def test_what_stands_before_the_last_word_is_kept() -> None:
    assert texts(OF_NEWS.complete("title:قطار مجلس الا", 10))[0] == "title:قطار مجلس الأمن"
    assert '"مجلس الأمن' in texts(OF_NEWS.complete('"مجلس الا', 10))
    assert "قطار مجلس الأمن" in texts(OF_NEWS.complete("قطار مجلس الا", 10))
    assert "شيء غريب الأزمة" in texts(OF_NEWS.complete("شيء غريب از", 10))
    for typed in ("(مجلس الأم", "قطار -مجلس الأم", "قسم:سياسة مجلس الأم"):
        assert {each.kind for each in OF_NEWS.complete(typed, 10)} == {"phrase"}


@pytest.mark.parametrize("value", ["مج", "مجلس", '"مجلس ال', '"مجلس الأمن"', "«مجلس ال", "(مجلس ال", "10:مج", "-مج"])
def test_nothing_is_suggested_in_a_field(value: str) -> None:
    for typed in (f"كاتب:{value}", f"قطار -title:{value}"):
        assert OF_NEWS.complete(typed, 10) == []
        assert OF_NEWS.complete(f"{typed}») مج", 10) != []


def test_any_word_follows_only_where_no_phrase_or_headline_does() -> None:
    assert [each.kind for each in OF_NEWS.complete("مجلس الا", 10)] == ["phrase", "title", "title"]
    assert "word" not in {each.kind for each in OF_NEWS.complete("مجلس الأمن", 10)}
    assert {each.kind for each in OF_NEWS.complete("اجتمع الأ", 10)} == {"word"}


OF_NAMES = completed(
    [
        Article(f"{name} {number}", f"{name} يزور البلدة {'ابجدهوزح'[number]}", f"وصل {name} وقيل بيان بشأن {name}")
        for name, times in (("محمد بن سلمان", 4), ("محمد بن زايد", 3), ("محمد بن أبي عامر", 2), ("خالد بن الوليد", 2))
        for number in range(times)
    ]
    + [Article("once", "محمد بن عيسى وحده", "محمد بن، محمد بن"), Article("cut", "زيارة محمد بن", "")]
)


def test_no_phrase_ends_on_a_word_that_wants_another() -> None:
    for typed in ("مح", "محمد", "محمد ", "محمد ب", "بيان", "بيان ", "خالد", "ابي", "بن"):
        found = OF_NAMES.complete(typed, 20)
        phrases = [words(each.text)[-1] for each in found if each.kind == "phrase"]
        assert not {"بن", "ابي", "بشان"} & set(phrases), typed
    for typed in ("كلمة بش", "ب", "كلمة ب"):
        assert not {"بن", "بشان"} & {words(each.text)[-1] for each in OF_NAMES.complete(typed, 20)}, typed


@pytest.mark.parametrize("typed", ["محمد", "محمد ", "محمد ب", "محمد بن", "محمد بن "])
def test_names_are_suggested_whole_the_frequent_ones_first(typed: str) -> None:
    phrases = [each.text for each in OF_NAMES.complete(typed, 20) if each.kind == "phrase"]
    assert [each for each in phrases if each.startswith("محمد")] == [
        "محمد بن سلمان",
        "محمد بن زايد",
        "محمد بن أبي عامر",
    ]


def test_half_a_name_goes_on_as_it_does_behind_its_first_word() -> None:
    assert texts(OF_NAMES.complete("محمد بن ز", 1)) == ["محمد بن زايد"]
    assert "محمد بن الوليد" not in texts(OF_NAMES.complete("محمد بن ", 20))
    assert "استقبل خالد بن الوليد" in texts(OF_NAMES.complete("استقبل خالد بن الو", 20))
    assert "سعيد بن الوليد" in texts(OF_NAMES.complete("سعيد بن الو", 20))  # what no headline has


def test_headlines_that_do_not_stand_any_more_are_passed_over() -> None:
    found = OF_NEWS.complete("مجلس الأمن", 10, lambda article_id, headline: article_id != "3")
    assert [each.id for each in found if each.kind == "title"] == ["4"]


def _arrays(articles: list[Article]) -> builder.Arrays:
    made = CompletionsBuilder()
    for article in articles:
        made.add(article)
    return made.arrays()


def test_joined_tables_complete_as_one_of_all_articles() -> None:
    parts = [_arrays(SAMPLE_ARTICLES[place::3]) for place in range(3)]
    together = Completions([CompletionTable(joined(parts))])
    separate = Completions([CompletionTable(part) for part in parts])
    for typed in ("المدين", "البحر ", "مد", WORDS[7], WORDS[30]):
        whole = COMPLETIONS.complete(typed, 20)
        of_headlines = {(each.text, each.id) for each in whole if each.kind == "title"}
        for other in (together.complete(typed, 20), separate.complete(typed, 20)):
            assert {(each.text, each.id) for each in other if each.kind == "title"} == of_headlines
        assert texts(together.complete(typed, 20))[0] == texts(separate.complete(typed, 20))[0]


def test_the_newest_of_the_same_headlines_is_kept_when_tables_are_joined() -> None:
    old, new = (
        replace(NEWS[0], id=name, published=day) for name, day in (("old", "2001-01-01"), ("new", "2002-01-01"))
    )
    for tables in ((old, new), (new, old)):
        found = Completions([CompletionTable(joined([_arrays([each]) for each in tables]))]).complete("مجلس الأمن", 10)
        assert [each.id for each in found if each.kind == "title"] == ["new"]


def test_many_articles_are_put_into_several_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "_ARTICLES", 10)
    monkeypatch.setattr(builder, "_TABLES", 3)
    found = completed(SAMPLE_ARTICLES)
    for article in SAMPLE_ARTICLES[::7]:
        assert article.id in {each.id for each in found.complete(article.title, 10)}


def test_long_texts_are_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "_WHOLE", 100)
    articles = [Article(str(number), f"عنوان {number} قطار", "مدينة بعيدة. " * 30) for number in range(30)]
    assert texts(completed(articles).complete("مدي", 10))[0] == "مدينة"


def test_a_file_holds_all_that_is_looked_up(tmp_path: Path) -> None:
    made = CompletionsBuilder()
    for article in SAMPLE_ARTICLES:
        made.add(article)
    made.write(tmp_path / "x.completions")
    opened = Completions.open(tmp_path / "x.completions")
    for typed in ("المدين", "ال", SAMPLE_ARTICLES[3].title[:20]):
        assert opened.complete(typed, 10) == COMPLETIONS.complete(typed, 10)


@pytest.mark.parametrize(
    "articles",
    [
        [],
        [Article("1", "", "")],
        [Article("1", "،؛", "؟!")],
        [Article("1", "ﷺ ﷲ", "ﷺ")],
        [Article("1", "𝔸𝕓𝕔 😀 كلمة:كلمة BBCبي", "A" * 300)],
        [Article("1", "كلمة " * 200, "\ue03a \x00\x01 \u2028 ءامن ءامن")],
    ],
)
def test_odd_articles_make_a_table(articles: list[Article]) -> None:
    found = completed(articles)
    for typed in ("ا", "كل", "كلمة ", "B", "bbc", "1", "ءا", "ص"):
        found.complete(typed, 10)
    if articles and ":" in articles[0].title:
        assert texts(found.complete("كلم", 1)) == ["كلمة"]


@given(
    st.lists(st.integers(0, 30), max_size=12 * BLOCK), st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 40)
)
def test_the_largest_of_a_range(values: list[int], begin: int, size: int, count: int) -> None:
    data = np.array(values * 3, np.uint32)
    begin = min(begin, len(data))
    end = min(begin + size, len(data))
    found = largest(lambda places: data[places], block_bests(data), begin, end, count)
    wanted = sorted((int(value) for value in data[begin:end] if value), reverse=True)[:count]
    assert data[found].tolist() == wanted
    assert len(set(found.tolist())) == len(found)
    assert all(begin <= place < end for place in found.tolist())
