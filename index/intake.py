"""From what readers yield to what is indexed: each id once, rejections logged and counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import shorten
from types import TracebackType

from index.article import Article, Rejection
from index.readers import Reading

_REASON_LENGTH = 80


class StrictError(RuntimeError):
    """The first bad record of a strict run; the text names its file, line and field."""


class RejectLog:
    """``rejects.jsonl``: one JSON object a rejected record, of the last command that read articles."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace")

    def write(self, rejection: Rejection) -> None:
        """Log one rejection."""
        self.count += 1
        told = f"{rejection.field}: {rejection.reason}" if rejection.field else rejection.reason
        self.reasons[shorten(told, _REASON_LENGTH, placeholder=" …")] += 1
        self._file.write(json.dumps(asdict(rejection), ensure_ascii=False) + "\n")

    def __enter__(self) -> RejectLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class Intake:
    """The articles of a reading, each id once: a later record of an id that was seen is rejected.

    ``strict`` makes the first rejection raise StrictError. ``progress`` is called after every record.
    """

    def __init__(self, reading: Reading, log: RejectLog, *, strict: bool, progress: Callable[[], object]) -> None:
        self._reading = reading
        self._log = log
        self._strict = strict
        self._progress = progress
        # Hashes, not ids: a few million of them fit into memory. Python's are of 64 bits, so that among ten million ids
        # the odds of one false duplicate are 1 in 370,000.
        self._seen: set[int] = set()

    def __iter__(self) -> Iterator[Article]:
        for item in self._reading:
            if isinstance(item, Article):
                key = hash(item.id)
                if key not in self._seen:
                    self._seen.add(key)
                    yield item
                else:
                    file, line = self._reading.place()
                    self._reject(Rejection(file, line, "id", "the same id came before in this run", item.id))
            else:
                self._reject(item)
            self._progress()

    def _reject(self, rejection: Rejection) -> None:
        self._log.write(rejection)
        if self._strict:
            where = f"{rejection.file}, line {rejection.line}" if rejection.line else rejection.file
            field = f", field {rejection.field}" if rejection.field else ""
            raise StrictError(f"{where}{field}: {rejection.reason}")
