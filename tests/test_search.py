"""What happens to questions where there is no time and no index; see test_contract for the others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from index.settings import Settings
from search.engine import Engine, EngineUnavailableError
from search.engines import open_engine
from search.execution import Execution
from search.query import Leaf
from search.request import SearchRequest


def test_hits_are_shown_unmarked_where_time_runs_out_before_they_are_marked(
    sample_index: Path, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_time(execution: Execution) -> dict[Leaf, float]:
        execution._deadline._end = 0.0  # between the search and the marks
        return {}

    monkeypatch.setattr(Execution, "worth", out_of_time)
    results = open_engine(Settings(index=sample_index)).search(SearchRequest("مدينة"))
    assert results.partial
    assert (results.total, results.total_relation) == (sample_engine.search(SearchRequest("مدينة")).total, "eq")
    assert [fragment.ranges for hit in results.hits for fragment in (*hit.title, *hit.body)] == [()] * 20


def test_no_index_is_told(tmp_path: Path) -> None:
    engine = open_engine(Settings(index=tmp_path))
    with pytest.raises(EngineUnavailableError, match="reindex"):
        engine.search(SearchRequest("خبر"))
    with pytest.raises(EngineUnavailableError, match="no engine"):
        open_engine(dataclasses.replace(Settings(), engine="lucene"))
