"""Indexes of another version, or damaged: told, refused, and repaired by the next build."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from publications import FIRST, SECOND, THIRD, names, publish, run
from stored_state import holds, make_article, make_state, opened, unfinished, write_source

from index.generations import Generations, RefusedIndexError
from search.engine import EngineUnavailableError
from search.request import SearchRequest


def alter(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize("what", ["analysis", "schema"])
@pytest.mark.parametrize("more", [{}, {"a_field_of_tomorrow": 1}])
def test_another_version_is_refused(tmp_path: Path, what: str, more: dict[str, int]) -> None:
    index = tmp_path / "index"
    live = publish(index, FIRST)
    alter(live.directory / "manifest.json", **{f"{what}_version": "0"}, **more)
    foreign = live.directory / "file-of-another-version"
    foreign.touch()
    source = write_source(tmp_path / "a.jsonl", SECOND.values())

    sentence = f"{what} version 0, this program needs"
    with opened(index) as engine:
        for call in (engine.generation, lambda: engine.search(SearchRequest("قمر")), lambda: engine.article("a")):
            with pytest.raises(EngineUnavailableError, match=sentence):
                call()
    for arguments in (("add", source), ("delete", make_article(1).id), ("status",)):
        result = run(*arguments, "--index", index)
        assert result.exit_code == 1
        assert sentence in result.output
        assert "run `fihris reindex`" in result.output
    assert foreign.exists()
    assert live.commit_number() == 1

    assert run("reindex", source, "--jobs", "1", "--index", index).exit_code == 0
    assert holds(index, SECOND)
    back = run("rollback", "--index", index)
    assert back.exit_code == 1
    assert sentence in back.output
    assert holds(index, SECOND)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def segment(live: Path) -> Path:
    (path,) = live.glob("*.arrays")
    return path


DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "pointer empty": lambda root, live: cut(root / "live.json", 0),
    "pointer cut": lambda root, live: cut(root / "live.json", 20),
    "pointer a list": lambda root, live: (root / "live.json").write_text("[]"),
    "pointer without names": lambda root, live: (root / "live.json").write_text("{}"),
    "pointer with no name": lambda root, live: alter(root / "live.json", live=""),
    "pointer with a number": lambda root, live: alter(root / "live.json", live=3),
    "pointer to elsewhere": lambda root, live: alter(root / "live.json", live="../generations"),
    "pointer with a bad previous": lambda root, live: alter(root / "live.json", previous=".."),
    "pointer not UTF-8": lambda root, live: (root / "live.json").write_bytes(b'{"live": "\xff"}'),
    "generation gone": lambda root, live: shutil.rmtree(live),
    "manifest gone": lambda root, live: (live / "manifest.json").unlink(),
    "manifest empty": lambda root, live: cut(live / "manifest.json", 0),
    "manifest cut": lambda root, live: cut(live / "manifest.json", 40),
    "manifest a list": lambda root, live: (live / "manifest.json").write_text("[]"),
    "manifest without fields": lambda root, live: (live / "manifest.json").write_text("{}"),
    "contents gone": lambda root, live: (live / "_MAIN_1.toc").unlink(),
    "contents empty": lambda root, live: cut(live / "_MAIN_1.toc", 0),
    "contents cut at once": lambda root, live: cut(live / "_MAIN_1.toc", 2),
    "contents cut in the schema": lambda root, live: cut(live / "_MAIN_1.toc", 200),
    "contents cut at the end": lambda root, live: cut(live / "_MAIN_1.toc", -5),
    "contents zeroed": lambda root, live: (live / "_MAIN_1.toc").write_bytes(bytes(2000)),
    "segment gone": lambda root, live: segment(live).unlink(),
    "segment empty": lambda root, live: cut(segment(live), 0),
    "segment cut": lambda root, live: cut(segment(live), -1),
    "segment zeroed": lambda root, live: segment(live).write_bytes(bytes(segment(live).stat().st_size)),
    "segment of another format": lambda root, live: flip(segment(live), 8),
    "segment with a bad directory": lambda root, live: flip(segment(live), -100),
    "families gone": lambda root, live: (live / "MAIN.families").unlink(),
    "families cut": lambda root, live: cut(live / "MAIN.families", 1000),
    "families changed": lambda root, live: flip(live / "MAIN.families", 64),
    "families of another format": lambda root, live: flip(live / "MAIN.families", 8),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_and_repaired(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.embedded._OPEN_ATTEMPTS", 1)
    index = tmp_path / "index"
    publish(index, FIRST)
    live = publish(index, SECOND)
    DAMAGES[damage](index, live.directory)
    source = write_source(tmp_path / "a.jsonl", THIRD.values())

    with opened(index) as engine, pytest.raises(EngineUnavailableError, match=str(index)):
        engine.search(SearchRequest("قمر"))
    for arguments in (("add", source), ("delete", make_article(1).id)):
        result = run(*arguments, "--index", index)
        assert result.exit_code == 1, result.output
        assert "Error: " in result.output
        assert isinstance(result.exception, SystemExit)
        assert str(index) in result.output

    result = run("reindex", source, "--jobs", "1", "--index", index)
    assert result.exit_code == 0, result.output
    assert holds(index, THIRD)
    assert unfinished(index) == [f"generations/{live.name}"] * (damage == "manifest gone")
    assert names(index) <= {live.name, Generations(index).live().name}
    if damage.startswith("pointer"):
        # Nothing was wrong with what it pointed to.
        assert run("rollback", "--index", index).exit_code == 0
        assert holds(index, SECOND)


def test_damaged_pointer_deletes_nothing_that_may_be_live(tmp_path: Path) -> None:
    first, second = publish(tmp_path, FIRST), publish(tmp_path, SECOND)
    cut(tmp_path / "live.json", 10)
    generations = Generations(tmp_path)
    abandoned = generations.create()
    generations.clean()
    assert names(tmp_path) == {first.name, second.name}
    assert not abandoned.directory.exists()
    for call in (generations.live, generations.rollback):
        with pytest.raises(RefusedIndexError, match=r"live\.json.*run `fihris reindex`"):
            call()


def test_no_changed_byte_of_a_segment_is_passed_over(tmp_path: Path) -> None:
    """Unless it is one of the few between two arrays, which nobody reads."""
    start, index = tmp_path / "start", tmp_path / "index"
    publish(start, FIRST)
    more = make_state([3, 80], edition=2)
    source = write_source(tmp_path / "a.jsonl", more.values())
    size = segment(Generations(start).live().directory).stat().st_size
    refused = 0
    for place in random.Random(5).sample(range(size), 40):
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(start, index)
        damaged = segment(Generations(index).live().directory)
        flip(damaged, place)
        result = run("add", source, "--index", index)
        assert isinstance(result.exception, SystemExit | None), place
        if result.exit_code == 0:
            assert holds(index, {**FIRST, **more}), place
        else:
            refused += 1
            assert damaged.name in result.output
            with opened(index) as engine, pytest.raises(EngineUnavailableError, match=damaged.name):
                engine.search(SearchRequest("قمر"))
    assert refused
