"""Words of a text, with where they stand in the original.

A token is a run of letters and digits together with the marks, tatweel and invisible characters inside it, so that a
vocalised or stretched word stays one word. Points and commas between digits belong to the number. Everything else
separates, ؟ ، ؛ « » and the underscore of hashtags included.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from index.arabic.letters import MULTIWORD, NUMBER_SEPARATORS, REMOVED, SIGNS, fold

MAX_TOKEN_LENGTH = 128
"""Longest run in characters that is one token; a longer one (a pasted key, base64) is cut into several."""


class Token(NamedTuple):
    """A folded word and the half-open range of code points that it was written in."""

    text: str
    start: int
    end: int


def _ranges(characters: Iterable[str]) -> str:
    """The characters as the inside of a regular expression's class."""
    codes = sorted(map(ord, characters))
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)


_FORMAT = "".join(c for c in REMOVED if unicodedata.category(c) == "Cf")
_LIGATURES = "".join(MULTIWORD)
_ALPHANUMERIC = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isalnum() and c not in MULTIWORD)
_MARKS = "".join(c for c in REMOVED if unicodedata.category(c) != "Cf")
# Explicit ranges, not \\w: one class, which the regular expression engine looks up in one table.
_FIRST = f"[{_ranges(set(_ALPHANUMERIC) - set(REMOVED))}]"
_INSIDE = f"[{_ranges(set(_ALPHANUMERIC) | set(_MARKS))}]"
# Invisible characters link two parts of a word; at its edge they stay outside.
_LINK = rf"(?:[{_ranges(_FORMAT)}]+(?={_INSIDE})|(?<=\d)[{re.escape(NUMBER_SEPARATORS)}](?=\d))"
_WORD = re.compile(
    rf"{_FIRST}{_INSIDE}{{0,{MAX_TOKEN_LENGTH - 1}}}(?:{_LINK}{_INSIDE}{{1,{MAX_TOKEN_LENGTH}}}){{0,8}}"
    rf"|[{_ranges(_LIGATURES)}]|[{_ranges(SIGNS)}]"
)
_PIECE = re.compile(r"\S+")


@lru_cache(maxsize=1 << 18)
def _words_of_piece(piece: str) -> str:
    """Return the folded words of a text without spaces, with spaces between."""
    return " ".join(map(fold, _WORD.findall(piece)))


@lru_cache(maxsize=1 << 16)
def _tokens_of_piece(piece: str) -> tuple[Token, ...]:
    """Return the tokens of a text without spaces, with offsets into it."""
    tokens: list[Token] = []
    for match in _WORD.finditer(piece):
        tokens += (Token(word, match.start(), match.end()) for word in fold(match.group()).split())
    return tuple(tokens)


def tokenize(text: str) -> Iterator[Token]:
    """Yield the words of a text in order, folded, with their offsets. Any string is taken.

    ``fold(text[start:end]) == token.text``, but for a ligature of several words (ﷺ): each of its words is a token with
    the ligature's offsets.
    """
    # No token holds a space, and most pieces between spaces come again and again: they are read once.
    for piece in _PIECE.finditer(text):
        offset = piece.start()
        for word, start, end in _tokens_of_piece(piece.group()):
            yield Token(word, start + offset, end + offset)


def words(text: str) -> list[str]:
    """Return the folded words of a text, as ``tokenize`` gives them, without offsets: what is indexed."""
    return " ".join(map(_words_of_piece, text.split())).split()
