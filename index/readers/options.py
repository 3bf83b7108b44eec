"""How input is to be read: its format, the names of its fields, the size of a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FORMATS = ("auto", "jsonl", "json", "csv", "text", "html")
"""What ``ReadOptions.format`` may be; ``auto`` goes by the file's extension, else by its first bytes."""

FIELDS = ("id", "title", "body", "url", "source", "author", "category", "published")
"""The fields of an article that input can fill."""

_ALIASES = {"date": "published"}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How sources are read. Raises ValueError for an unknown format or a size below 1.

    ``mapping``: article field → its name in the input, for JSON and CSV; see ``parse_mapping``.
    ``max_line_bytes``: a record of this many bytes or more is rejected; it also bounds the memory a reader
    takes.
    """

    format: str = "auto"
    mapping: Mapping[str, str] = field(default_factory=dict)
    max_line_bytes: int = 50_000_000

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise ValueError(f"unknown format {self.format!r}: one of {', '.join(FORMATS)}")
        if self.max_line_bytes < 1:
            raise ValueError("max_line_bytes must be 1 or more")
        for name in self.mapping:
            _check_field(name)


def parse_mapping(texts: Iterable[str]) -> dict[str, str]:
    """Read ``field=name`` texts, such as ``source=source_name``, into article field → name in the input.

    ``date`` is taken as ``published``. Raises ValueError with a sentence for a text that cannot be used.
    """
    mapping: dict[str, str] = {}
    for text in texts:
        written, separator, name = (part.strip() for part in text.partition("="))
        if not separator or not written or not name:
            raise ValueError(f"{text!r} is no mapping: write FIELD=NAME, such as source=source_name")
        target = _ALIASES.get(written, written)
        _check_field(target)
        if target in mapping:
            raise ValueError(f"the field {target!r} is mapped twice: to {mapping[target]!r} and to {name!r}")
        mapping[target] = name
    return mapping


def _check_field(name: str) -> None:
    if name not in FIELDS:
        raise ValueError(f"{name!r} is no field of an article: one of {', '.join(FIELDS)}")
