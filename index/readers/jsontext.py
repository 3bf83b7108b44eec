"""The text of a JSON file of any length, seen through a window that moves over it."""

from __future__ import annotations

import codecs
import io
import re

from index.readers.charset import Utf8Stream
from index.readers.streams import CHUNK, read_up_to

_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_DAMAGE = re.compile(r"[\udc80-\udcff]")
_NEXT_IN_ARRAY = re.compile(r"\}\s*,\s*(?=\{)")
_OVERLAP = 1024


class JsonText:
    """``window`` holds the text from before ``at``, the place reading has come to, to some way after it.

    ``line`` is the line of that place, from 1. ``margin`` is what stands before it on its line where that is
    only white space, else None. ``ended``: there is nothing after the window. Undecodable bytes stand in the
    text as surrogates, which is what ``damage`` looks for.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = Utf8Stream(stream)
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._damaged = False
        self.window = ""
        self.at = 0
        self.line = 1
        self.margin: str | None = ""
        self.ended = False

    def grow(self) -> None:
        """Drop what lies before ``at`` and add to the window, each time as much again as it holds."""
        rest = self.window[self.at :]
        data = read_up_to(self._stream, max(CHUNK, len(rest)))
        added = self._decoder.decode(data, not data)
        self.ended = not data
        self._damaged = self._damaged or _DAMAGE.search(added) is not None
        self.window = rest + added
        self.at = 0

    def sign(self) -> str:
        """Go to the next character that is not white space and return it; empty at the end."""
        while True:
            found = _SPACE.match(self.window, self.at)
            self.go(found.end() if found else self.at)
            if self.at < len(self.window):
                return self.window[self.at]
            if self.ended:
                return ""
            self.grow()

    def go(self, place: int) -> None:
        """Move to ``place`` in the window, which lies at or after ``at``."""
        passed = self.window[self.at : place]
        self.at = place
        ends = passed.count("\n")
        if ends:
            self.line += ends
            self.margin, passed = "", passed.rpartition("\n")[2]
        if passed:
            margin = (self.margin or "") + passed
            usable = self.margin is not None and passed.isspace() and len(margin) < _OVERLAP
            self.margin = margin if usable else None

    def damage(self, end: int) -> int | None:
        """The first byte from ``at`` to ``end`` that does not decode; None where there is none."""
        found = _DAMAGE.search(self.window, self.at, end) if self._damaged else None
        return ord(found[0]) - 0xDC00 if found else None

    def go_to_next_object(self, fault: int) -> bool:
        """Leave the object that broke at ``fault`` for where the next seems to begin; False: there is none.

        Where the broken one began its line, the next one does so at the same indentation (a line's end cannot
        stand within a JSON string); else what divides two objects of an array is looked for.
        """
        margin = self.margin
        beginning = re.compile(rf"\n{margin}(?=\{{)") if margin is not None else _NEXT_IN_ARRAY
        searched = self.at if margin is not None else fault
        while True:
            found = beginning.search(self.window, searched)
            if found:
                self.go(found.end())
                return True
            if self.ended:
                self.go(len(self.window))
                return False
            self.go(max(self.at, min(searched, len(self.window)), len(self.window) - _OVERLAP))
            self.grow()
            searched = 0
