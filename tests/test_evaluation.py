"""Measures on judged queries, against numbers worked out by hand."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from index import embedded
from index.article import Article
from index.generations import Generations
from index.settings import Settings
from search.engine import Engine
from search.evaluation import ask
from search.judgements import JudgementError, read_qrels, read_queries
from search.measures import MEASURES, Values
from search.runs import falling, read_run, write_run
from web import create_app
from web.commands import main

FILLER = " كلام" * 5
ARTICLES = [
    Article("a", title="نهر", body="نهر نهر نهر" + FILLER),
    Article("b", title="خبر", body="نهر" + FILLER),
    Article("c", title="خبر", body="جبل" + FILLER),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("three")
    embedded.rebuild(Generations(directory), ARTICLES, jobs=1, memory=32)
    return directory


def run(index: Path, home: Path, queries: str, qrels: str, *more: str) -> Result:
    (home / "q.tsv").write_text(queries, "utf-8")
    (home / "r.tsv").write_text(qrels, "utf-8")
    files = ["--queries", str(home / "q.tsv"), "--qrels", str(home / "r.tsv")]
    return CliRunner().invoke(main, ["evaluate", *files, "--index", str(index), *more])


def data(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


QUERIES = "1\tنهر\n2\tجبل\n3\tصحراء\n4\tبلا حكم\n"
QRELS = "1\tb\t1\n1\ta\t0\n2\tc\t1\n3\ta\t1\n"


def test_measures(tmp_path: Path, index: Path) -> None:
    found = data(run(index, tmp_path, QUERIES, QRELS, "--json"))
    assert (found["queries"], found["unjudged"], found["unasked"], found["hopeless"]) == (3, 1, 0, 0)
    # Query 1 finds its article second, query 2 first, query 3 nothing.
    assert found["measures"]["MRR@10"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found["measures"]["nDCG@10"] == pytest.approx((1 / math.log2(3) + 1 + 0) / 3)
    assert found["measures"]["recall@100"] == pytest.approx(2 / 3)
    assert found["measures"]["success@1"] == pytest.approx(1 / 3)
    # Means of three draws of 0, ½ and 1: all three are 0, or 1, in one draw of 27, which is more than 2.5 %.
    assert found["intervals"]["MRR@10"] == [0, 1]
    assert found["unknown"] == {"count": 0, "ids": []}
    plain = run(index, tmp_path, QUERIES, QRELS)
    assert "3 queries, 1 without judgements left out" in plain.output
    assert "MRR@10      0.500   0.000 to 1.000\n" in plain.output


def test_what_is_odd_about_judgements_is_said(tmp_path: Path, index: Path) -> None:
    qrels = "1\ta\t1\n1\tnowhere\t1\n1\tneither\t0\n2\tc\t0\n9\tb\t1\n"
    found = data(run(index, tmp_path, QUERIES, qrels, "--json"))
    assert (found["queries"], found["unjudged"], found["unasked"], found["hopeless"]) == (2, 2, 1, 1)
    assert found["unknown"] == {"count": 1, "ids": ["nowhere"]}
    plain = run(index, tmp_path, QUERIES, qrels).output
    assert "judged query ids that are not among the queries: 1\n" in plain
    assert "queries without a relevant article, which count 0: 1\n" in plain
    assert "relevant articles that are not in the index: 1 (nowhere)\n" in plain


def test_one_query_has_no_interval(tmp_path: Path, index: Path) -> None:
    assert data(run(index, tmp_path, "1\tنهر\n", "1\tb\t1\n", "--json"))["intervals"] is None
    assert "MRR@10      0.500\n" in run(index, tmp_path, "1\tنهر\n", "1\tb\t1\n").output


def test_a_run_is_what_the_endpoint_answers(tmp_path: Path, sample_index: Path, sample_engine: Engine) -> None:
    texts = ["الحليب", "مدينة البحر", "قمة المناخ في المدينة", "-", '"ضوء القمر" أو مدرسه']
    queries = {str(number): text for number, text in enumerate(texts)}
    client = create_app(Settings(index=sample_index)).test_client()
    found = ask(sample_engine, queries)
    for query, text in queries.items():
        answer = client.get("/api/search", query_string={"q": text, "match": "any", "per_page": "100"}).get_json()
        assert list(found[query]) == [hit["id"] for hit in answer["hits"]]
        assert found[query]
    write_run(found, tmp_path / "ours.run", "ours")
    again = read_run(tmp_path / "ours.run")
    assert {query: list(scores) for query, scores in again.items()} == {q: list(s) for q, s in found.items()}
    for scores in again.values():  # in single precision, as trec_eval reads them
        assert bool((np.diff(np.array(list(scores.values()), np.float32)) < 0).all())


def test_a_run_is_compared(tmp_path: Path, index: Path) -> None:
    path = tmp_path / "other.run"
    path.write_text("1 Q0 a 1 1.5 x\n1 Q0 b 2 2.5 x\n3 Q0 a 1 7 x\n8 Q0 a 1 7 x\n", "utf-8")
    found = data(run(index, tmp_path, QUERIES, QRELS, "--compare", str(path), "--worst", "2", "--json"))
    # The scores decide, not the ranks: the other finds b first, nothing for query 2, and the article of query 3.
    assert found["compared"]["measures"]["MRR@10"] == pytest.approx(2 / 3)
    assert found["compared"]["missing"] == 1
    difference = found["compared"]["differences"]["MRR@10"]
    assert difference["mean"] == pytest.approx((-1 / 2 + 1 - 1) / 3)
    assert (difference["won"], difference["lost"], difference["tied"]) == (1, 2, 0)
    assert difference["interval"] == [-1, 1]
    assert [case["query"] for case in found["worst"]] == ["3", "1"]
    plain = run(index, tmp_path, QUERIES, QRELS, "--compare", str(path), "--worst", "9").output
    assert "MRR@10        0.500  0.667  -0.167 -1.000 to +1.000" in plain
    assert "judged queries that are not in the run, where they count 0: 1\n" in plain
    assert plain.index("3  صحراء") < plain.index("1  نهر") < plain.index("2  جبل")
    assert "0.000 (1.000 in the run); none of the first 100 is relevant; first hit —" in plain


def test_a_run_that_was_written_compares_as_the_same(tmp_path: Path, index: Path) -> None:
    path = tmp_path / "ours.run"
    run(index, tmp_path, QUERIES, QRELS, "--run", str(path))
    found = data(run(index, tmp_path, QUERIES, QRELS, "--compare", str(path), "--json"))
    for difference in found["compared"]["differences"].values():
        assert difference == {"mean": 0, "interval": [0, 0], "won": 0, "lost": 0, "tied": 3}


def test_the_worst_queries_are_told(tmp_path: Path, index: Path) -> None:
    found = data(run(index, tmp_path, QUERIES, QRELS, "--worst", "2", "--json"))["worst"]
    assert [(case["query"], case["place"], case["relevant"], case["top"]) for case in found] == [
        ("3", None, ["a"], ""),
        ("1", 2, ["b"], "a"),
    ]
    plain = run(index, tmp_path, QUERIES, QRELS, "--worst", "2").output
    assert "1  نهر\n    0.631; a relevant article at 2; first hit a\n    relevant: b\n" in plain
    assert "جبل" not in plain


def test_an_interval_covers_what_resampling_says() -> None:
    """Of n queries of which a share s succeeds, the mean's standard error is √(s(1 − s)/n)."""
    size, good = 400, 300
    qrels = {str(number): {"a": 1} for number in range(size)}
    values = Values(qrels, {str(number): {"a": 1.0} for number in range(good)})
    error = math.sqrt(0.75 * 0.25 / size)
    intervals = values.intervals()
    assert intervals is not None
    for name in MEASURES:
        assert intervals[name].low == pytest.approx(0.75 - 1.96 * error, abs=0.003)
        assert intervals[name].high == pytest.approx(0.75 + 1.96 * error, abs=0.003)
    assert values.intervals() == intervals  # drawn from the same seed
    better = Values(qrels, {str(number): {"a": 1.0} for number in range(good + 1)})
    difference = better.against(values)["success@1"]
    assert (difference.won, difference.lost, difference.tied) == (1, 0, size - 1)
    assert difference.interval is not None
    # The pairs differ in one query alone: the means lie far closer together than their own intervals say.
    assert difference.interval.high - difference.interval.low < (intervals["success@1"].high - 0.75) / 4


@given(st.lists(st.floats(0, 1e6, width=32), max_size=50))
def test_scores_are_made_to_fall_and_no_more(scores: list[float]) -> None:
    scores.sort(reverse=True)
    found = list(falling(scores))
    assert all(after < before for before, after in pairwise(found))
    assert np.allclose(found, scores)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1\tنهر\n1\tجبل\n", "line 2: the query id '1' came before"),
        ("1\tنهر\n\n2 جبل\n", "line 3: 1 columns"),
        ("1\tنهر\tزائد\n", "line 1: 3 columns"),
    ],
)
def test_bad_queries_name_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "q.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(JudgementError, match=sentence) as error:
        read_queries(path)
    assert str(path) in str(error.value)


def test_bad_qrels_name_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "r.tsv"
    path.write_text("1\ta\t1\n1\tb\tكثير\n", "utf-8")
    with pytest.raises(JudgementError, match="line 2: relevance 'كثير'"):
        read_qrels(path)
    path.write_text("1\ta\t1\n1\ta\t1\n1\ta\t0\n", "utf-8")
    with pytest.raises(JudgementError, match="line 3: 'a' was judged 1 for '1' before"):
        read_qrels(path)
    path.write_bytes(b"\xff\xfe1")
    with pytest.raises(JudgementError, match="not UTF-8 at byte 0"):
        read_qrels(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 Q0 a 1 2.0 x\n\n1 Q0 b 2.0 x\n", "line 3: 5 columns where a run has 6"),
        ("1 Q0 a 1 much x\n", "line 1: the score 'much' is not a number"),
        ("1 Q0 a 1 nan x\n", "line 1: the score 'nan' is not a number"),
        ("1 Q0 a 1 2 x\n1 Q0 a 2 1 x\n", "line 2: the article 'a' came before for query '1'"),
    ],
)
def test_bad_runs_name_file_and_line(tmp_path: Path, index: Path, text: str, sentence: str) -> None:
    path = tmp_path / "bad.run"
    path.write_text(text, "utf-8")
    result = run(index, tmp_path, QUERIES, QRELS, "--compare", str(path))
    assert result.exit_code == 1
    assert f"{path}, {sentence}" in result.output


def test_ids_with_spaces_survive_a_run(tmp_path: Path) -> None:
    found = {"q 1": {"a b": 2.0, "c": 1.0}, "2": {"c": 1.0}}
    write_run(found, tmp_path / "x.run", "x")
    assert read_run(tmp_path / "x.run") == found
    assert (tmp_path / "x.run").read_text("utf-8").endswith("2 Q0 c 1 1 x\n")


def test_no_judged_query_is_an_error(tmp_path: Path, index: Path) -> None:
    result = run(index, tmp_path, QUERIES, "9\ta\t1\n")
    assert result.exit_code == 1
    assert "do the query ids of the two files agree" in result.output
    (tmp_path / "x.run").write_text("9 Q0 a 1 1 x\n", "utf-8")
    result = run(index, tmp_path, QUERIES, QRELS, "--compare", str(tmp_path / "x.run"))
    assert result.exit_code == 1
    assert "holds none of the judged queries" in result.output
