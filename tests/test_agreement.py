"""Both engines on the same articles, asked the same: their answers are one where the window holds all that match."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from contract import Place, clear, place, sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.cluster.nodes import Cluster
from index.arabic import words
from index.article import Article
from index.settings import Settings
from search.engine import Engine
from search.evaluation import evaluate
from search.request import Filters, SearchRequest
from search.results import Hit, SearchResults
from web import create_app

pytestmark = pytest.mark.cluster

CLOSE = 1e-4
"""How far apart scores may be: they are added up in 32 bits."""

TODAY = date(2025, 6, 1)
SYNONYMS = "مدينة, حاضرة\nكرة القدم, الساحرة المستديرة\nدولة => بلد, وطن\nجامعة, مؤسسة أكاديمية"


@dataclass(frozen=True)
class Both:
    """Each engine, open on the same articles."""

    embedded: Engine
    cluster: Engine

    def agree(self, request: SearchRequest) -> SearchResults:
        """Ask both; return what they answer after comparing it."""
        one, other = self.embedded.search(request), self.cluster.search(request)
        assert (other.total, other.total_relation, other.partial) == (one.total, one.total_relation, one.partial)
        assert (other.match, other.notes, other.facets) == (one.match, one.notes, one.facets)
        assert other.alternatives == one.alternatives
        assert [hit.article for hit in other.hits] == [hit.article for hit in one.hits]
        for its, ours in zip(other.hits, one.hits, strict=True):
            _compare(its, ours)
        return one


def _compare(its: Hit, ours: Hit) -> None:
    assert its.score == pytest.approx(ours.score, abs=CLOSE)
    assert (its.title, its.body, its.factors) == (ours.title, ours.body, ours.factors)
    assert [replace(reason, score=0.0) for reason in its.reasons] == [
        replace(reason, score=0.0) for reason in ours.reasons
    ]
    assert [reason.score for reason in its.reasons] == pytest.approx(
        [reason.score for reason in ours.reasons], abs=CLOSE
    )


@pytest.fixture(scope="module")
def both(samples: Callable[[str], Place]) -> Both:
    return Both(samples("whoosh").open(), samples("opensearch").open())


EVERY = [
    "مدينة", "المدينة القديمة", '"كرة القدم"', '"كرة القدم" مباراة', "مدينة -بحر", "مدينة أو بحر",
    "(مدينة أو بحر) كرة", "مد*", "مد* -مدينة", "title:مدينة", "عنوان:(مدينة أو بحر)", 'title:"كرة القدم"',
    "category:علوم", "قسم:رياضة مباراة", "author:محمد", "مصدر:صحيفة", "-مدينة", "-(مدينة بحر)", "أو -مدينة",
    "عِلْم", "عَلَم", "مُدرِّسة كتاب", "في من على", "في المدينة", "", "زقزوق", "زقزوق مدينة", '"في المدينة"',
    "عبدالله", "عبد الله", "كاتب:عبدالرحمن", "2024", "GPS", "((مدينة -بحر) أو (نهر -جبل)) في",
    "العلم والاقتصاد والصحة في المدينة", "مدينة مدينة", "مدينه المدينة مدن", "ان الى", "-زقزوق", '"مدينة"',
    "بحر* أو نه*",
]  # fmt: skip


@pytest.mark.parametrize("text", EVERY, ids=ascii)
def test_every_operator_finds_the_same_in_the_same_order(both: Both, text: str) -> None:
    for match in ("auto", "all", "any"):
        for sort in ("relevance", "newest", "oldest"):
            both.agree(SearchRequest(text, match=match, sort=sort, per_page=30, explain=True))


def filters(articles: list[Article]) -> list[Filters]:
    some = {name: sorted({getattr(article, name) for article in articles}) for name in ("source", "category", "author")}
    return [
        Filters(source=tuple(some["source"][:2])),
        Filters(category=(some["category"][0],), source=tuple(some["source"])),
        Filters(author=(some["author"][0], "لا أحد")),
        Filters(author=("لا أحد", "")),
        Filters(source=("\ud800",)),
        Filters(published_from=date(2023, 1, 1)),
        Filters(published_to=date(2023, 12, 31)),
        Filters(published_from=date(2023, 1, 1), published_to=date(2024, 6, 30), category=tuple(some["category"][:3])),
    ]


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("text", ["", "مدينة", "في المدينة", "-مدينة"], ids=ascii)
def test_filters_let_the_same_through(both: Both, number: int, text: str) -> None:
    for sort in ("relevance", "newest"):
        both.agree(SearchRequest(text, filters(sample())[number], sort=sort, per_page=100))


@pytest.mark.parametrize("per_page", [1, 7, 10])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("text", ["مدينة", "مدينة كرة بحر", ""], ids=ascii)
def test_pages_are_the_same(both: Both, text: str, sort: str, per_page: int) -> None:
    for page in (*range(1, 12), 1_000, 10_001, 99_999):
        both.agree(SearchRequest(text, sort=sort, page=page, per_page=per_page))  # type: ignore[arg-type]


def test_articles_are_the_same(both: Both) -> None:
    for article in sample():
        assert both.cluster.article(article.id, "مدينة كرة") == both.embedded.article(article.id, "مدينة كرة")
    assert both.cluster.article("لا شيء") is None
    assert both.cluster.article("") is None
    assert both.cluster.article("\ud800") is None
    assert both.cluster.article("x" * 600) is None
    assert both.cluster.extent().articles == both.embedded.extent().articles


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("text", ["مدينة", "مدينة كرة بحر", "مدينة زقزوق", "", "-مدينة", "زقزوق"], ids=ascii)
def test_everything_is_the_same(both: Both, text: str, sort: str) -> None:
    request = SearchRequest(text, sort=sort)  # type: ignore[arg-type]
    one, other = both.embedded.everything(request), both.cluster.everything(request)
    assert (other.total, other.match, other.notes) == (one.total, one.match, one.notes)
    assert list(other.articles) == list(one.articles)


def questions() -> st.SearchStrategy[str]:
    chance = random.Random(6)
    common = sorted({word for article in sample() for word in words(f"{article.title} {article.body}")})
    word = st.sampled_from(chance.sample(common, 400))
    leaf = st.one_of(
        word, word, word, word.map(lambda each: f"{each[:3]}*"), st.builds('"{} {}"'.format, word, word),
        word.map("title:{}".format),
        st.sampled_from(("في", "عِلْم", "عَلَم", "كَتَبَ", '"في المدينة"', "عبدالله", "category:علوم")),
    )  # fmt: skip
    clause = st.one_of(leaf, leaf, leaf.map("-{}".format), st.builds("{} أو {}".format, leaf, leaf))
    group = st.lists(clause, min_size=1, max_size=3).map(" ".join)
    part = st.one_of(
        clause, clause, group.map("({})".format), group.map("-({})".format), group.map("title:({})".format)
    )
    return st.lists(part, min_size=1, max_size=4).map(" ".join)


@given(
    st.builds(
        SearchRequest, text=questions(), match=st.sampled_from(("auto", "all", "any")),
        sort=st.sampled_from(("relevance", "relevance", "newest", "oldest")), per_page=st.integers(1, 40),
        page=st.integers(1, 3), explain=st.booleans(), total=st.sampled_from(("exact", "bound")),
    )
)  # fmt: skip
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_question_is_answered_the_same(both: Both, request: SearchRequest) -> None:
    both.agree(replace(request, total="exact"))
    bound = both.cluster.search(request)
    assert bound.total <= both.cluster.search(replace(request, total="exact")).total


@pytest.fixture(scope="module")
def places(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Place]]:
    """A place in each engine, of the sample, some articles of which were replaced."""
    directory = tmp_path_factory.mktemp("changed")
    made = place("whoosh", directory), place("opensearch", directory, cluster.urls())
    for each in made:
        each.rebuild(sample())
        each.add(*(replace(article, title=f"{article.title} حاضرة") for article in sample()[:5]))
        each.add(Article("new", "مدينة", "الساحرة المستديرة في عِلْمِ المدينة زقزوقات", "", "م", "", "", "2025-05-31"))
        each.delete(sample()[7].id)
    yield made
    clear(made[1])


@pytest.mark.parametrize("text", ["زقزوقات", "مدينة", "حاضرة", "", "مد*", '"الساحرة المستديرة"', "-مدينة"], ids=ascii)
@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_what_is_added_and_deleted_is_found_alike(places: tuple[Place, Place], text: str, sort: str) -> None:
    Both(*(each.open() for each in places)).agree(SearchRequest(text, sort=sort, per_page=100))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["مدينة", "كرة القدم", "دولة", "جامعة", "الساحرة المستديرة", "حاضرة -بحر"], ids=ascii)
def test_synonyms_answer_alike(samples: Callable[[str], Place], tmp_path: Path, text: str) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text(SYNONYMS, "utf-8")
    both = Both(*(samples(engine).open(synonyms=str(path)) for engine in ("whoosh", "opensearch")))
    for match in ("all", "any"):
        both.agree(SearchRequest(text, match=match, per_page=100, explain=True))


def test_preferences_weigh_alike(samples: Callable[[str], Place]) -> None:
    name = sample()[0].source
    both = Both(
        *(
            samples(engine).open(today=lambda: TODAY, recency_half_life=90.0, source_weights=f"{name}=1.5")
            for engine in ("whoosh", "opensearch")
        )
    )
    assert both.agree(SearchRequest("مدينة كرة", match="any", per_page=100, explain=True)).hits[0].factors


def test_evaluations_agree(both: Both) -> None:
    queries = {article.id: article.title for article in sample()[::4]}
    qrels = {query: {query: 1} for query in queries}
    one, other = (evaluate(engine, queries, qrels, worst=3) for engine in (both.embedded, both.cluster))
    assert other.measures == one.measures
    assert {query: list(found) for query, found in other.run.items()} == {
        query: list(found) for query, found in one.run.items()
    }
    assert other.worst == one.worst


@pytest.mark.parametrize(
    "path",
    [
        "/?q=مدينة",
        "/?q=مدينة+بحر&sort=newest&page=2&from=2023",
        "/feed.atom?q=مدينة",
        "/api/search?q=مدينة&explain=1&per_page=5",
        "/api/search?q=مدينة&format=csv",
        "/api/search?q=مدينة&format=jsonl",
        "/api/search?q=مدينة&total=bound",
        "/api/search?q=مدينة&category=علوم&from=2020-01-01&sort=oldest&page=2&per_page=3",
        "/api/search?q=مدينة&colour=red&per_page=500",
        "/api/search?page=2000",
        "/api/suggest?q=المدينه+القد",
        "/api/suggest?q=مدين&format=opensearch",
        "/api/articles/nothing",
        "/",
        "/?q=مدينة+زقزوق&lang=en",
        "/opensearch.xml",
        "/openapi.json",
        "/api/articles/science-01?q=علم",
        "/articles/science-01?q=علم",
        "/articles/nothing",
        "/readyz",
    ],
    ids=ascii,
)
def test_whoever_asks_over_http_is_answered_the_same(both: Both, path: str) -> None:
    def answered(engine: Engine) -> tuple[int, str]:
        with create_app(Settings(), engine).test_client() as client:
            answer = client.get(path)
            # What may differ: how long it took, the last digits of scores, and the name of the generation.
            text = re.sub(r'"(?:took_ms|score)":\s*[0-9.]+', "", answer.get_data(as_text=True))
            generation = engine.generation()
            return answer.status_code, text.replace(generation, "").replace(generation.rpartition(".")[0], "")

    assert answered(both.cluster) == answered(both.embedded)
