"""Suggestions of an index: after a reindex, an add, a delete and a rollback, and of damaged files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from publications import MEMORY, publish, published

from index import embedded
from index.article import Article
from index.completions import FILE_NAME, file_of, publication
from index.generations import Generations, RefusedIndexError
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import EngineUnavailableError

ARTICLES = {
    str(number): Article(str(number), f"مهرجان القصب رقم {number} في حلب", f"نص عن حلب والقطار {number}")
    for number in range(12)
}
NEW = Article("new", "قطار زيتوني يعبر كندهار", "كندهار مدينة بعيدة", published="2026-01-01")


def engine_of(directory: Path) -> EmbeddedEngine:
    return EmbeddedEngine(Settings(index=directory))


def texts(engine: EmbeddedEngine, typed: str, limit: int = 20) -> list[str]:
    return [each.text for each in engine.suggest(typed, limit)]


def ids(engine: EmbeddedEngine, typed: str) -> list[str]:
    return [each.id for each in engine.suggest(typed, 20) if each.kind == "title"]


def added(directory: Path, *articles: Article) -> None:
    embedded.add(Generations(directory), articles, memory=MEMORY)


def test_without_an_index_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError):
        engine_of(tmp_path).suggest("حلب", 10)


def test_an_added_article_completes_at_once(tmp_path: Path) -> None:
    published(tmp_path, ARTICLES)
    engine = engine_of(tmp_path)
    assert texts(engine, "حل")[0] == "حلب"
    assert texts(engine, "كنده") == []
    added(tmp_path, NEW)
    assert texts(engine, "كنده") == ["كندهار", NEW.title]
    assert ids(engine, "قطار زيت") == ["new"]
    assert texts(engine, "حل")[0] == "حلب"
    for number in range(4):  # until segments are merged
        added(tmp_path, replace(NEW, id=f"new-{number}", title=f"{NEW.title} {number}"))
    assert set(ids(engine, "قطار زيتوني")) == {"new", *(f"new-{number}" for number in range(4))}


def test_a_headline_that_is_gone_is_not_suggested(tmp_path: Path) -> None:
    published(tmp_path, ARTICLES)
    engine = engine_of(tmp_path)
    assert ids(engine, "مهرجان القصب رقم 7") == ["7"]
    added(tmp_path, replace(ARTICLES["7"], title="مسرح القصب رقم 7"))
    assert ids(engine, "مهرجان القصب رقم 7") == []
    assert ids(engine, "مسرح القصب") == ["7"]
    embedded.delete(Generations(tmp_path), ["7"])
    assert ids(engine, "مسرح القصب") == []


def test_a_rollback_brings_the_suggestions_back(tmp_path: Path) -> None:
    published(tmp_path, ARTICLES)
    published(tmp_path, {"new": NEW})
    engine = engine_of(tmp_path)
    assert (texts(engine, "كند", 1), texts(engine, "حلب", 1)) == (["كندهار"], [])
    Generations(tmp_path).rollback()
    assert (texts(engine, "كند", 1), texts(engine, "حلب", 1)) == ([], ["حلب"])


def test_many_segments_share_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "_MOST", 0)
    directory = publish(tmp_path, ARTICLES).directory
    assert [path.name for path in directory.glob("*.completions")] == [FILE_NAME]
    engine = engine_of(tmp_path)
    assert ids(engine, "مهرجان القصب رقم 3") == ["3"]
    added(tmp_path, NEW)
    assert ids(engine, "قطار زيت") == ["new"]
    assert ids(engine, "مهرجان القصب رقم 3") == ["3"]
    assert len(list(directory.glob("*.completions"))) == 2


def test_damaged_completions_are_refused(tmp_path: Path) -> None:
    published(tmp_path, ARTICLES)
    generation = publish(tmp_path, ARTICLES | {"new": NEW}, force=True)
    previous = Generations(tmp_path).previous()
    for each in (generation, previous):
        (segment,) = each.contents().segments
        path = file_of(segment, each.directory)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    with pytest.raises(EngineUnavailableError, match="completions is damaged"):
        engine_of(tmp_path).suggest("حلب", 10)
    with pytest.raises(RefusedIndexError, match="completions is damaged"):
        Generations(tmp_path).rollback()


def test_an_index_without_completions_answers_and_completes_nothing(tmp_path: Path) -> None:
    generation = publish(tmp_path, ARTICLES)
    for path in generation.directory.glob("*.completions"):
        path.unlink()
    engine = engine_of(tmp_path)
    assert texts(engine, "حلب") == []
    assert engine.article("3") is not None
    added(tmp_path, NEW)
    assert ids(engine, "قطار زيت") == ["new"]
