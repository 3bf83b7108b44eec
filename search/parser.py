"""From text to query. Lenient: what cannot be read as an operator is read as words, with a note.

::

    كلمات            words, in any form            "عبارة" «عبارة»    these words in this order
    -كلمة            without                       أو, OR             either of the two beside it
    ( )              grouping                      كلم*               words that begin so (two letters at least)
    title: عنوان:    … in that field, for the one word, phrase or group that follows without a space

The parser keeps its own stack, so that no nesting can exhaust Python's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache
from itertools import chain, repeat

from index.arabic import fold, has_vowels, tokenize, vowels, words
from search.query import Clause, Either, Group, Leaf, Node, Phrase, Prefix, Query, Word
from search.results import Note

MAX_DEPTH = 16
"""Deepest nesting of parentheses; deeper ones are passed over."""

MAX_WORDS = 128
"""Most words of one query, those in phrases included; the rest is dropped."""

SHORTEST_PREFIX = 2

FIELDS = {
    "title": "title", "author": "author", "source": "source", "category": "category",
    "عنوان": "title", "كاتب": "author", "مصدر": "source", "قسم": "category",
}  # fmt: skip
"""Names before a colon → fields. Latin ones in any case, Arabic ones in any spelling."""

_FIELDS = {fold(name): target for name, target in FIELDS.items()}
_OR_ARABIC = fold("أو")
_NO_OPERATORS = ("AND", "NOT")
_ANY_LETTER = "ب"

NOTES = {
    "quote": "علامة تنصيص بلا نظيرة، فقُرئ ما بعدها كلماتٍ.",
    "parenthesis": "أقواس غير متوازنة أو زائدة العمق، فتُجووزت.",
    "operator": "«أو» لا تربط إلا ما بين كلمتين، فقُرئت كلمةً.",
    "prefix": "النجمة لا تُقرأ إلا في آخر كلمة من حرفين فأكثر (مثل: كلم*)، فتُجووزت.",
    "dashes": "الاستبعاد شرطة واحدة قبل الكلمة، أما الشرطتان ففاصلة.",
    "latin": "لا تُقرأ AND وNOT إلا كلمتين: كل الكلمات مطلوبة أصلًا، وللاستبعاد تُكتب - قبل الكلمة.",
    "words": f"أُخذت أول {MAX_WORDS} كلمة من الاستعلام وتُرك الباقي.",
}
"""Codes of the parser's notes and what they say."""

_CLOSING = {'"': '"”“„', "“": '"”“', "”": '"”“', "„": '"”“', "«": "»", "＂": "＂"}
_PIECES = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<quote>["“”„«＂])
    | (?P<open>\() | (?P<close>\))
    | (?P<dashes>[-−]{2,})
    | (?P<minus>[-−](?=\S))
    | (?P<field>[^\s"“”„«»＂():]+:(?=\S))
    | (?P<chunk>[^\s"“”„«»＂()]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CHUNK = re.compile(r"""[^\s"“”„«»＂()]+""")


@dataclass(slots=True)
class _Frame:
    """A group that is still open: its rows of alternatives, and what the next operand is subject to."""

    field: str = ""
    excluded: bool = False
    rows: list[list[Clause]] = dataclass_field(default_factory=list)
    joins: bool = False
    next_field: str | None = None
    next_excluded: bool = False

    def take(self) -> tuple[str, bool]:
        """Return the field and exclusion of the next operand and forget them."""
        taken = (self.field if self.next_field is None else self.next_field, self.next_excluded)
        self.next_field, self.next_excluded = None, False
        return taken

    def bound(self) -> bool:
        """Tell whether an operator waits for the next operand as one whole."""
        return self.joins or self.next_excluded or self.next_field is not None

    def put(self, node: Node, excluded: bool) -> None:
        clause = Clause(node, excluded)
        if self.joins and self.rows:
            self.rows[-1].append(clause)
        else:
            self.rows.append([clause])
        self.joins = False

    def group(self, strict: bool) -> Group:
        clauses = [row[0] if len(row) == 1 else Clause(Either(tuple(row))) for row in self.rows]
        return Group(tuple(clauses), strict)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.frames = [_Frame()]
        self.skipped_parentheses = 0
        self.words_left = MAX_WORDS
        self.codes: dict[str, None] = {}

    def parse(self) -> Query:
        position = 0
        at_start = True  # whether a minus may stand here: after a space, a field or an opening parenthesis
        while position < len(self.text):
            match = _PIECES.match(self.text, position)
            if match is None:  # cannot be: the last alternative takes any character
                break
            position = match.end()
            kind = match.lastgroup
            if kind == "quote":
                position = self._quote(match)
            elif kind == "open":
                self._open()
            elif kind == "close":
                self._close()
            elif kind == "minus" and at_start:
                self.frames[-1].next_excluded = True
            elif kind == "field" and (name := fold(match.group()[:-1])) in _FIELDS:
                self.frames[-1].next_field = _FIELDS[name]
                at_start = True
                continue
            elif kind == "dashes" and at_start and not self._ends(position):
                self._note("dashes")
            elif kind in {"field", "chunk"} and (chunk := _CHUNK.match(self.text, match.start())):
                self._chunk(chunk.group())
                position = chunk.end()
            at_start = kind in {"space", "open"} or (kind == "other" and at_start)
            if kind == "space":
                self._drop_dangling()
        while len(self.frames) > 1:
            self._note("parenthesis")
            self._close()
        return self._query()

    def _ends(self, position: int) -> bool:
        """Tell whether nothing or a space follows."""
        return position == len(self.text) or self.text[position].isspace()

    def _query(self) -> Query:
        frame = self.frames[0]
        if frame.joins:
            self._trailing_or(frame)
        return Query(frame.group(False), tuple(Note(code, NOTES[code]) for code in self.codes))

    def _drop_dangling(self) -> None:
        """Forget a field or minus that is followed by a space: it was only punctuation."""
        frame = self.frames[-1]
        frame.next_field, frame.next_excluded = None, False

    def _note(self, code: str) -> None:
        self.codes[code] = None

    def _take_words(self, found: Iterable[str]) -> tuple[str, ...]:
        listed = tuple(found)
        kept = listed[: self.words_left]
        if len(kept) < len(listed):
            self._note("words")
        self.words_left -= len(kept)
        return kept

    def _quote(self, match: re.Match[str]) -> int:
        closing = _CLOSING[match.group()]
        ends = [end for mark in closing if (end := self.text.find(mark, match.end())) >= 0]
        if not ends:
            self._note("quote")
            return match.end()
        end = min(ends)
        phrase = self._take_words(words(self.text[match.end() : end]))
        frame = self.frames[-1]
        where, excluded = frame.take()
        if phrase:
            frame.put(Phrase(phrase, where), excluded)
        return end + 1

    def _open(self) -> None:
        if len(self.frames) > MAX_DEPTH:
            self.skipped_parentheses += 1
            self._note("parenthesis")
            return
        where, excluded = self.frames[-1].take()
        self.frames.append(_Frame(field=where, excluded=excluded))

    def _close(self) -> None:
        if self.skipped_parentheses:
            self.skipped_parentheses -= 1
            return
        if len(self.frames) == 1:
            self._note("parenthesis")
            return
        frame = self.frames.pop()
        if frame.joins:
            self._trailing_or(frame)
        # Whether a hit is excluded must not depend on whether all or any of the wanted words are asked for.
        group = frame.group(strict=frame.excluded or any(outer.excluded for outer in self.frames))
        if group.clauses:
            self.frames[-1].put(group, frame.excluded)

    def _trailing_or(self, frame: _Frame) -> None:
        """An «أو» with nothing after it is a word like any other."""
        frame.joins = False
        self._note("operator")
        frame.put(Word(_OR_ARABIC, frame.field), excluded=False)

    def _chunk(self, chunk: str) -> None:
        """Read text without spaces: an «أو», or words."""
        frame = self.frames[-1]
        if chunk == "OR" or fold(chunk) == _OR_ARABIC:
            if frame.rows and not frame.bound():
                frame.joins = True
                return
            self._note("operator")
        elif chunk in _NO_OPERATORS:
            self._note("latin")
        self._put_words(frame, chunk)

    def _put_words(self, frame: _Frame, chunk: str) -> None:
        stem, star, rest = chunk.partition("*")
        found = self._take_words(_words_begun(stem) if star and not rest else words(chunk))
        as_prefix = bool(star) and not rest and bool(found) and len(found[-1]) >= SHORTEST_PREFIX
        if star and not as_prefix:
            self._note("prefix")
        if not found:
            return
        whole = frame.bound()
        where, excluded = frame.take()
        leaves: list[Leaf] = [*_as_written(found, chunk, where)]
        if as_prefix:
            leaves[-1] = Prefix(found[-1], where)
        if len(leaves) > 1 and whole:
            # -COVID-19 and title:COVID-19 mean the two words together.
            frame.put(Group(tuple(map(Clause, leaves)), strict=True), excluded)
        else:
            for leaf in leaves:
                frame.put(leaf, excluded)


def _words_begun(text: str) -> list[str]:
    """Return the words of a text whose last one goes on: it is folded as the inside of one (قرءا as قرآ)."""
    *before, last = words(text + _ANY_LETTER)
    return [word for word in (*before, last[:-1]) if word]


def _as_written(found: Sequence[str], text: str, field: str = "") -> Sequence[Word]:
    """Return the words that were found in a text, with the harakat that they carry there."""
    if not has_vowels(text):
        return [Word(word, field) for word in found]
    patterns = (vowels(text[token.start : token.end]) for token in tokenize(text))
    return [Word(word, field, marks) for word, marks in zip(found, chain(patterns, repeat("")), strict=False)]


# Letters and spaces: nothing here can be an operator but «أو», whichever way it is written.
_only_words = re.compile(r"[\u0621-\u063a\u0641-\u0652 ]+").fullmatch
_one_phrase = re.compile(r'"([\u0621-\u063a\u0641-\u0652 ]+)"').fullmatch


@lru_cache(maxsize=2048)
def _wanted(word: str) -> Clause:
    return Clause(Word(word))


def parse(text: str) -> Query:
    """Read a query. Any string of any length is taken; what was passed over is in the notes."""
    if _only_words(text):
        found = words(text)  # nearly every query: read at once
        if found and len(found) <= MAX_WORDS and _OR_ARABIC not in found:
            if has_vowels(text):
                return Query(Group(tuple(map(Clause, _as_written(found, text)))))
            return Query(Group(tuple(map(_wanted, found))))
    elif quoted := _one_phrase(text):
        found = words(quoted[1])
        if found and len(found) <= MAX_WORDS:
            return Query(Group((Clause(Phrase(tuple(found))),)))
    return _Parser(text).parse()
