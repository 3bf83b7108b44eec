"""What a site leaves at the end of a copied article: share buttons, comment form, link to the source."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

_LONGEST = 200
_GONE = frozenset({"Mn", "Me", "Cf"})
_EDGES = " .:;,!?*…«»<>[]()|/\\-–—•·←→↑↓✓×+،؛؟\"'“”"


def without_leavings(text: str) -> tuple[str, int]:
    """``text`` without the site's lines at its end, and how many there were.

    Only whole lines at the very end go, with the blank ones between them, and never the whole text.
    A text that has none is returned as it is.
    """
    lines = text.split("\n")
    end = kept = len(lines)
    removed = 0
    while end:
        line = _folded(lines[end - 1])
        if line and not _patterns().fullmatch(line):
            break
        end -= 1
        if line:
            kept = end
            removed += 1
    if not removed or not end:
        return text, 0
    return "\n".join(lines[:kept]).rstrip(), removed


@cache
def _patterns() -> re.Pattern[str]:
    """The lines of ``leavings.txt`` as one expression."""
    listed = files("index.readers").joinpath("leavings.txt").read_text("utf-8").splitlines()
    patterns = [_unmarked(line.strip()) for line in listed if line.strip() and not line.startswith("#")]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _folded(line: str) -> str:
    """``line`` as the patterns see it: without marks, hamzas on bearers, accents, signs at its edges."""
    if len(line) > _LONGEST:
        return line
    # Icons of buttons fall away with the other signs, a line of nothing else counts as blank.
    shown = "".join(" " if unicodedata.category(char) in ("So", "Co") else char for char in _unmarked(line))
    return " ".join(shown.split()).strip(_EDGES)


def _unmarked(text: str) -> str:
    # Taken apart, أ إ آ ؤ ئ and é are a letter and a mark: without marks all their spellings are one.
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if unicodedata.category(char) not in _GONE).replace("ـ", "")
