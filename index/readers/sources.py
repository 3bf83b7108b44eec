"""What was named on the command line → the files to read, checked before anything is read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import PurePath

from index.readers.options import ReadOptions

STANDARD_INPUT = "-"

EXTENSIONS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
}
"""Extension in lower case → format. Each may be followed by ``.gz``."""


class SourceError(ValueError):
    """A source cannot be read at all; the text names it and says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read; ``format`` ``auto``: only its first bytes can tell; ``size`` in bytes, None: unknown."""

    path: str
    format: str
    gzipped: bool = False
    size: int | None = None

    @property
    def name(self) -> str:
        """The path as it is reported: always encodable, whatever bytes the file system holds."""
        return self.path.encode("utf-8", "backslashreplace").decode("utf-8")


def expand(names: Sequence[str], options: ReadOptions) -> list[Source]:
    """The files behind ``names``, in their order and each once; a folder's files are sorted by path.

    A file named by itself or by a glob is read whatever its extension. In a folder, files of known extensions
    are taken (with ``options.format`` set, those of that format), hidden files and folders are not.
    Raises SourceError for a name without a file behind it.
    """
    sources: dict[str, Source] = {}
    for name in names:
        if name == STANDARD_INPUT:
            if name in sources:
                raise SourceError("standard input ('-') is named twice but can be read only once")
            found = [Source(name, options.format)]
        else:
            found = list(_named(name, options))
        for source in found:
            sources.setdefault(source.path, source)
    return list(sources.values())


def _named(name: str, options: ReadOptions) -> Iterator[Source]:
    if "\0" in name:
        raise SourceError(f"{name!r} is no file name")
    if os.path.exists(name):
        paths = [name]
    elif has_magic(name):
        paths = sorted(glob(name, recursive=True))
        if not paths:
            raise SourceError(f"{name!r} matches no file")
    else:
        raise SourceError(f"{name!r} does not exist")
    found = 0
    for path in paths:
        for source in _folder(path, options) if os.path.isdir(path) else (_file(path, options),):
            found += 1
            yield source
    if not found:
        raise SourceError(f"{name!r} holds no file of a known kind ({', '.join(EXTENSIONS)}, also with .gz)")


def _folder(folder: str, options: ReadOptions) -> Iterator[Source]:
    unreadable: list[str] = []
    paths: list[str] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: unreadable.append(str(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += (os.path.join(parent, name) for name in files if not name.startswith("."))
    # A folder that may not be listed is kept as a source: opening it fails, and so it is reported.
    for path in sorted(paths + unreadable):
        known = _known(path)
        wanted = known is not None and (
            options.format in ("auto", known) or {options.format, known} == {"json", "jsonl"}
        )
        if path in unreadable or (wanted and os.path.isfile(path)):
            yield _file(path, options)


def _file(path: str, options: ReadOptions) -> Source:
    try:
        size = os.stat(path).st_size if os.path.isfile(path) else None
    except OSError:
        size = None
    gzipped = path.lower().endswith(".gz")
    form = options.format if options.format != "auto" else _known(path) or "auto"
    return Source(path, form, gzipped, size)


def _known(path: str) -> str | None:
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return EXTENSIONS.get(suffixes[-1]) if suffixes else None
