"""The benchmarks' harness on few articles: what it draws, grows and writes, and that the peers find the same."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import corpus, measure, serving, speed
from benchmarks.measure import Contest, DisagreementError, compare
from benchmarks.peers import lucene, roster
from benchmarks.peers.protocol import Answer, Prepared, Question
from benchmarks.process import PeerError, PeerProcess, family, first_answer, size
from benchmarks.queries import KINDS, questions
from benchmarks.serving import ServingError
from index.arabic import STOP_WORDS, words
from index.article import Article
from index.commands import SAMPLE
from index.readers import Reading, ReadOptions

MEMORY = 64
SAME = ("tantivy", "sqlite", "stock")
"""Peers that need no more than the environment of the tests."""


def bundled() -> list[Article]:
    return [found for found in Reading([str(SAMPLE)], ReadOptions()) if isinstance(found, Article)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled articles, several times over with other ids, so that words have postings of some length."""
    path = tmp_path_factory.mktemp("bench") / "articles.tsv"
    copies = (replace(each, id=f"{each.id}-{turn}") for turn in range(3) for each in bundled())
    corpus.write(copies, path)
    return path


@pytest.fixture(scope="module")
def asked(prepared: Path) -> dict[str, list[Question]]:
    return questions(corpus.sample(corpus.read(prepared), 50, seed=1), 20)


@pytest.fixture(scope="module")
def indexes(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An index of each peer, and of Fihris, over the prepared articles."""
    home = tmp_path_factory.mktemp("indexes")
    found: dict[str, Path] = {}
    for entrant in entrants():
        found[entrant.index] = home / entrant.index
        built = measure.build(entrant, prepared, found[entrant.index], None)
        assert 0 < built.reading < built.seconds
        assert built.size == size(found[entrant.index]) > 0
        assert built.memory > 1_000_000
    return found


def entrants() -> list[roster.Entrant]:
    there, missing = roster.entrants((roster.FIHRIS, *SAME), MEMORY, Path())
    assert missing == {}
    return there


def test_peers_find_the_same(indexes: dict[str, Path], asked: dict[str, list[Question]]) -> None:
    """``ask`` raises where totals, or counts by source, differ."""
    with Contest(entrants(), indexes, None) as contest:
        assert set(contest.segments) == {roster.FIHRIS, *SAME}
        for kind, each in asked.items():
            found = contest.ask(each, rounds=2, warm=0)
            assert all(0 < spread.p50 <= spread.p95 <= spread.p99 for spread in found.values()), kind
        marks = contest.marks(roster.FIHRIS, [Question("any", ("في", "من"))], rounds=1, warm=0)
        assert marks is not None
        assert marks.marked.p50 > 0
        assert contest.marks(roster.FIHRIS, [Question("any", ("ليستهنا",))], rounds=1, warm=0) is None


@pytest.mark.parametrize("name", [roster.FIHRIS, *SAME])
def test_a_peer_finds_what_a_plain_look_finds(
    name: str, indexes: dict[str, Path], prepared: Path, asked: dict[str, list[Question]]
) -> None:
    articles = list(corpus.read(prepared))
    (entrant,) = (each for each in entrants() if each.name == name)
    with PeerProcess(entrant.command, None) as peer:
        peer.open(indexes[entrant.index])
        for kind, each in asked.items():
            for question, timed in zip(each, peer.ask(each), strict=True):
                found = [article for article in articles if matches(article, question)]
                assert timed.answer.total == len(found), (kind, question)
                assert found or question.source or question.last, "drawn from the articles, it must find some"
                if question.stored:
                    assert set(timed.answer.ids) <= {article.id for article in found}
                    assert len(timed.answer.ids) == min(10, len(found))
                if question.counts:
                    assert sum(count for _, count in timed.answer.counts) == len(found)


def matches(article: Prepared, question: Question) -> bool:
    fields = [f" {article.title} ", f" {article.body} "]
    if question.match == "phrase":
        found = any(f" {' '.join(question.words)} " in field for field in fields)
    else:
        of_all = any if question.match == "any" else all
        found = of_all(any(f" {word} " in field for field in fields) for word in question.words)
    if question.source and question.source != article.source:
        return False
    return found and (not question.last or question.first <= article.day <= question.last)


def test_a_peer_that_ends_is_named(tmp_path: Path) -> None:
    with (
        PeerProcess([sys.executable, "-c", "raise SystemExit(3)"], None) as peer,
        pytest.raises(PeerError, match="SystemExit"),
    ):
        peer.open(tmp_path)


def test_the_start_takes_longer_than_the_first_answer(indexes: dict[str, Path]) -> None:
    (entrant,) = (each for each in entrants() if each.name == "sqlite")
    question = Question("any", ("في",))
    started = first_answer(entrant.command, indexes["sqlite"], question, None)
    with PeerProcess(entrant.command, None) as peer:
        peer.open(indexes["sqlite"])
        assert peer.ask([question])[0].seconds < started


def test_a_disagreement_is_told() -> None:
    one, other = (replace(entrants()[0], label=label) for label in ("One", "Other"))
    question = Question("all", ("كلمه",))
    with pytest.raises(DisagreementError, match=r"One finds 3 .*Other 4"):
        compare([question], (one, [Answer(3)]), (other, [Answer(4)]))
    with pytest.raises(DisagreementError):
        compare([question], (one, [Answer(3, counts=(("s", 3),))]), (other, [Answer(3, counts=(("t", 3),))]))
    compare([question], (one, [Answer(3, ("a",))]), (other, [Answer(3, ("b",))]))


WORD = st.text(st.characters(whitelist_categories=["Lo", "Nd"]), min_size=1)
NAME = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


@given(
    st.builds(
        Question,
        match=st.sampled_from(["any", "all", "phrase"]),
        words=st.lists(WORD, min_size=1).map(tuple),
        source=NAME,
        first=st.integers(0),
        last=st.integers(0),
        counts=st.booleans(),
        stored=st.booleans(),
        marks=st.booleans(),
    )
)
def test_a_question_survives_its_line(question: Question) -> None:
    assert Question.read(question.line() + "\n") == question


@given(
    st.builds(
        Answer,
        total=st.integers(0),
        ids=st.lists(NAME.filter(bool)).map(tuple),
        counts=st.lists(st.tuples(NAME, st.integers(0))).map(tuple),
    )
)
def test_an_answer_survives_its_line(answer: Answer) -> None:
    assert Answer.read(answer.line() + "\n") == answer


def test_an_article_survives_its_line(prepared: Path) -> None:
    originals = bundled()
    for article, original in zip(corpus.read(prepared), originals, strict=False):
        assert article.body == " ".join(words(original.body))
        assert Prepared.read(article.line() + "\n") == article


def test_questions_are_drawn_from_the_articles(prepared: Path, asked: dict[str, list[Question]]) -> None:
    titles = " ".join(article.title for article in corpus.read(prepared)).split()
    sources = {article.source for article in corpus.read(prepared)}
    assert set(asked) == set(KINDS)
    assert all(len(each) == 20 for each in asked.values())
    for question in (*asked["any"], *asked["all"], *asked["source"], *asked["days"]):
        assert 1 <= len(question.words) <= 4
        assert set(question.words) <= set(titles) - STOP_WORDS
    assert {len(question.words) for question in asked["any"]} == {1, 2, 3, 4}
    assert all(len(question.words) == 2 and question.match == "phrase" for question in asked["phrase"])
    assert all(question.source in sources for question in asked["source"])
    assert all(0 < question.first <= question.last for question in asked["days"])
    drawn = corpus.sample(corpus.read(prepared), 50, seed=1)
    assert questions(drawn, 20) == asked
    assert questions(drawn, 20, seed=12) != asked


def test_a_sample_is_of_all_articles(prepared: Path) -> None:
    articles = list(corpus.read(prepared))
    assert {each.id for each in corpus.sample(articles, len(articles), seed=1)} == {each.id for each in articles}
    few = corpus.sample(articles, 40, seed=1)
    assert len({each.id for each in few}) == 40
    assert {articles.index(each) * 4 // len(articles) for each in few} == {0, 1, 2, 3}


def test_the_head_of_a_prepared_file(prepared: Path, tmp_path: Path) -> None:
    corpus.head(prepared, tmp_path / "few.tsv", 7)
    assert list(corpus.read(tmp_path / "few.tsv")) == list(islice(corpus.read(prepared), 7))


def test_the_newest_jdk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("a", "17.0.1"), ("b", "25.0.3"), ("c", "21")):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "javac").touch()
        (tmp_path / name / "release").write_text(f'JAVA_VERSION="{version}"\n')
    (tmp_path / "d").mkdir()
    monkeypatch.setattr(lucene, "_homes", lambda: iter(sorted(tmp_path.iterdir())))
    assert lucene.jdk() == (25, tmp_path / "b")
    monkeypatch.setattr(lucene, "_homes", lambda: iter([tmp_path / "a", tmp_path / "d"]))
    with pytest.raises(lucene.MissingError, match="21 or newer"):
        lucene.jdk()


def test_the_service_is_asked_over_http(sample_index: Path, asked: dict[str, list[Question]], tmp_path: Path) -> None:
    paths = serving.paths(asked["all"])
    log = tmp_path / "service.log"
    with serving.service(sample_index, 1, log) as (master, port):
        times = serving.latencies(port, paths, rounds=1)
        assert 0 < times.p50 <= times.p99
        assert len(family(master)) == 2
        with pytest.raises(ServingError, match="400"):
            serving.latencies(port, ["/api/search?unknown=1"], rounds=1)
    with pytest.raises(ServingError, match="not become ready"), serving.service(sample_index, -1, log):
        pass


def test_slow_peers_take_part_in_the_small_run_alone() -> None:
    assert "stock" in speed.peers_for(5_000, roster.NAMES)
    assert "stock" not in speed.peers_for(70_000, roster.NAMES)
    assert "sqlite" in speed.peers_for(70_000, roster.NAMES)
    assert speed.peers_for(350_000, ("sqlite", "tantivy", "fihris")) == ["tantivy", "fihris"]


def test_the_command_is_told_without_paths(tmp_path: Path) -> None:
    options = speed.options_of(["--home", str(tmp_path), "--sizes", "5k", "--peers", "tantivy,fihris", "--core", "-1"])
    assert options.home == tmp_path
    assert options.core is None
    assert str(tmp_path) not in options.command()
    again = speed.options_of(options.command().split()[3:])
    assert (again.sizes, again.peers, again.rounds) == (("5k",), ("tantivy", "fihris"), options.rounds)
    with pytest.raises(SystemExit):
        speed.options_of(["--peers", "solr"])
