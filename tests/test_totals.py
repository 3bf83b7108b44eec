"""Totals against an independent count: plain Python over the articles' texts, with no posting list and no parser.

Which words are forms of one another is taken from the index; the tests of kinship and of families say which these are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pytest
from segmented import view_of

from index import embedded
from index.arabic import fold, words
from index.article import Article, written_day
from index.commands import SAMPLE
from index.generations import Generations
from index.readers import Reading
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine
from search.engines import open_engine
from search.query import Word
from search.request import Filters, SearchRequest


@dataclass(frozen=True)
class Text:
    """One article as lists of folded words. ``forms``: by which folded words another one is matched."""

    forms: Callable[[str], frozenset[str]]
    article: Article
    title: list[str]
    body: list[str]

    def field(self, name: str) -> list[list[str]]:
        if not name:
            return [self.title, self.body]
        return [words(getattr(self.article, name))]


class Test:
    """A condition on a text; & | ~ combine them."""

    __test__ = False

    def __init__(self, check: Callable[[Text], bool]) -> None:
        self.check = check

    def __and__(self, other: Test) -> Test:
        return Test(lambda text: self.check(text) and other.check(text))

    def __or__(self, other: Test) -> Test:
        return Test(lambda text: self.check(text) or other.check(text))

    def __invert__(self) -> Test:
        return Test(lambda text: not self.check(text))


def w(word: str, field: str = "") -> Test:
    """Some form of the word."""
    wanted = fold(word)
    return Test(lambda text: any(each in text.forms(wanted) for part in text.field(field) for each in part))


def forms_in(engine: Engine) -> Callable[[str], frozenset[str]]:
    assert isinstance(engine, EmbeddedEngine)
    expansion = view_of(engine).expansion
    return lru_cache(maxsize=None)(lambda word: expansion.matching(Word(word)))


def p(phrase: str, field: str = "") -> Test:
    """The words in this order."""
    wanted = f" {' '.join(words(phrase))} "
    return Test(lambda text: any(wanted in f" {' '.join(part)} " for part in text.field(field)))


def x(prefix: str, field: str = "") -> Test:
    """A word that begins so."""
    start = fold(prefix)
    return Test(lambda text: any(each.startswith(start) for part in text.field(field) for each in part))


QUERIES: list[tuple[str, Test]] = [
    ("مدينة", w("مدينة")),
    ("المدن", w("المدن")),
    ("مُدُن", w("مدن")),
    ("الطاقة", w("الطاقة")),
    ("طاقة شمسية", w("طاقة") & w("شمسية")),
    ("الطاقة الشمسية", w("الطاقة") & w("الشمسية")),
    ('"الطاقة الشمسية"', p("الطاقة الشمسية")),
    ('"الطاقه الشمسيه"', p("الطاقة الشمسية")),
    ("«الطاقة الشمسية»", p("الطاقة الشمسية")),
    ("طاقة -شمسية", w("طاقة") & ~w("شمسية")),
    ('طاقة -"الطاقة الشمسية"', w("طاقة") & ~p("الطاقة الشمسية")),
    ("بحر أو نهر", w("بحر") | w("نهر")),
    ("بحر او نهر", w("بحر") | w("نهر")),
    ("بحر OR نهر OR جبل", w("بحر") | w("نهر") | w("جبل")),
    ("(بحر أو نهر) مدينة", (w("بحر") | w("نهر")) & w("مدينة")),
    ("مدينة (بحر أو نهر) -جسر", w("مدينة") & (w("بحر") | w("نهر")) & ~w("جسر")),
    ("مدينة -(بحر أو نهر)", w("مدينة") & ~(w("بحر") | w("نهر"))),
    ("مدينة -(بحر سفينة)", w("مدينة") & ~(w("بحر") & w("سفينة"))),
    ("مدين*", x("مدين")),
    ("الم*", x("الم")),
    ("مدين* بحر*", x("مدين") & x("بحر")),
    ("علم -علم*", w("علم") & ~x("علم")),
    ("title:مدينة", w("مدينة", "title")),
    ("عنوان:البحر", w("البحر", "title")),
    ("title:(بحر أو نهر)", w("بحر", "title") | w("نهر", "title")),
    ("title:مد*", x("مد", "title")),
    ("-title:مدينة مدينة", w("مدينة") & ~w("مدينة", "title")),
    ("كاتب:ليلى", w("ليلى", "author")),
    ('author:"ليلى الحداد"', p("ليلى الحداد", "author")),
    ("مصدر:مدارات", w("مدارات", "source")),
    ("قسم:علوم", w("علوم", "category")),
    ("قسم:علوم بحر", w("علوم", "category") & w("بحر")),
    ("قسم:(علوم أو صحة) ماء", (w("علوم", "category") | w("صحة", "category")) & w("ماء")),
    ("category:رياضة -كرة", w("رياضة", "category") & ~w("كرة")),
    ("كرة القدم", w("كرة") & w("القدم")),
    ('"كرة القدم"', p("كرة القدم")),
    ('"كرة القدم" أو "كرة السلة"', p("كرة القدم") | p("كرة السلة")),
    ("في", w("في")),
    ("في من", w("في") & w("من")),
    ("في المدينة", w("المدينة")),
    ("ما هي المدينة", w("المدينة")),
    ('"في المدينة"', p("في المدينة")),
    ('"من"', p("من")),
    ("2024", w("2024")),
    ("٢٠٢٤", w("2024")),
    ("-مدينة", ~w("مدينة")),
    ("-مدينة -بحر", ~w("مدينة") & ~w("بحر")),
    ("مدينة أو -بحر", w("مدينة") | ~w("بحر")),
    ("GPS", w("gps")),
    ("gps OR nature", w("gps") | w("nature")),
    ("كلمة؟ لا، توجد!", w("كلمة") & w("توجد")),
    ("زقزوقستان", w("زقزوقستان")),
    ("", Test(lambda text: True)),
    ("؟ ***", Test(lambda text: True)),
]


@pytest.fixture(scope="module")
def texts(sample_engine: Engine) -> list[Text]:
    articles = [item for item in Reading([str(SAMPLE)]) if isinstance(item, Article)]
    forms = forms_in(sample_engine)
    return [Text(forms, article, words(article.title), words(article.body)) for article in articles]


def test_there_are_fifty_queries_and_most_find_something(texts: list[Text]) -> None:
    counts = [sum(map(test.check, texts)) for _, test in QUERIES]
    assert len(QUERIES) >= 50
    assert sum(0 < count < len(texts) for count in counts) >= 40


@pytest.mark.parametrize(("query", "test"), QUERIES)
def test_total(sample_engine: Engine, texts: list[Text], query: str, test: Test) -> None:
    expected = {text.article.id for text in texts if test.check(text)}
    results = sample_engine.search(SearchRequest(query, match="all", per_page=100))
    assert results.total == len(expected)
    assert {hit.article.id for hit in results.hits} == expected
    assert results.total_relation == "eq"


@pytest.mark.parametrize("query", ["بحر نهر جبل", "طاقة شمسية -مدينة", "ما هي المدينة"])
def test_total_of_any(sample_engine: Engine, texts: list[Text], query: str) -> None:
    expected = {
        "بحر نهر جبل": w("بحر") | w("نهر") | w("جبل"),
        "طاقة شمسية -مدينة": (w("طاقة") | w("شمسية")) & ~w("مدينة"),
        "ما هي المدينة": w("المدينة"),
    }[query]
    results = sample_engine.search(SearchRequest(query, match="any"))
    assert results.total == sum(map(expected.check, texts))


def test_filters_and_facets_count_what_is_listed(sample_engine: Engine, texts: list[Text]) -> None:
    query, test = "مدينة", w("مدينة")
    sources = ("مجلة مدارات", "وكالة الأفق")
    days = [written_day(text.article.published) for text in texts]
    first, last = sorted(days)[10], sorted(days)[-10]
    filters = Filters(source=sources, published_from=first, published_to=last)
    expected = [
        text.article
        for text, day in zip(texts, days, strict=True)
        if test.check(text) and text.article.source in sources and first <= day <= last
    ]
    results = sample_engine.search(SearchRequest(query, filters, per_page=100))
    assert {hit.article.id for hit in results.hits} == {article.id for article in expected}
    for name in ("source", "category", "author"):
        counts: dict[str, int] = {}
        for article in expected:
            value = getattr(article, name)
            if value:
                counts[value] = counts.get(value, 0) + 1
        assert {each.value: each.count for each in results.facets[name]} == counts
        listed = [each.count for each in results.facets[name]]
        assert listed == sorted(listed, reverse=True)
    years = [article.published[:4] for article in expected]
    assert {each.value: each.count for each in results.facets["year"]} == {y: years.count(y) for y in years}


REAL_QUERIES: list[tuple[str, Test]] = [
    ("السعودية", w("السعودية")),
    ("وزير الخارجية", w("وزير") & w("الخارجية")),
    ('"وزير الخارجية"', p("وزير الخارجية")),
    ('"وزير الخارجية" -إيران', p("وزير الخارجية") & ~w("إيران")),
    ('"في المملكة العربية السعودية"', p("في المملكة العربية السعودية")),
    ("اليمن (حرب أو سلام)", w("اليمن") & (w("حرب") | w("سلام"))),
    ("مسئول", w("مسؤول")),
    ("انتخاب*", x("انتخاب")),
    ("title:(اليمن أو سوريا) -داعش", (w("اليمن", "title") | w("سوريا", "title")) & ~w("داعش")),
    ("مصدر:alriyadh النفط", w("alriyadh", "source") & w("النفط")),
    ("١٠ أو 20", w("10") | w("20")),
    ("-السعودية", ~w("السعودية")),
]


@pytest.fixture(scope="module")
def real_articles(shared_data: Path) -> list[Article]:
    reading = Reading([str(shared_data / "corpora" / "saudi.docs.jsonl.gz")])
    return list(islice((item for item in reading if isinstance(item, Article)), 1500))


def test_totals_over_real_articles(real_articles: list[Article], tmp_path: Path) -> None:
    embedded.rebuild(Generations(tmp_path), real_articles, jobs=1, memory=256)
    engine = open_engine(Settings(index=tmp_path, time_budget=0.0))
    forms = forms_in(engine)
    texts = [Text(forms, article, words(article.title), words(article.body)) for article in real_articles]
    for query, test in REAL_QUERIES:
        expected = sum(map(test.check, texts))
        assert expected > 0, query
        assert engine.search(SearchRequest(query, match="all")).total == expected, query
