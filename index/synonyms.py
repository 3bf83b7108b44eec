r"""An operator's synonyms: words and phrases that say the same, in a file.

The form is that of Solr and Elasticsearch::

    # a comment
    حاسوب, كمبيوتر, حاسب آلي       each of them also finds the others
    دولة => بلد, وطن               دولة also finds بلد and وطن, not the other way round

Terms are parted by commas, Latin or Arabic; ``\,`` is a comma inside a term. Unlike there, a word on the left of
``=>`` is never replaced: what stands on the right is added to it. Lines are not chained: synonyms of a synonym count
only where a line says so. Terms are read by the one analysis; one of several words stands for them in this order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from index.arabic import stem, words
from index.settings import SettingsError, variable

Term: TypeAlias = tuple[str, ...]
"""Folded words, one or several in this order."""

MAX_WORDS = 8
"""Most words of one term."""

MAX_TERMS = 64
"""Most terms of one line."""

_COMMA = re.compile(r"(?<!\\)[,،]")
_ARROW = re.compile(r"(?<!\\)=>")


class SynonymsError(ValueError):
    """A file of synonyms cannot be used at all; the text names it and says why."""


class _LineError(ValueError):
    """What is wrong with a line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that was left out: its number, counted from 1, and why."""

    line: int
    reason: str


class Synonyms:
    """The lines of a file, to be looked up by the words of a query. ``rules``: how many terms have synonyms."""

    def __init__(self, added: Mapping[Term, Sequence[Term]] | None = None, faults: Sequence[Fault] = ()) -> None:
        self.faults = tuple(faults)
        self.rules = len(added or {})
        self._by_first: dict[str, list[tuple[Term, tuple[Term, ...]]]] = {}
        for term, others in (added or {}).items():
            stems = tuple(map(stem, term))
            self._by_first.setdefault(stems[0], []).append((stems, tuple(others)))

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def found(self, query: Sequence[str], start: int) -> list[tuple[int, tuple[Term, ...]]]:
        """Return the terms that begin at a word of a query, as their lengths in words and what is added to them.

        A query's word stands for a term's where they are of one stem: الحاسوب is حاسوب.
        """
        candidates = self._by_first.get(stem(query[start]))
        if not candidates:
            return []
        return [
            (len(stems), others)
            for stems, others in candidates
            if start + len(stems) <= len(query)
            and all(stem(query[start + place]) == each for place, each in enumerate(stems))
        ]


NO_SYNONYMS = Synonyms()


def read_synonyms(path: Path) -> Synonyms:
    """Read a file, UTF-8. Lines that cannot be read are left out, and are the result's ``faults``.

    Raises SynonymsError where the file cannot be opened, is no UTF-8, or has lines and not a good one among them.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SynonymsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SynonymsError(f"{path}, line {line}: not UTF-8") from None
    added: dict[Term, dict[Term, None]] = {}
    faults: list[Fault] = []
    for number, written in enumerate(text.split("\n"), 1):
        if written.strip() and not written.lstrip().startswith("#"):
            try:
                for term, others in _read_line(written):
                    added.setdefault(term, {}).update(dict.fromkeys(others))
            except _LineError as error:
                faults.append(Fault(number, str(error)))
    if faults and not added:
        raise SynonymsError(f"{path} holds no line of synonyms; line {faults[0].line}: {faults[0].reason}")
    return Synonyms({term: tuple(others) for term, others in added.items()}, faults)


def synonyms_setting(path: str) -> Synonyms:
    """Read the file that FIHRIS_SYNONYMS names, none where it is empty; raises SettingsError for one of no use."""
    try:
        return read_synonyms(Path(path)) if path else NO_SYNONYMS
    except SynonymsError as error:
        raise SettingsError(f"{variable('synonyms')}: {error}") from None


def _read_line(line: str) -> list[tuple[Term, list[Term]]]:
    """Return each term that the line adds something to, and what; raises _LineError."""
    sides = [_terms(side) for side in _ARROW.split(line)]
    if len(sides) > 2:
        raise _LineError("more than one =>")
    if sum(map(len, sides)) > MAX_TERMS:
        raise _LineError(f"more than {MAX_TERMS} terms")
    pairs = [(term, [other for other in sides[-1] if other != term]) for term in sides[0]]
    if not any(others for _, others in pairs):
        alone = "one term by itself" if len(sides) == 1 else "the same on both sides"
        raise _LineError(f"{alone}, once letters are folded: nothing to add")
    return [(term, others) for term, others in pairs if others]


def _terms(side: str) -> list[Term]:
    """Return the distinct terms of one side of a line; raises _LineError."""
    terms: dict[Term, None] = {}
    for written in _COMMA.split(side):
        term = tuple(words(written.replace("\\", " ")))
        if not term:
            raise _LineError(f"{written.strip()!r} holds no word" if written.strip() else "a term is missing")
        if len(term) > MAX_WORDS:
            raise _LineError(f"{written.strip()!r} is longer than {MAX_WORDS} words")
        terms[term] = None
    return list(terms)
