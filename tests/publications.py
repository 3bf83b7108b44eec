"""Publications to an index directory: small ones, one after the other, and the commands about them."""

from __future__ import annotations

import os
from pathlib import Path

from click.testing import CliRunner, Result
from stored_state import State, make_state

from index import embedded
from index.commands import COMMANDS
from index.generations import Generation, Generations

MEMORY = 64
FIRST, SECOND, THIRD = (make_state(range(size), edition) for size, edition in ((10, 1), (12, 2), (14, 3)))


def published(directory: Path, state: State, force: bool = True) -> Generations:
    generations = Generations(directory)
    embedded.rebuild(generations, state.values(), jobs=1, memory=MEMORY, force=force)
    return generations


def publish(directory: Path, state: State, force: bool = False) -> Generation:
    return published(directory, state, force).live()


def run(name: str, *arguments: str | Path) -> Result:
    command = next(command for command in COMMANDS if command.name == name)
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def names(directory: Path) -> set[str]:
    return set(os.listdir(directory / "generations"))
