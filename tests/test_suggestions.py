"""Suggestions of an index: after a reindex, an add, a delete and a rollback, and of damaged files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clustered import rollback
from contract import Place, sample
from publications import MEMORY, publish, published

from index import embedded
from index.article import Article
from index.completions import FILE_NAME, file_of, publication
from index.generations import Generations, RefusedIndexError
from index.settings import ENGINES, Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine, EngineUnavailableError

ARTICLES = {
    str(number): Article(str(number), f"مهرجان القصب رقم {number} في حلب", f"نص عن حلب والقطار {number}")
    for number in range(12)
}
NEW = Article("new", "قطار زيتوني يعبر كندهار", "كندهار مدينة بعيدة", published="2026-01-01")


def engine_of(directory: Path) -> EmbeddedEngine:
    return EmbeddedEngine(Settings(index=directory))


def texts(engine: Engine, typed: str, limit: int = 20) -> list[str]:
    return [each.text for each in engine.suggest(typed, limit)]


def ids(engine: Engine, typed: str) -> list[str]:
    return [each.id for each in engine.suggest(typed, 20) if each.kind == "title"]


def added(directory: Path, *articles: Article) -> None:
    embedded.add(Generations(directory), articles, memory=MEMORY)


def test_without_an_index_there_are_none(here: Place) -> None:
    with pytest.raises(EngineUnavailableError):
        here.open().suggest("حلب", 10)


def test_an_added_article_completes_at_once(here: Place) -> None:
    engine = here.holding(*ARTICLES.values())
    assert texts(engine, "حل")[0] == "حلب"
    assert texts(engine, "كنده") == []
    here.add(NEW)
    assert texts(engine, "كنده") == ["كندهار", NEW.title]
    assert ids(engine, "قطار زيت") == ["new"]
    assert texts(engine, "حل")[0] == "حلب"
    for number in range(4):  # until segments, or tables, are merged
        here.add(replace(NEW, id=f"new-{number}", title=f"{NEW.title} {number}"))
    assert set(ids(engine, "قطار زيتوني")) == {"new", *(f"new-{number}" for number in range(4))}


def test_nothing_is_suggested_that_adds_nothing(here: Place) -> None:
    names = (("سالم بن حمدان", 3), ("سالم بن راشد", 2))
    engine = here.holding(
        *(
            Article(f"{name} {number}", f"{name} يزور القرية {'ابج'[number]}", f"زار {name} القرية")
            for name, times in names
            for number in range(times)
        )
    )
    assert texts(engine, "كاتب:سا") == texts(engine, "سالم -كاتب:سا") == []
    assert [each for each in engine.suggest("سالم", 20) if each.text in {"سالم", "سالم بن"}] == []
    for typed in ("سالم", "سالم ب", "سالم بن "):
        assert texts(engine, typed)[:2] == [name for name, _ in names]
    assert "word" not in {each.kind for each in engine.suggest("سالم بن", 20)}


def test_a_headline_that_is_gone_is_not_suggested(here: Place) -> None:
    engine = here.holding(*ARTICLES.values())
    assert ids(engine, "مهرجان القصب رقم 7") == ["7"]
    here.add(replace(ARTICLES["7"], title="مسرح القصب رقم 7"))
    assert ids(engine, "مهرجان القصب رقم 7") == []
    assert ids(engine, "مسرح القصب") == ["7"]
    here.delete("7")
    assert ids(engine, "مسرح القصب") == []


def test_a_rollback_brings_the_suggestions_back(here: Place) -> None:
    here.rebuild(ARTICLES.values())
    engine = here.holding(NEW)
    assert (texts(engine, "كند", 1), texts(engine, "حل", 1)) == (["كندهار"], [])
    rollback(here)
    assert (texts(engine, "كند", 1), texts(engine, "حل", 1)) == ([], ["حلب"])


def test_both_engines_suggest_the_same(samples: Callable[[str], Place]) -> None:
    one, other = (samples(engine).open() for engine in ENGINES)
    headlines = [article.title for article in sample()]
    typed = {headline[:size] for headline in headlines for size in (1, 2, 4, 9, 15)}
    assert [one.suggest(each, 10) for each in sorted(typed)] == [other.suggest(each, 10) for each in sorted(typed)]
    assert len(typed) > 100


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
