"""Where the time goes: what a timed function spends in another is the other's alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from benchmarks import parts
from benchmarks.parts import REST, parts_of, table


def test_parts_add_up_and_what_was_replaced_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(parts, "time", SimpleNamespace(perf_counter=lambda: clock[0]))

    def inner() -> None:
        clock[0] += 5

    def outer() -> str:
        clock[0] += 2
        place.inner()
        place.inner()
        return "done"

    place = SimpleNamespace(inner=inner, outer=outer)

    def work() -> None:
        assert place.outer() == "done"
        place.inner()
        clock[0] += 1

    found = parts_of({"within": [(place, "inner")], "around": [(place, "outer")], "never": []}, work)
    assert found == {"within": 15, "around": 2, "never": 0, REST: 1}
    assert (place.inner, place.outer) == (inner, outer)


def test_a_table_tells_shares_of_each_column() -> None:
    lines = table("ms", 1e3, {"A": {"one": 0.001, REST: 0.003}, "B": {"one": 0.0, REST: 0.002}})
    rows = [f"| {name} | {cells} |" for name, cells in (("one", "1 (25%) | 0 (0%)"), (REST, "3 (75%) | 2 (100%)"))]
    assert lines[2:5] == [*rows, "| **all** | **4** | **2** |"]
