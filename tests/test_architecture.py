"""The rules of the house that a machine can see."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from click import Command, Group
from conftest import REPOSITORY

from index.settings import Settings, SettingsError, variable
from web.commands import main

ALLOWED = {"index": {"index"}, "search": {"search", "index"}, "web": {"web", "search", "index"}}
PACKAGES = frozenset(ALLOWED)


def modules(package: str) -> Iterator[Path]:
    yield from (REPOSITORY / package).rglob("*.py")


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_imports_go_one_way(package: str) -> None:
    for path in modules(package):
        assert (imported(path) & PACKAGES) <= ALLOWED[package], path


def test_no_module_imports_itself_round_a_circle() -> None:
    names = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in modules(package)
    }
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        tree = ast.parse(path.read_text("utf-8"))
        found = {
            inner if (inner := f"{node.module}.{each.name}") in names else f"{node.module}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for each in node.names
        }
        graph[name] = (found & names.keys()) - {name}
    assert len(list(TopologicalSorter(graph).static_order())) == len(names)  # raises CycleError on a circle


def test_only_web_knows_http_and_only_search_and_index_know_whoosh() -> None:
    for package in ("index", "search"):
        assert not any("flask" in imported(path) for path in modules(package))
    assert not any("whoosh" in imported(path) for path in modules("web"))


def test_arabic_is_understood_in_one_place() -> None:
    for package in PACKAGES:
        for path in modules(package):
            if REPOSITORY / "index" / "arabic" not in path.parents:
                assert "pyarabic" not in imported(path), path


def test_no_file_is_long() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): count
        for package in PACKAGES
        for path in modules(package)
        if (count := len(path.read_text("utf-8").splitlines())) > 350
    }
    assert long == {}


README = (REPOSITORY / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [variable(field.name) for field in fields(Settings)])
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


def test_the_readme_names_no_setting_that_is_not_there() -> None:
    known = {variable(field.name) for field in fields(Settings)} | {"FIHRIS_REQUIRE"}
    assert set(re.findall(r"FIHRIS_[A-Z_]+", README)) <= known


def commands(group: Group) -> Iterator[tuple[str, Command]]:
    yield from group.commands.items()


@pytest.mark.parametrize(("name", "command"), list(commands(main)))
def test_every_command_is_in_the_readme_and_explains_itself(name: str, command: Command) -> None:
    assert f"fihris {name}" in README
    assert command.help


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FIHRIS_PORT", "eighty", "FIHRIS_PORT: 'eighty' is not a whole number"),
        ("FIHRIS_PORT", "0", "FIHRIS_PORT: must be 1 to 65535"),
        ("FIHRIS_TIME_BUDGET", "-1", "FIHRIS_TIME_BUDGET: must be 0"),
        ("FIHRIS_TIME_BUDGET", "nan", "FIHRIS_TIME_BUDGET: must be 0"),
        ("FIHRIS_PREFIX", "search/", "FIHRIS_PREFIX: must be a path"),
        ("FIHRIS_PREFIX", "/بحث", "FIHRIS_PREFIX: must be a path"),
        ("FIHRIS_ENGINE", "lucene", "FIHRIS_ENGINE: there is no engine 'lucene'"),
        ("FIHRIS_THREADS", "0", "FIHRIS_THREADS 1 or more"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        Settings.from_environment({name: value})


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment({"FIHRIS_INDEX": "/x", "FIHRIS_PORT": "81", "FIHRIS_HOST": ""})
    assert (settings.index, settings.port, settings.host) == (Path("/x"), 81, "127.0.0.1")


def test_no_file_names_this_machine_or_a_registry() -> None:
    pattern = re.compile(r"/(?:work|farm|root)/|files\.pythonhosted|pypi\.org|registry\.npmjs")
    skipped = {"LICENSE", Path(__file__).name}
    for path in (
        *REPOSITORY.glob("*"),
        *(p for d in ("docs", "tests", ".ci", *PACKAGES) for p in (REPOSITORY / d).rglob("*")),
    ):
        if path.is_file() and path.name not in skipped and path.suffix in {"", ".py", ".md", ".txt", ".toml", ".html"}:
            assert not pattern.search(path.read_text("utf-8")), path
