"""Readings of small files: what they give, as short values to compare."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from index.article import Article, Rejection
from index.readers import Reading, ReadOptions

ReadBytes = Callable[..., list[Article | Rejection]]


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadBytes:
    """Write bytes under a name and read them; the file's name in rejections is cut to that name."""

    def read(name: str, data: bytes | str, **options: object) -> list[Article | Rejection]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        items = list(Reading([str(path)], ReadOptions(**options)))  # type: ignore[arg-type]
        assert all(item.file == str(path) for item in items if isinstance(item, Rejection))
        return items

    return read


def outline(items: Sequence[Article | Rejection]) -> list[str | int]:
    """The titles of articles and the lines of rejections."""
    return [item.title if isinstance(item, Article) else item.line for item in items]


def rejections(items: Sequence[Article | Rejection]) -> list[Rejection]:
    return [item for item in items if isinstance(item, Rejection)]


def line(title: str) -> str:
    return json.dumps({"title": title}, ensure_ascii=False) + "\n"


def titles(*names: object, **options: object) -> list[str]:
    """The titles that the sources give; a rejection counts as its reason."""
    reading = Reading([str(name) for name in names], ReadOptions(**options))  # type: ignore[arg-type]
    return [item.title if isinstance(item, Article) else item.reason for item in reading]


class Pipe(io.RawIOBase):
    """Gives a few bytes at a time, as pipes do."""

    def __init__(self, data: bytes, at_once: int) -> None:
        self._data = io.BytesIO(data)
        self._at_once = at_once

    def readable(self) -> bool:
        return True

    def readinto(self, target: object, /) -> int:
        view = memoryview(target)  # type: ignore[arg-type]
        return self._data.readinto(view[: self._at_once])
