"""What the benchmarks keep on record, the goals reckoned from it, and the page of tables."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import goals
from benchmarks.measure import percentile, spread
from benchmarks.record import Built, Circumstances, Growth, Marks, Record, Run, Serving, Spread, load, save
from benchmarks.report import page
from benchmarks.vocabulary import Point


def test_percentiles_are_values() -> None:
    values = [float(number) for number in range(1, 101)]
    random.Random(1).shuffle(values)
    assert spread(values) == Spread(50.0, 95.0, 99.0)
    assert percentile([4.0], 0.5) == percentile([4.0], 0.99) == 4.0


def record() -> Record:
    def spreads(factor: float) -> dict[str, Spread]:
        return {
            "fihris": Spread(0.001, 0.002, 0.004),
            "families": Spread(0.0015, 0.003, 0.006),
            "tantivy": Spread(0.001 * factor, 0.002 * factor, 0.004 * factor),
        }

    def built(factor: float) -> Built:
        return Built(10.0 * factor, 11.0 * factor, 12.0 * factor, int(3e8 * factor), int(1e8 * factor), 1)

    run = Run(
        articles=70_000,
        rounds=3,
        questions=300,
        circumstances=Circumstances("2026-01-02", "make bench", {"cores": "2"}, {"tantivy": "1.2"}, {"Xapian": "no"}),
        folding=4.0,
        builds={"fihris": built(1), "tantivy": built(0.5)},
        jobs=replace(built(1), wall=6.0),
        spreads={"any": spreads(2), "all": spreads(0.5)},
        starts={"fihris": 0.7, "families": 0.8},
        marks={"families": Marks(*(Spread(0.001, 0.002, 0.003) for _ in range(3)))},
        serving=Serving(Spread(0.002, 0.005, 0.02), 2, None, None, int(1e7), int(3e8)),
    )
    few = replace(run, articles=5_000, serving=None, jobs=None)
    points = [Point(10, 1000, 100), Point(20, 2000, 150)]
    return Record({"70k": run, "5k": few}, Growth(0.5, 0.01, points, [*points, Point(40, 4000, 200)]))


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    save(record(), tmp_path / "r.json")
    assert load(tmp_path / "r.json") == record()
    assert load(tmp_path / "none.json") == Record()


def test_goals_are_told_from_the_record() -> None:
    found = {goal.what: (goal.value(record()), goal) for goal in goals.GOALS}

    def told(what: str) -> tuple[object, bool]:
        value, goal = found[what]
        return value, value is not None and goal.met(value)

    assert told("indexing against tantivy given folded words") == (pytest.approx(0.5), False)
    assert told("indexing against tantivy, our folding counted for both") == (pytest.approx(0.9), False)
    assert told("two processes against one") == (pytest.approx(11 / 6), True)
    assert told("peak memory of indexing") == (pytest.approx(300), True)
    assert told("size on disk against tantivy") == (pytest.approx(2.0), False)
    assert told("OR, p50 against tantivy") == (pytest.approx(0.5), True)
    assert told("AND, p95 against tantivy") == (pytest.approx(2.0), False)
    assert told("OR, families on against off, p50") == (pytest.approx(1.5), True)
    assert told("`/api/search`, one worker, p99") == (pytest.approx(20), False)
    assert told("`/api/search`, two workers") == (None, False)
    assert told("OR, p95 against tantivy, 350k") == (None, False)
    assert told("phrase, p50 against tantivy") == (None, False)


def test_the_page_tells_what_is_on_record() -> None:
    text = page(record())
    assert text.index("## 5k: 5,000 articles") < text.index("## 70k: 70,000 articles")
    assert "| OR, p50 against tantivy | ≤ 1 × | 0.500 × | yes |" in text
    assert "| AND, p50 against tantivy | ≤ 1 × | 2.00 × | **no** |" in text
    assert "| OR, p95 against tantivy, 1400k | ≤ 0.8 × | not measured |  |" in text
    assert "| OR | Fihris | 1.00 | 2.00 | 4.00 | 1.00× | 1.00× | 1.00× |" in text
    assert "|  | tantivy-py | 2.00 | 4.00 | 8.00 | 2.00× | 2.00× | 2.00× |" in text
    assert "| tantivy-py | 14,000 | 7,778 | 6.00 | 50.0 | 0.500 | 150 | 1 |" in text
    assert "Xapian is left out: no." in text
    assert "wrk is not installed" in text
    assert "| grown | 40 | 4,000 | 200 | 0.943 |" in text
    for line in text.splitlines():
        assert line == line.rstrip()
    assert page(Record()).count("not measured") == len(goals.GOALS)
