"""Which peers there are on this machine, and how each one's process is started."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.peers import lucene
from benchmarks.peers.lucene import MissingError

FIHRIS = "fihris"
FAMILIES = "families"
NAMES = (FIHRIS, FAMILIES, "tantivy", "lucene", "sqlite", "xapian", "stock")
"""Every peer, in the order of the tables."""

LABELS = {
    FIHRIS: "Fihris",
    FAMILIES: "Fihris, families on",
    "tantivy": "tantivy-py",
    "lucene": "Lucene",
    "sqlite": "SQLite FTS5",
    "xapian": "Xapian",
    "stock": "stock Whoosh",
}

SLOW = frozenset(("stock", "xapian"))
"""Peers that index or answer too slowly to wait for over many articles."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A peer that is there.

    ``index`` names the index it opens, which another peer may have built. ``same`` says that it matches a word by its
    folded form alone, so that its totals must equal those of every other such peer.
    """

    name: str
    label: str
    version: str
    command: tuple[str, ...]
    index: str
    same: bool = True


def _worker(interpreter: str, *arguments: object) -> tuple[str, ...]:
    return (interpreter, "-m", "benchmarks.peers.worker", *map(str, arguments))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise MissingError(f"the Python package {package} is not installed") from None


def _interpreters() -> Iterator[str]:
    """The Python that runs this, and every other on the path."""
    yield sys.executable
    for directory in os.get_exec_path():
        if found := shutil.which("python3", path=directory):
            yield found


def _xapian() -> tuple[str, str]:
    """An interpreter that has Xapian's bindings, and their version."""
    for interpreter in dict.fromkeys(_interpreters()):
        asked = [interpreter, "-c", "import xapian; print(xapian.version_string())"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if not done.returncode:
            return interpreter, done.stdout.strip()
    raise MissingError("no Python on the path imports xapian")


def fihris(families: bool, jobs: int, memory: int) -> Entrant:
    """Fihris, built by ``jobs`` processes with ``memory`` MB."""
    name = FAMILIES if families else FIHRIS
    command = _worker(sys.executable, "fihris", "on" if families else "off", jobs, memory)
    return Entrant(name, LABELS[name], version("fihris"), command, FIHRIS, not families)


def folding() -> Entrant:
    """What all peers but ours need done beforehand."""
    return Entrant("folding", "folding", version("fihris"), _worker(sys.executable, "folding"), "folding", same=False)


def entrant(name: str, memory: int, home: Path) -> Entrant:
    """The peer of that name, ``memory`` MB its indexing buffer.

    What has to be made for it goes into ``home``. Raises MissingError where something that it needs is not there.
    """
    label = LABELS[name]
    if name in (FIHRIS, FAMILIES):
        return fihris(name == FAMILIES, 1, memory)
    if name == "tantivy":
        return Entrant(name, label, _installed(name), _worker(sys.executable, name, memory), name)
    if name == "lucene":
        made = lucene.prepare(home / "lucene-peer")
        return Entrant(name, label, lucene.version(made), tuple(lucene.command(made, memory)), name)
    if name == "sqlite":
        return Entrant(name, label, sqlite3.sqlite_version, _worker(sys.executable, name), name)
    if name == "xapian":
        interpreter, number = _xapian()
        return Entrant(name, label, number, _worker(interpreter, name), name)
    return Entrant(name, label, _installed("whoosh"), _worker(sys.executable, name, memory), name)


def entrants(names: Sequence[str], memory: int, home: Path) -> tuple[list[Entrant], dict[str, str]]:
    """The peers of these names that are there, and for each that is not, why."""
    there: list[Entrant] = []
    missing: dict[str, str] = {}
    for name in names:
        try:
            there.append(entrant(name, memory, home))
        except MissingError as error:
            missing[LABELS[name]] = str(error)
    return there, missing
