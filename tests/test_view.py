"""Views of a commit: what they share, and that threads which ask while others write see one commit each."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from segmented import build_segments, engine_on, view_of

from index import embedded
from index.article import Article
from index.generations import Generations
from search.embedded import EmbeddedEngine
from search.request import Filters, SearchRequest
from search.view import FacetTable


def test_values_keep_their_numbers_and_are_ranked_by_the_alphabet() -> None:
    table = FacetTable()
    assert table.numbers([b"b", b"d"]).tolist() == [0, 1]
    assert table.ranks().tolist() == [0, 1]
    assert table.numbers([b"", b"d", b"c"]).tolist() == [2, 1, 3]
    assert table.values == ["b", "d", "", "c"]
    assert table.ranks().tolist() == [1, 3, 0, 2]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
def test_ranks_are_of_all_values_that_were_there_when_they_were_asked_for() -> None:
    table = FacetTable()
    done = threading.Event()

    def rank() -> None:
        while not done.is_set():
            least = len(table.values)
            ranks = table.ranks()
            assert len(ranks) >= least
            assert sorted(ranks.tolist()) == list(range(len(ranks)))

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(rank) for _ in range(2)]
        for number in range(1500):
            table.numbers([b"%d" % number])
        done.set()
        for answer in answers:
            answer.result()


def test_a_year_of_three_digits_is_older_than_one_of_four(tmp_path: Path) -> None:
    dates = ("2024-01-01", "0800-12-25", "1066-10-14", "", "0999-01-01")
    build_segments(tmp_path, [[Article(f"{n}", "خبر", published=date)] for n, date in enumerate(dates)])
    years = engine_on(tmp_path).search(SearchRequest("خبر")).facets["year"]
    assert [each.value for each in years] == ["2024", "1066", "999", "800"]


def test_facets_list_a_hundred_values_and_count_exactly(tmp_path: Path) -> None:
    """The hundred most frequent ones, those of equal frequency by the alphabet; the value that is none is not one."""
    sources = [f"م{n:03}" for n in range(250)]
    often = [3 if n % 7 == 0 else 1 + n % 2 for n in range(250)]
    articles = [
        Article(f"{s}-{i}", "خبر", source=s) for s, times in zip(sources, often, strict=True) for i in range(times)
    ]
    articles += [Article(f"none{i}", "خبر") for i in range(9)]
    build_segments(tmp_path, [articles[:90], articles[90:300], articles[300:]])
    expected = sorted(zip(sources, often, strict=True), key=lambda each: (-each[1], each[0]))[:100]
    listed = engine_on(tmp_path).search(SearchRequest("خبر")).facets["source"]
    assert [(each.value, each.count) for each in listed] == expected


def test_a_segment_is_opened_once_for_all_commits(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    embedded.rebuild(generations, [Article(f"{n}", body="خبر") for n in range(100)], jobs=1, memory=32)
    engine = engine_on(tmp_path)
    (first,) = view_of(engine).segments
    embedded.add(generations, [Article("new", body="خبر")], memory=32)
    embedded.delete(generations, ["5"])
    again = next(segment for segment in view_of(engine).segments if segment.arrays.size == 100)
    assert again.arrays is first.arrays
    assert again.stored is first.stored
    assert (first.live.tolist(), again.live.sum()) == ([], 99)


def test_ids_and_numbers_lead_to_articles_over_all_segments(tmp_path: Path) -> None:
    parts = [[Article(f"{part}/{n}", f"عنوان {part} {n}") for n in range(size)] for part, size in enumerate((3, 1, 5))]
    documents = build_segments(tmp_path, parts, deleted={"1/0", "2/4"})
    view = view_of(engine_on(tmp_path))
    for number, document in enumerate(documents):
        assert view.article(number) == document.article
        assert view.find(document.article.id) == (number if document.live else -1)
    assert view.find("3/0") == -1


TOPICS = ("بحر", "نهر", "جبل", "قمر", "شمس", "نجم", "سهل", "واد")


def state_after(step: int) -> dict[str, Article]:
    """What the index holds after so many adds: each replaces some articles and brings one with values of its own."""
    state: dict[str, Article] = {}
    for at in range(step + 1):
        state |= {article.id: article for article in written_by(at)}
    return state


def written_by(step: int) -> list[Article]:
    if step == 0:
        return [Article(f"{n}", TOPICS[n % 8], f"خبر {TOPICS[n // 8 % 8]}", source="أول") for n in range(64)]
    topic = TOPICS[step % 8]
    replaced = [Article(f"{n}", topic, f"خبر طبعة{step}", source=f"م{step}") for n in range(step, 64, 16)]
    return [*replaced, Article(f"new{step}", f"{topic} جديد", "خبر", source=f"م{step}", author=f"ك{step}")]


def answer_of(state: dict[str, Article], topic: str) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
    found = [article for article in state.values() if topic in f"{article.title} {article.body}".split()]
    sources = [article.source for article in found]
    return frozenset(article.id for article in found), frozenset((s, sources.count(s)) for s in sources)


def asked(engine: EmbeddedEngine, topic: str) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
    results = engine.search(SearchRequest(topic, per_page=100, explain=True))
    assert results.total == len(results.hits) == sum(each.count for each in results.facets["source"])
    for hit in results.hits:
        assert topic in f"{hit.article.title} {hit.article.body}".split()
        assert sum(reason.score for reason in hit.reasons) == pytest.approx(hit.score, rel=1e-4)
    found = frozenset(hit.article.id for hit in results.hits)
    return found, frozenset((each.value, each.count) for each in results.facets["source"])


@pytest.mark.usefixtures("hasty_threads")
def test_every_answer_is_that_of_one_commit(tmp_path: Path) -> None:
    """Eight threads, a topic each, on one engine, while articles are added and replaced."""
    steps = 15
    generations = Generations(tmp_path)
    embedded.rebuild(generations, written_by(0), jobs=1, memory=32)
    states = [state_after(step) for step in range(steps + 1)]
    possible = {topic: [answer_of(state, topic) for state in states] for topic in TOPICS}
    engine = engine_on(tmp_path)
    done = threading.Event()

    def watch(topic: str) -> int:
        latest = 0
        for times in count(1):
            last = done.is_set()
            answer = asked(engine, topic)
            # Never an older commit than one that this thread has seen.
            latest = next(step for step in range(latest, steps + 1) if possible[topic][step] == answer)
            if last:
                assert answer == possible[topic][steps]
                return times
        raise AssertionError

    with ThreadPoolExecutor(len(TOPICS)) as pool:
        watchers = [pool.submit(watch, topic) for topic in TOPICS]
        try:
            for step in range(1, steps + 1):
                embedded.add(generations, written_by(step), memory=32)
        finally:
            done.set()
        assert all(watcher.result(timeout=60) > 1 for watcher in watchers)


def test_a_filter_of_values_that_only_some_segments_know(tmp_path: Path) -> None:
    parts = [[Article("1", "خبر", source="أ")], [Article("2", "خبر", source="ب")], [Article("3", "خبر")]]
    build_segments(tmp_path, parts)
    engine = engine_on(tmp_path)
    for sources, expected in ((("أ",), {"1"}), (("أ", "ب"), {"1", "2"}), (("ج",), set()), (("ج", "ب"), {"2"})):
        results = engine.search(SearchRequest("خبر", Filters(source=sources)))
        assert {hit.article.id for hit in results.hits} == expected
        assert {each.value for each in results.facets["source"]} <= set(sources)
