"""Measures on judged queries, against numbers worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from index import embedded
from index.article import Article
from index.generations import Generations
from search.judgements import JudgementError, read_qrels, read_queries
from web.commands import main


def test_measures(tmp_path: Path) -> None:
    filler = " كلام" * 5
    articles = [
        Article("a", title="نهر", body="نهر نهر نهر" + filler),
        Article("b", title="خبر", body="نهر" + filler),
        Article("c", title="خبر", body="جبل" + filler),
    ]
    embedded.rebuild(Generations(tmp_path / "index"), articles, jobs=1, memory=32)
    (tmp_path / "q.tsv").write_text("1\tنهر\n2\tجبل\n3\tصحراء\n4\tبلا حكم\n", "utf-8")
    (tmp_path / "r.tsv").write_text("1\tb\t1\n1\ta\t0\n2\tc\t1\n3\ta\t1\n", "utf-8")
    files = ["--queries", str(tmp_path / "q.tsv"), "--qrels", str(tmp_path / "r.tsv")]
    result = CliRunner().invoke(main, ["evaluate", *files, "--index", str(tmp_path / "index"), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert (found["queries"], found["unjudged"]) == (3, 1)
    # Query 1 finds its article second, query 2 first, query 3 nothing.
    assert found["measures"]["MRR@10"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found["measures"]["nDCG@10"] == pytest.approx((1 / math.log2(3) + 1 + 0) / 3)
    assert found["measures"]["recall@100"] == pytest.approx(2 / 3)
    assert found["measures"]["success@1"] == pytest.approx(1 / 3)
    plain = CliRunner().invoke(main, ["evaluate", *files, "--index", str(tmp_path / "index")])
    assert "3 queries, 1 without judgements left out" in plain.output


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
    path.write_bytes(b"\xff\xfe1")
    with pytest.raises(JudgementError, match="not UTF-8 at byte 0"):
        read_qrels(path)


def test_no_judged_query_is_an_error(tmp_path: Path, sample_index: Path) -> None:
    (tmp_path / "q.tsv").write_text("1\tنهر\n", "utf-8")
    (tmp_path / "r.tsv").write_text("9\ta\t1\n", "utf-8")
    files = ["--queries", str(tmp_path / "q.tsv"), "--qrels", str(tmp_path / "r.tsv")]
    result = CliRunner().invoke(main, ["evaluate", *files, "--index", str(sample_index)])
    assert result.exit_code == 1
    assert "do the query ids of the two files agree" in result.output
