"""The reader's text as a query: words, exact phrases, prefixes, fields, alternatives and exclusions.

The tree is our own and not Whoosh's: both engines and the highlighter read it, and they need each word as it was asked
for, before any engine's terms. ``search.parser`` makes it; nothing in it is deeper than the parser allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from index.arabic import STOP_WORDS
from search.results import Note


@dataclass(frozen=True, slots=True)
class Alternative:
    """What may stand in a word's place: one folded word, in any of its forms, or several in this order and no other.

    ``kind``: ``synonym``, by the operator's list, or ``compound``, another spelling of a name of two parts.
    """

    words: tuple[str, ...]
    kind: Literal["synonym", "compound"]


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, in any of its forms. ``field`` is the one field it is asked of; empty: title or body.

    ``vowels``: the pattern of its harakat, as ``index.arabic.vowels`` gives it. They move scores and decide nothing.
    ``others``: what answers it as well; ``search.alternatives`` finds them.
    """

    text: str
    field: str = ""
    vowels: str = ""
    others: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words that stand in this order with nothing between them, in no other form."""

    words: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins with these folded letters."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Either:
    """Alternatives: any of them will do."""

    options: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses beside each other: all of them, or any, as the search asks; ``strict`` ones always mean all.

    Without a wanted clause a group stands for every article less the excluded ones.
    """

    clauses: tuple[Clause, ...]
    strict: bool = False

    def wanted(self) -> tuple[Clause, ...]:
        """Return what decides: the clauses that are not excluded, less stop words where there is anything else.

        Empty for a group that only excludes.
        """
        wanted = tuple([clause for clause in self.clauses if not clause.excluded])
        telling = tuple([clause for clause in wanted if not is_stop_word(clause.node)])
        return telling or wanted

    def excluded(self) -> tuple[Clause, ...]:
        """Return the clauses that must not match."""
        return tuple([clause for clause in self.clauses if clause.excluded])


Leaf: TypeAlias = Word | Phrase | Prefix
Node: TypeAlias = Leaf | Either | Group


@dataclass(frozen=True, slots=True)
class Clause:
    """A node and whether it is wanted or excluded."""

    node: Node
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: ``root`` holds no clause where the text holds no word."""

    root: Group
    notes: tuple[Note, ...] = ()

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves that a hit may match by, in the order they were written: none that is excluded."""
        yield from _leaves(self.root)


def is_stop_word(node: Node) -> bool:
    """Tell whether a node is a word that only says how a sentence is built; one asked of a named field is not."""
    return isinstance(node, Word) and not node.field and node.text in STOP_WORDS


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Group):
        for clause in node.wanted():
            yield from _leaves(clause.node)
    elif isinstance(node, Either):
        for clause in node.options:
            if not clause.excluded:
                yield from _leaves(clause.node)
    else:
        yield node
