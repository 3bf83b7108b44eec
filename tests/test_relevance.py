"""The relevance benchmark on pools of a few articles: pools, runs of engines, steps, floors, the page and the lists."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from benchmarks import baselines, conflation, judged, ours, pools, relevance, sidebyside, variants
from benchmarks.baselines import Tantivy
from benchmarks.conflation import Conflation
from benchmarks.findings import Findings
from benchmarks.judged import JudgedSet
from benchmarks.peers.lucene import MissingError
from benchmarks.relevancepage import page
from search.measures import Values
from search.ranking import RANKING
from search.runs import read_run

CORPORA: Mapping[str, list[dict[str, str]]] = {
    "wiki": [
        {"id": "w1", "title": "نهر", "body": "ينبع النهر الطويل من جبال بعيدة ويصب في البحر"},
        {"id": "w2", "title": "قطار", "body": "يمر قطار الشرق بسبع مدن قبل أن يبلغ المحطة الأخيرة"},
    ],
    "saudi": [
        {"id": f"s{number}", "title": f"خبر {number}", "body": f"افتتحت البلدية حديقة رقم {number} قرب المدرسة"}
        for number in range(6)
    ],
    "ant": [
        {"id": "a1", "title": "طقس", "body": " ".join(f"كلمة{number}" for number in range(200))},
        {"id": "a2", "title": "", "body": "النهر يفيض كل ربيع"},
    ],
}
SET = JudgedSet("small", "questions", "a few", 0.5, 0.5)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shared data of these articles, with one judged set."""
    home = tmp_path / "shared"
    (home / "corpora").mkdir(parents=True)
    (home / "relevance").mkdir()
    for name, articles in CORPORA.items():
        with gzip.open(home / "corpora" / f"{name}.docs.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps({**article, "source": name}) + "\n" for article in articles)
    queries = {"1": "من أين ينبع النهر", "2": "القطار", "3": "وللمدرسة", "4": "لم يحكم عليه"}
    (home / "relevance" / "small.queries.tsv").write_text(
        "".join(f"{name}\t{text}\n" for name, text in queries.items()), "utf-8"
    )
    (home / "relevance" / "small.qrels.tsv").write_text("1\tw1\t1\n2\tw2\t1\n3\ts3\t1\n", "utf-8")
    monkeypatch.setattr(judged, "JUDGEMENTS", home / "relevance")
    monkeypatch.setattr(relevance, "prepare", partial(pools.prepare, shared=home))
    return home


def test_the_pool_of_questions_is_as_described(shared: Path, tmp_path: Path) -> None:
    pool = pools.prepare("questions", tmp_path / "home", shared)
    rows = dict(line.split("\t", 1) for line in pool.texts.read_text("utf-8").splitlines())
    assert list(rows) == ["w1", "w2", *(f"s{number}" for number in range(6)), "a1", "a2"]
    assert pool.size() == len(rows)
    # a1 is the seventh news article, counted from 0: 37·6 mod (200 − 90) = 2.
    assert rows["a1"].split() == ["طقس", *(f"كلمة{number}" for number in range(2, 92))]
    assert rows["a2"] == "النهر يفيض كل ربيع"
    assert pool.chosen({"a2", "s1"}).keys() == {"s1", "a2"}


def test_a_pool_is_made_anew_when_a_corpus_changes(shared: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = pools.prepare("headlines", home, shared)
    (first.directory / "kept").touch()
    assert pools.prepare("headlines", home, shared) == first
    assert (first.directory / "kept").exists()
    with gzip.open(shared / "corpora" / "saudi.docs.jsonl.gz", "at", encoding="utf-8") as file:
        file.write(json.dumps({"id": "s9", "body": "جديد"}) + "\n")
    second = pools.prepare("headlines", home, shared)
    assert second.directory != first.directory
    assert not first.directory.exists()
    assert second.size() == 7


def test_a_run_of_another_engine_is_made_once(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pools.prepare("questions", tmp_path / "home", shared)
    run = baselines.run_of(Tantivy(), SET, pool)
    assert next(iter(run["2"])) == "w2"  # the article goes
    assert set(run["1"]) >= {"w1", "a2"}
    monkeypatch.setattr(Tantivy, "answer", None)
    assert baselines.run_of(Tantivy(), SET, pool) == run
    (shared / "relevance" / "small.queries.tsv").write_text("1\tأخرى\n", "utf-8")
    with pytest.raises(TypeError):
        baselines.run_of(Tantivy(), SET, pool)


def findings(home: Path, monkeypatch: pytest.MonkeyPatch, chosen: JudgedSet = SET) -> Findings:
    def missing(_: Path) -> Path:
        raise MissingError("no JDK")

    monkeypatch.setattr(baselines.lucene, "prepare", missing)
    monkeypatch.setattr(conflation, "found", lambda: {"theirs": Conflation(0.9, 0.5), "ours": Conflation(0.98, 0.9)})
    return relevance.Bench([chosen], home, False).run(ablation=True)


def test_everything_is_measured_and_told(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(tmp_path / "home", monkeypatch)
    assert list(found.steps) == [variants.BASE, *(label for label, _ in variants.STAGES)]
    assert list(found.ablations) == [label for label, _ in variants.ABLATIONS]
    # Only by its family is وللمدرسة found, in six articles of which one is judged.
    base, shipped = (scores["small"].means() for scores in (found.steps[variants.BASE], found.shipped))
    assert base["recall@100"] < shipped["recall@100"] == 1
    assert found.question_mean(found.shipped, "recall@100") == 1
    assert found.cost.whole["small"].terms > found.cost.base["small"].terms == 1
    assert found.cost.whole["small"].postings > found.cost.base["small"].postings > 0
    assert list(found.shortfalls()) == []
    text = page(found)
    assert "Lucene was not run, and none of its figures are given: no JDK." in text
    assert "## Against Lucene\n\nNot compared." in text
    assert "| `small` | a few | 3 | 10 |" in text
    assert "| ours | 0.980 | 0.900 | 0.938 |" in text
    lucene = {name: found.steps[step] for name, step in (("Lucene, a", variants.BASE), ("Lucene, b", variants.BASE))}
    beside = page(replace(found, lucene=lucene, missing={}))
    difference = found.shipped["small"].against(found.steps[variants.BASE]["small"])["MRR@10"]
    assert f"| a | **+{difference.mean:.3f}** |" in beside
    assert "was not run" not in beside


def test_what_is_below_a_floor_is_told(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(tmp_path / "home", monkeypatch, replace(SET, floor=1.0, recall_floor=1.0))
    (sentence,) = found.shortfalls()
    assert sentence.startswith("small: MRR@10 0.")
    assert sentence.endswith("is below 1.0")
    poor = replace(found, conflation={"ours": Conflation(0.5, 0.5)})
    assert "conflation: F1 0.5000 is below" in list(poor.shortfalls())[-1]


def test_a_run_that_is_not_what_a_search_gives_is_refused(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pools.prepare("questions", tmp_path / "home", shared)
    directory, built = ours.index(pool)
    assert 0 < built.families < built.seconds
    assert ours.index(pool) == (directory, built)  # kept
    ranker = ours.Ranker(directory, RANKING, ours.names(ours.view(directory)))
    run = ranker.run(SET.queries())
    ranker.check(SET.queries(), run)
    run["1"] = dict(reversed(run["1"].items()))  # type: ignore[index]
    with pytest.raises(ours.DisagreementError, match="ينبع"):
        ranker.check(SET.queries(), run)


def test_hits_stand_side_by_side(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("# rivers\nالنهر\n\nالقطار\n", "utf-8")
    queries = sidebyside.read_queries(tmp_path / "q.txt")
    assert queries == {"1": "النهر", "2": "القطار"}
    pool = pools.prepare("news", tmp_path / "home", shared)
    directory, _ = ours.index(pool)
    found = sidebyside.our_hits(directory, queries, "auto")
    assert found == {"1": ["a2"], "2": []}
    theirs: dict[str, list[str]] = {"1": ["s1", "a2"], "2": []}
    text = "\n".join(sidebyside.told(queries, found, theirs, pool.chosen({"a2", "s1"})))
    assert "| 1 | _النهر يفيض كل ربيع_ · `a2` · ant | خبر 1 · `s1` · saudi |" in text
    assert "| 2 |  | _النهر يفيض كل ربيع_ · `a2` · ant |" in text
    code = sidebyside.code_of(found["1"], theirs["1"])
    assert f"## 1. النهر `{code}`" in text
    assert code != sidebyside.code_of(found["2"], theirs["2"])
    (tmp_path / "verdicts.md").write_text(f"| 1 | `{code}` | win |", "utf-8")
    assert sidebyside.judged_codes(tmp_path / "verdicts.md") == {code}


def test_each_of_thirty_queries_is_judged_by_eye() -> None:
    queries = sidebyside.read_queries(sidebyside.QUERIES)
    page = sidebyside.VERDICTS.read_text("utf-8")
    assert len(set(queries.values())) == 30
    assert re.findall(r"^\| (\d+) \| ([^|]+) \| `[0-9a-f]{6}` \|", page, re.MULTILINE) == list(queries.items())


def test_verdicts_are_counted() -> None:
    told = sidebyside.tally(sidebyside.VERDICTS)
    won, lost, drawn = map(int, re.findall(r"\d+", told))
    assert won + lost + drawn == 30
    assert f"**{told}.**" in sidebyside.VERDICTS.read_text("utf-8")
    readme = " ".join((sidebyside.REPOSITORY / "README.md").read_text("utf-8").split())
    assert f"Thirty queries judged by eye, {won} won, {lost} lost," in readme


def test_floors_are_of_this_world() -> None:
    assert all(0 < each.floor < 1 and 0 <= each.recall_floor < 1 for each in judged.SETS)
    assert len({each.pool for each in judged.SETS} - set(pools.POOLS)) == 0


def test_values_of_a_set_that_a_run_lacks_are_zero(tmp_path: Path) -> None:
    (tmp_path / "empty.run").touch()
    assert set(Values({"1": {"a": 1}}, read_run(tmp_path / "empty.run")).means().values()) == {0.0}
