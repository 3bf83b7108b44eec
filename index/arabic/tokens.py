"""Words of a text, with where they stand in the original.

A token is a run of letters and digits together with the marks, tatweel and invisible characters inside it, so that a
vocalised or stretched word stays one word. Points and commas between digits belong to the number. Everything else
separates, ؟ ، ؛ « » and the underscore of hashtags included.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from index.arabic.letters import INHABITED, MULTIWORD, NUMBER_SEPARATORS, REMOVED, SIGNS, TABLE, fold

MAX_TOKEN_LENGTH = 128
"""Longest run in characters that is one token; a longer one (a pasted key, base64) is cut into several."""


class Token(NamedTuple):
    """A folded word and the half-open range of code points that it was written in."""

    text: str
    start: int
    end: int


def _ranges(characters: Iterable[str]) -> str:
    """The characters, which must ascend, as the inside of a regular expression's class."""
    runs: list[list[int]] = []
    last = -2
    for code in map(ord, characters):
        if code == last + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
        last = code
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)


_FORMAT = "".join(sorted(c for c in REMOVED if unicodedata.category(c) == "Cf"))
_LIGATURES = "".join(sorted(MULTIWORD))
_ALPHANUMERIC = [c for c in map(chr, INHABITED) if c.isalnum() and c not in MULTIWORD]
_MARKS = [c for c in REMOVED if unicodedata.category(c) != "Cf"]
_REMOVED = frozenset(REMOVED)
# Explicit ranges, not \\w: one class, which the regular expression engine looks up in one table.
_FIRST = f"[{_ranges(c for c in _ALPHANUMERIC if c not in _REMOVED)}]"
_INSIDE = f"[{_ranges(sorted(dict.fromkeys((*_ALPHANUMERIC, *_MARKS))))}]"
# Invisible characters link two parts of a word; at its edge they stay outside.
_LINK = rf"(?:[{_ranges(_FORMAT)}]+(?={_INSIDE})|(?<=\d)[{re.escape(NUMBER_SEPARATORS)}](?=\d))"
_WORD = re.compile(
    rf"{_FIRST}{_INSIDE}{{0,{MAX_TOKEN_LENGTH - 1}}}(?:{_LINK}{_INSIDE}{{1,{MAX_TOKEN_LENGTH}}}){{0,8}}"
    rf"|[{_ranges(_LIGATURES)}]|[{_ranges(sorted(SIGNS))}]"
)
_PIECE = re.compile(r"\S+")

SPACE, SEPARATOR, POINT, MARK, RARE = range(5)
"""What a character that is no plain letter is to a word: ends the piece; ends the word; ends it but between two digits;
leaves no trace inside it and begins none; or what only ``tokenize`` can tell."""


@cache
def plain_letters() -> Sequence[int]:
    """Return, for each code point below U+10000, the code point of the letter or digit it is in a plain word.

    A plain word is one of the standard Arabic letters, ASCII letters and digits, with their marks, of at most
    ``MAX_TOKEN_LENGTH`` characters and without ءا: its folded form is that of its characters one by one. For other
    characters one of the five kinds above.
    """
    standard = frozenset("0123456789ءابتثجحخدذرزسشصضطظعغفقكلمنهويabcdefghijklmnopqrstuvwxyz")
    removed, rare = frozenset(REMOVED), frozenset((*_FORMAT, *_LIGATURES, *SIGNS))

    def kind(character: str) -> int:
        if character in rare:
            return RARE
        if character in removed:
            return MARK
        if character.isalnum():
            letter = TABLE.get(character, character.lower() if character.isascii() else character)
            return ord(letter) if letter in standard else RARE
        if character in NUMBER_SEPARATORS:
            return POINT
        return SPACE if character.isspace() else SEPARATOR

    return tuple([kind(chr(code)) for code in range(1 << 16)])


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
