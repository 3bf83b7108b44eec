"""What a script may do to an index through Whoosh, and how questions are answered meanwhile."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from publications import MEMORY, run
from scripted import build_mixed, count, ids, open_engine, rebuild, sample_articles, script, stock_view

from index import embedded
from index.article import Article
from index.families import published
from index.generations import Generations
from search import fallback
from search.deadline import Deadline
from search.embedded import EmbeddedEngine
from search.engine import EngineUnavailableError
from search.fallback import StockExecution
from search.parser import parse
from search.request import Filters, SearchRequest


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return sample_articles()


@pytest.fixture(scope="module")
def stock_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("stock")
    build_mixed(directory)
    return directory


@pytest.fixture(scope="module")
def stock_engine(stock_index: Path) -> EmbeddedEngine:
    return open_engine(stock_index)


def test_words_that_were_added_later_have_families_too(tmp_path: Path) -> None:
    rebuild(tmp_path, [Article("a", body="نهر")])
    embedded.add(Generations(tmp_path), [Article("added", body="طائرة")], memory=MEMORY)
    script(tmp_path, [Article("b", body="سفينة"), Article("c", body="السفينة والنهر")])
    known = published(Generations(tmp_path).live().directory).words.to_list()
    assert known == ["نهر".encode()]
    engine = open_engine(tmp_path)
    assert set(ids(engine.search(SearchRequest("بالسفينة")))) == {"b", "c"}
    assert set(ids(engine.search(SearchRequest("النهر")))) == {"a", "c"}
    assert set(ids(engine.search(SearchRequest("والطائرة")))) == {"added"}
    marked = engine.article("c", "سفينة نهر")
    assert marked is not None
    assert marked.body.html() == "<mark>السفينة</mark> <mark>والنهر</mark>"


def test_a_beginning_of_more_words_than_whoosh_joins_one_by_one(tmp_path: Path) -> None:
    many = [f"قلم{number}" for number in range(1500)]
    rebuild(tmp_path, [Article("a", body="نهر")])
    script(tmp_path, [Article(f"{place}", body=" ".join(many[place::5])) for place in range(5)])
    script(tmp_path, [Article("few", body="قلم7 نهر")])
    engine = open_engine(tmp_path)
    assert engine.search(SearchRequest("قلم*")).total == 6
    assert set(ids(engine.search(SearchRequest("قلم* -قلم14*")))) == {"few"}


def test_a_script_may_leave_out_fields_and_merge_everything(tmp_path: Path, articles: list[Article]) -> None:
    rebuild(tmp_path, articles[:10])
    writer = Generations(tmp_path).live().open_index().writer()
    writer.add_document(id="bare", body="مدينة وحيدة")
    writer.commit(merge=False)
    script(tmp_path, articles[10:], optimize=True)
    assert embedded.status(Generations(tmp_path)).segments == 1
    engine = open_engine(tmp_path)
    everything = engine.search(SearchRequest("", per_page=100))
    assert everything.total == len(articles) + 1
    assert {hit.article for hit in everything.hits} == {*articles, Article("bare", body="مدينة وحيدة")}
    assert sum(each.count for each in everything.facets["source"]) == len(articles)
    assert "bare" in ids(engine.search(SearchRequest("مدينة", per_page=100)))


def test_questions_are_counted_until_nothing_of_the_script_is_left(tmp_path: Path, articles: list[Article]) -> None:
    generations = Generations(tmp_path)
    rebuild(tmp_path, articles[:20])
    engine = open_engine(tmp_path)
    engine.search(SearchRequest("مدينة"))
    assert count(tmp_path) == 0

    script(tmp_path, articles[15:25])
    assert engine.search(SearchRequest("", per_page=100)).total == 25
    engine.search(SearchRequest("زقزوق بحر"))
    engine.article(articles[20].id)
    assert count(tmp_path) == 2
    assert "fallback queries  2" in run("status", "--index", tmp_path).output

    added = [*articles[15:20], Article("قطار", body="قطار سريع")]
    embedded.add(generations, added, memory=MEMORY)
    assert set(ids(engine.search(SearchRequest("القطار -مدينة")))) >= {"قطار"}
    assert engine.search(SearchRequest("")).total == 26
    assert count(tmp_path) == 4

    embedded.add(generations, articles[20:24], memory=MEMORY)
    embedded.delete(generations, [articles[24].id])
    assert embedded.status(generations).stock_segments == 0
    assert engine.search(SearchRequest("")).total == 25
    assert set(ids(engine.search(SearchRequest("القطار -مدينة")))) >= {"قطار"}
    assert count(tmp_path) == 4

    script(tmp_path, articles[30:])
    engine.search(SearchRequest(""))
    assert count(tmp_path) == 5
    rebuild(tmp_path, articles)
    assert engine.search(SearchRequest("")).total == len(articles)
    assert count(tmp_path) == 5


def test_threads_take_turns(stock_engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [
        SearchRequest(query, per_page=20) for query in ("مدينة", "الم*", "بحر أو نهر", "-ماء", '"كرة القدم"', "")
    ]
    expected = [ids(stock_engine.search(request)) for request in requests]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda request: ids(stock_engine.search(request)), requests * 20))
    finally:
        sys.setswitchinterval(interval)
    assert answers == expected * 20


def test_a_forked_process_opens_files_of_its_own(stock_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = stock_view(stock_index)
    process = os.getpid()
    with view.searcher() as mine:
        pass
    monkeypatch.setattr(os, "getpid", lambda: process + 1)
    for _ in range(2):
        with view.searcher() as theirs:
            assert theirs is not mine
            assert theirs.doc_count() == mine.doc_count()
    with view.searcher() as again:
        assert again is theirs


class Steps(Deadline):
    """Time that is up at the ``last`` look at the clock."""

    def __init__(self, last: int) -> None:
        super().__init__(0.0)
        self._left = last

    def check(self) -> bool:
        self._left -= 1
        self.passed |= self._left <= 0
        return self.passed


def test_what_is_found_before_time_is_up_matches(stock_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "_WINDOW", 8)
    view = stock_view(stock_index)
    query = parse("مدينة -بحر")
    whole = StockExecution(view, query, Deadline(0.0)).run("all", Filters(), "relevance", 100)
    assert whole.complete
    totals = []
    for last in range(1, 30):
        steps = Steps(last)
        found = StockExecution(view, query, steps).run("all", Filters(), "relevance", 100)
        assert found.complete != steps.passed
        assert set(found.documents.tolist()) <= set(whole.documents.tolist())
        assert found.counts is not None
        totals.append(found.total)
    assert totals == sorted(totals)
    assert totals[0] == 0
    assert totals[-1] == whole.total
    assert found.complete
    assert len(set(totals)) > 3


def test_an_answer_says_that_time_was_up(stock_index: Path) -> None:
    results = open_engine(stock_index, time_budget=1e-9).search(SearchRequest("مدينة"))
    assert (results.total, results.total_relation, results.partial) == (0, "gte", True)
    assert [note.code for note in results.notes] == ["partial"]


# Whoosh leaves a damaged file open.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning")
def test_a_damaged_or_missing_stock_segment_is_reported(tmp_path: Path, articles: list[Article]) -> None:
    rebuild(tmp_path, articles[:5])
    script(tmp_path, articles[5:9])
    [segment] = Generations(tmp_path).live().directory.glob("*.seg")
    data = segment.read_bytes()
    segment.write_bytes(data[: len(data) // 2])
    with pytest.raises(EngineUnavailableError, match="fihris reindex"):
        open_engine(tmp_path).search(SearchRequest("مدينة"))
    segment.unlink()
    with pytest.raises(EngineUnavailableError, match="incomplete: run `fihris reindex`"):
        open_engine(tmp_path).search(SearchRequest("مدينة"))
