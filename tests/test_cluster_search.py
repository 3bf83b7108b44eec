"""What is special about searching a cluster: pages past the window, changes under way, what only it can count."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract import Place, clear, place, sample

from benchmarks.cluster.nodes import Cluster
from index.article import Article
from index.opensearch.connection import ClusterUnavailableError, connect, telling
from index.opensearch.names import Names
from index.opensearch.state import State, live_state
from index.settings import Settings
from search.engine import Engine, EngineUnavailableError
from search.opensearch import engine as opensearch_engine
from search.opensearch.engine import STATE_SECONDS, ClusterEngine
from search.request import SearchRequest, Sort

WINDOW = 10


@pytest.fixture(scope="module")
def narrow(samples: Callable[[str], Place]) -> Engine:
    """The sample in a cluster, of which ten candidates are put in our order."""
    return samples("opensearch").open(window=WINDOW)


@pytest.fixture
def mine(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place("opensearch", tmp_path_factory.mktemp("mine"), cluster.urls())


def names(engine: Engine, request: SearchRequest) -> list[str]:
    return [hit.article.id for hit in engine.search(request).hits]


@pytest.mark.parametrize("per_page", [3, 4, 10, 25])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("text", ["مدينة", "مدينة كرة بحر", "زقزوق في مدينة", ""], ids=ascii)
def test_pages_past_the_window_neither_repeat_nor_lose(narrow: Engine, text: str, sort: Sort, per_page: int) -> None:
    request = SearchRequest(text, sort=sort, per_page=per_page)
    total = narrow.search(request).total
    assert total > WINDOW
    listed = [each for page in range(1, total // per_page + 3) for each in names(narrow, replace(request, page=page))]
    assert len(listed) == len(set(listed)) == total


def test_past_the_window_scores_are_ours_and_explained(narrow: Engine, samples: Callable[[str], Place]) -> None:
    wide = {
        hit.article.id: hit for hit in samples("opensearch").open().search(SearchRequest("مدينة", per_page=100)).hits
    }
    past = narrow.search(SearchRequest("مدينة", page=3, per_page=WINDOW, explain=True)).hits
    assert len(past) == WINDOW
    for hit in past:
        assert hit.score == pytest.approx(sum(reason.score for reason in hit.reasons), abs=1e-4)
        assert 0 < hit.score <= wide[hit.article.id].score + 1e-4  # there it may have had a second look


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("text", ["مدينة", "مدينة كرة بحر", "-مدينة", ""], ids=ascii)
def test_everything_goes_on_past_the_window_as_pages_do(narrow: Engine, text: str, sort: Sort) -> None:
    request = SearchRequest(text, sort=sort, per_page=10)
    everything = narrow.everything(request)
    pages = [
        each for page in range(1, everything.total // 10 + 2) for each in names(narrow, replace(request, page=page))
    ]
    assert [article.id for article in everything.articles] == pages


def test_an_export_reads_one_state_whatever_is_published_meanwhile(mine: Place) -> None:
    mine.rebuild([Article(str(number), body="خبر") for number in range(250)])
    engine = mine.open()
    articles = engine.everything(SearchRequest("خبر")).articles
    first = next(articles)
    mine.delete(*(str(number) for number in range(100, 250)))
    mine.rebuild([Article("other", body="خبر")])
    assert len({first.id, *(article.id for article in articles)}) == 250
    clear(mine)


def test_a_new_generation_and_what_is_added_is_seen_and_names_the_state(mine: Place) -> None:
    mine.rebuild([Article("1", body="خبر")])
    engine = mine.open()
    late = ClusterEngine(mine.settings)  # believes what it knows for a while
    seen = [engine.state()]
    assert late.search(SearchRequest("خبر")).total == 1
    mine.add(Article("2", body="خبران زقزوقان"))
    seen.append(engine.state())
    assert engine.search(SearchRequest("زقزوقان")).total == 1
    assert engine.search(SearchRequest("خبر")).total == 2
    time.sleep(STATE_SECONDS)
    assert late.search(SearchRequest("خبر")).total == 2
    mine.rebuild([Article("3", body="نهر")])
    seen.append(engine.state())
    assert engine.search(SearchRequest("خبر")).total == 0
    assert len(set(seen)) == 3
    clear(mine)


def test_a_generation_that_is_deleted_under_way_is_left_for_the_live_one(mine: Place) -> None:
    mine.rebuild([Article("1", body="خبر")])
    late = ClusterEngine(mine.settings, state_seconds=3600)
    assert late.search(SearchRequest("خبر")).total == 1
    for number in range(2, 4):  # the first is pruned by the third
        mine.rebuild([Article(str(number), body="خبر")])
    assert names(late, SearchRequest("خبر")) == ["3"]
    clear(mine)


def test_an_article_that_goes_between_two_requests_is_asked_for_again(
    mine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.opensearch.requests import Requests

    mine.rebuild([Article(str(number), body="خبر") for number in range(3)])
    engine = mine.open()
    read = Requests.read
    gone: list[str] = []

    def deleting(requests: Requests, ids: list[str]) -> list[Article]:
        if not gone:
            gone.append("1")
            mine.delete("1")
        return read(requests, ids)

    monkeypatch.setattr(Requests, "read", deleting)
    results = engine.search(SearchRequest("خبر"))
    assert (results.total, [hit.article.id for hit in results.hits]) == (2, ["0", "2"])
    clear(mine)


def test_no_index_is_told(mine: Place) -> None:
    engine = mine.open()
    for ask in (engine.generation, engine.extent, lambda: engine.article("1"), lambda: engine.search(SearchRequest())):
        with pytest.raises(EngineUnavailableError, match="reindex"):
            ask()


def test_no_node_is_told() -> None:
    engine = ClusterEngine(Settings(engine="opensearch", opensearch_url="http://127.0.0.1:9", opensearch_timeout=1.0))
    with pytest.raises(EngineUnavailableError, match="does not answer"):
        engine.search(SearchRequest("خبر"))


def test_facets_count_every_value_of_thousands(mine: Place) -> None:
    """No part of the index knows which authors have most articles: it holds one or none of most of them."""
    authors, years = 9_000, 400
    often = range(0, authors, 75)
    wrote = [(number, copy) for number in range(authors) for copy in range(3 if number in often else 1)]
    mine.rebuild(
        Article(f"{number}-{copy}", body="خبر", author=f"كاتب {number:04}", published=f"{1000 + number % years}-01-01")
        for number, copy in wrote
    )
    results = mine.open().search(SearchRequest("خبر"))
    assert results.total == len(wrote)
    assert [(each.value, each.count) for each in results.facets["author"]] == [
        (f"كاتب {number:04}", 3) for number in often[:100]
    ]
    assert [each.value for each in results.facets["year"]] == [str(1000 + year) for year in reversed(range(years))]
    assert sum(each.count for each in results.facets["year"]) == len(wrote)
    clear(mine)


def test_a_cluster_is_asked_of_its_own_generation_never_the_alias(mine: Place) -> None:
    mine.rebuild(sample()[:3])
    client = connect(mine.settings)
    generation = live_state(client, Names(mine.settings.opensearch_index)).generation
    assert mine.open().generation() == f"{generation}.1"
    with telling():
        assert generation in client.indices.get_alias(name=mine.settings.opensearch_index)
    client.close()
    clear(mine)


class Telling:
    """Stands where the engine asks for the state, and fails while it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing = False
        monkeypatch.setattr(opensearch_engine, "live_state", self)
        monkeypatch.setattr(opensearch_engine, "_PAUSE_SECONDS", 0.0)

    def __call__(self, client: Any, names: Names, seconds: float) -> State:
        if self.failing:
            raise ClusterUnavailableError("the cluster does not answer: on purpose")
        return live_state(client, names, seconds)


def test_questions_go_on_while_nobody_tells_the_state(mine: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    telling = Telling(monkeypatch)
    engine = mine.holding(Article("1", body="خبر"), time_budget=20.0)
    state, generation = engine.state(), engine.generation()
    telling.failing = True
    assert names(engine, SearchRequest("خبر*")) == ["1"]
    assert engine.article("1") is not None
    assert engine.state() == state
    with pytest.raises(EngineUnavailableError, match="on purpose"):
        engine.generation()  # whether the service is ready is no matter of belief
    with pytest.raises(EngineUnavailableError, match="on purpose"):
        mine.open().search(SearchRequest("خبر"))  # nothing is known that could be believed
    telling.failing = False
    assert engine.generation() == generation
    mine.add(Article("2", body="خبر"))
    assert engine.state() != state
    clear(mine)


def test_what_nobody_confirms_is_not_believed_for_ever(mine: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    telling = Telling(monkeypatch)
    engine = mine.holding(Article("1", body="خبر"))
    engine.state()
    telling.failing = True
    engine.state()
    monkeypatch.setattr(opensearch_engine, "_DOUBT_SECONDS", 0.0)
    for ask in (engine.state, lambda: engine.search(SearchRequest("خبر"))):
        with pytest.raises(EngineUnavailableError, match="on purpose"):
            ask()
    clear(mine)


def test_a_generation_that_is_gone_is_no_answer_while_nobody_tells_the_next(
    mine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = Telling(monkeypatch)
    engine = mine.holding(Article("1", body="خبر"))
    engine.state()
    telling.failing = True
    clear(mine)
    with pytest.raises(EngineUnavailableError, match="no such index"):
        engine.search(SearchRequest("خبر"))
