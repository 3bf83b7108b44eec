"""What a peer is asked and answers, and how both are written on one line of tab-separated text.

Only the standard library is imported here, so that a peer may run under another interpreter, or be no Python at all
(``benchmarks/lucene``). The process at the other end reads these lines from its standard input, words by tabs:

``build ARTICLES DIRECTORY``
    Index the prepared articles. Answer: ``NANOSECONDS READING``, what it took and how much of that was CPU time spent
    on reading the file.
``open DIRECTORY``
    Open what was built. Answer: ``SEGMENTS``.
``ask N``
    N lines follow, one ``Question`` each. Answer: N lines, ``NANOSECONDS`` and an ``Answer``.
``warm N SECONDS``
    N lines follow; they are asked again and again for that long, at least once. Answer: ``ok``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast

Match = Literal["any", "all", "phrase"]
Item = TypeVar("Item", contravariant=True)

TOP = 10
"""How many hits a question asks for."""

_ITEM = "\x1f"
_PAIR = "\x1e"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its words folded beforehand.

    ``title`` and ``body`` are folded words with a space between. ``day`` is the proleptic day number of its date (0:
    none). ``original`` is the article as JSON, what every engine stores.
    """

    id: str
    source: str
    day: int
    title: str
    body: str
    original: str

    def line(self) -> str:
        """The article as one line, without its end. JSON escapes tabs and line ends; ids and sources hold none."""
        return "\t".join((self.id, self.source, str(self.day), self.title, self.body, self.original))

    @classmethod
    def read(cls, line: str) -> Prepared:
        """The article of a line."""
        name, source, day, title, body, original = line.rstrip("\n").split("\t")
        return cls(name, source, int(day), title, body, original)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to any peer; ``words`` are folded and hold no spaces.

    ``match``: ``any`` of the words, ``all``, or these as a ``phrase``, in title or body. ``source`` (empty: any) and
    the days ``first`` to ``last``, both included (0 and 0: any), filter the hits. ``counts`` asks for the hits of each
    source too, ``stored`` for the stored articles of the hits, ``marks`` for fragments of them with the words marked; a
    peer may give any of these unasked.
    """

    match: Match
    words: tuple[str, ...]
    source: str = ""
    first: int = 0
    last: int = 0
    counts: bool = False
    stored: bool = False
    marks: bool = False

    def line(self) -> str:
        """The question as one line, without its end."""
        wants = "".join(str(int(flag)) for flag in (self.counts, self.stored, self.marks))
        return "\t".join((self.match, " ".join(self.words), self.source, str(self.first), str(self.last), wants))

    @classmethod
    def read(cls, line: str) -> Question:
        """The question of a line."""
        match, words, source, first, last, wants = line.rstrip("\n").split("\t")
        flags = (flag == "1" for flag in wants)
        return cls(cast("Match", match), tuple(words.split(" ")), source, int(first), int(last), *flags)


@dataclass(frozen=True, slots=True)
class Answer:
    """How many articles match.

    ``ids`` of the best hits where stored articles were asked for; ``counts`` of hits by source where these were.
    """

    total: int
    ids: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()

    def line(self) -> str:
        """The answer as one line, without its end."""
        counts = _ITEM.join(f"{value}{_PAIR}{count}" for value, count in self.counts)
        return "\t".join((str(self.total), _ITEM.join(self.ids), counts))

    @classmethod
    def read(cls, line: str) -> Answer:
        """The answer of a line."""
        total, ids, counts = line.rstrip("\n").split("\t")
        pairs = (pair.split(_PAIR) for pair in counts.split(_ITEM) if pair)
        return cls(
            int(total),
            tuple(ids.split(_ITEM)) if ids else (),
            tuple((value, int(count)) for value, count in pairs),
        )


class Peer(Protocol[Item]):
    """An engine inside its worker process; ``Item`` is what it takes for an article."""

    def build(self, articles: Iterable[Item], directory: Path) -> None:
        """Index all articles in the empty ``directory``; on return they are committed and background work has ended."""
        ...

    def open(self, directory: Path) -> int:
        """Open what was built there; return the number of its segments (1 where the engine knows none)."""
        ...

    def ask(self, question: Question) -> Answer:
        """Answer from what is open, exact total included."""
        ...
