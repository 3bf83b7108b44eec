"""The format of input that no file name tells, by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Collection

from index.readers.header import separator_of

_OBJECT_LINE = re.compile(r"[^\n]*\}\s*\n|[^\n]*\n\s*\{")


def format_of(head: bytes, text_names: Collection[str]) -> str:
    """The format of a stream that begins with ``head``; ``text_names``: the names of title and body."""
    text = head.decode("utf-8", "ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _of_objects(text)
    if text.startswith("["):
        return "json"
    if text.startswith("<"):
        return "html"
    if not text:
        return "jsonl"
    return "csv" if separator_of(text.split("\n", 1)[0], text_names) else "text"


def json_format_of(head: bytes) -> str:
    """``jsonl`` or ``json`` for a stream that is known to be JSON."""
    text = head.decode("utf-8", "ignore").lstrip("\ufeff \t\r\n")
    return _of_objects(text) if text.startswith("{") else "json"


def _of_objects(text: str) -> str:
    # An object a line, unless the first one goes on over the next lines.
    return "jsonl" if "\n" not in text or _OBJECT_LINE.match(text) else "json"
