"""Compiled code: cached under a name that says what it was made of, and done without where it cannot be."""

from __future__ import annotations

import ast
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY
from numba.core.dispatcher import Dispatcher

from index import compilation

PACKAGES = ("index", "search")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the sources."""
    root = tmp_path / "program"
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def origins(module: str) -> dict[str, str]:
    """Return for each name that a module imports from the program the module that it comes from."""
    source = Path(sys.modules[module].__file__ or "").read_text("utf-8")
    found = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: node.module or ""
        for node in found
        for alias in node.names
        if (node.module or "").split(".")[0] in PACKAGES
    }


def test_the_digest_is_of_every_source_that_a_kernel_takes_values_from() -> None:
    """What a kernel calls, and constants: numbers, texts, tuples and tables."""
    taken = 0
    for kernel in compilation.KERNELS:
        function = kernel.py_func
        imported = origins(function.__module__)
        for name in function.__code__.co_names:
            value = function.__globals__.get(name)
            if name in imported and isinstance(value, int | float | str | tuple | np.ndarray | Dispatcher):
                path = imported[name].replace(".", "/") + ".py"
                source = (REPOSITORY / path).read_bytes()
                assert path in compilation.CONSTANTS or b"index.compilation import" in source, (name, path)
                taken += 1
    assert taken > 20


@pytest.mark.parametrize("changed", ["index/schema.py", "search/kernels/scoring.py", "index/compilation.py"])
def test_a_change_of_what_kernels_are_made_of_changes_the_digest(program: Path, changed: str) -> None:
    before = compilation._digest(program)
    assert compilation._digest(program) == before
    (program / "search/embedded.py").write_text("# nothing that is compiled\n")
    assert compilation._digest(program) == before
    with (program / changed).open("a") as file:
        file.write("\n# changed\n")
    assert compilation._digest(program) != before


def test_the_cache_is_beside_the_program_or_where_it_is_told_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    beside = compilation._cache_directory()
    assert beside is not None
    assert beside.parent == REPOSITORY / "index" / "__pycache__"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))
    told = compilation._cache_directory()
    assert told == tmp_path / "elsewhere" / beside.name
    assert told.is_dir()


def test_a_user_without_a_home_has_a_cache_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a number."""

    def nobody(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert compilation._cache_directory() is not None


USE_A_KERNEL = """
import logging
logging.basicConfig(format="%(name)s %(levelname)s %(message)s")
from index.codec.lookup import find, pack
from index.compilation import CACHE
print(CACHE, find(pack([b"a", b"c"]), pack([b"c", b"b"])).tolist())
"""


def run(program: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NUMBA_CACHE_DIR", "PYTHONPATH"}}
    return subprocess.run(
        [sys.executable, "-c", USE_A_KERNEL], cwd=program, env={**kept, **environment}, text=True, capture_output=True,
        timeout=300, check=True,
    )  # fmt: skip


def test_where_nothing_can_be_cached_it_is_said_and_done_without(program: Path) -> None:
    """A file stands where the cache's directory would: that stops even the superuser."""
    blocked = program / "blocked"
    blocked.touch()
    answer = run(program, NUMBA_CACHE_DIR=str(blocked / "cache"))
    assert answer.stdout.split() == ["None", "[1,", "-2]"]
    assert answer.stderr.count("fihris WARNING compiled code cannot be cached") == 1
    assert "NUMBA_CACHE_DIR" in answer.stderr
    assert not list(program.rglob("*.nbi"))


def test_where_the_program_cannot_be_written_to_the_users_cache_is_taken(program: Path) -> None:
    (program / "index" / "__pycache__").touch()
    home = program / "home"
    home.mkdir()
    answer = run(program, HOME=str(home), PYTHONDONTWRITEBYTECODE="1")
    name = f"kernels-{compilation._digest(program)}"
    assert answer.stdout.split() == [str(home / ".cache" / "fihris" / name), "[1,", "-2]"]
    assert answer.stderr == ""
    assert list((home / ".cache" / "fihris" / name).rglob("*.nbi"))


def test_a_changed_constant_is_compiled_in_and_old_code_removed(program: Path) -> None:
    """numba by itself looks only at the file that a kernel stands in."""
    first = run(program)
    constant = program / "index" / "codec" / "constant.py"
    constant.write_text("# index.compilation import\nSTEP = 1\n")
    lookup = program / "index" / "codec" / "lookup.py"
    lookup.write_text(
        lookup.read_text("utf-8")
        .replace("from index.codec.layout", "from index.codec.constant import STEP\nfrom index.codec.layout")
        .replace("return -1 - low", "return -STEP - low"),
        "utf-8",
    )
    second = run(program)
    constant.write_text("# index.compilation import\nSTEP = 5\n")
    third = run(program)
    answers = [answer.stdout.split(maxsplit=1) for answer in (first, second, third)]
    assert [answer[1].strip() for answer in answers] == ["[1, -2]", "[1, -2]", "[1, -6]"]
    assert len({cache for cache, _ in answers}) == 3
    assert [path.name for path in (program / "index" / "__pycache__").glob("kernels-*")] == [Path(answers[2][0]).name]
