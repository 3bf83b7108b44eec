"""What else answers the words of a query: the operator's synonyms, and other spellings of names of two parts.

They are put to the words of the parsed tree, and its shape stays as it is. Where several words beside each other have
an alternative together, each of them gets it: (a or x) and (b or x) is (a and b) or x. Words in quotation marks stand
for themselves, and so do those that are excluded: ``-حاسوب`` lets articles with كمبيوتر by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from index.arabic import compounds
from index.synonyms import Synonyms
from search.query import Alternative, Clause, Either, Group, Node, Query, Word

Attested: TypeAlias = Callable[[Iterable[str]], frozenset[str]]
"""Tells which of some folded words are in the vocabulary of the index."""

MOST = 32
"""Most alternatives of one word; the rest is passed over."""


def with_alternatives(query: Query, synonyms: Synonyms, attested: Attested) -> Query:
    """Return a query whose words know what else answers them; itself where nothing does."""
    if not synonyms and not any(map(_may_have, query.root.clauses)):
        return query
    root = _Rewriter(synonyms, attested).group(query.root)
    return query if root is query.root else replace(query, root=root)


def _may_have(clause: Clause) -> bool:
    """Tell whether anything of a clause may have another spelling; nearly no query does."""
    node = clause.node
    if isinstance(node, Word):
        return bool(compounds.takes_part(node.text))
    if isinstance(node, Group):
        return any(map(_may_have, node.clauses))
    return isinstance(node, Either) and any(map(_may_have, node.options))


class _Rewriter:
    def __init__(self, synonyms: Synonyms, attested: Attested) -> None:
        self._synonyms = synonyms
        self._attested = attested

    def group(self, group: Group) -> Group:
        clauses = list(group.clauses)
        run: list[int] = []  # places of words beside each other
        changed = False
        for place, clause in enumerate(group.clauses):
            node = clause.node
            if isinstance(node, Word) and not clause.excluded:
                if run and cast(Word, clauses[run[-1]].node).field != node.field:
                    changed |= self._run(clauses, run)
                    run = []
                run.append(place)
                continue
            changed |= self._run(clauses, run)
            run = []
            if not clause.excluded:
                other = self._node(node)
                changed |= other is not node
                clauses[place] = Clause(other)
        changed |= self._run(clauses, run)
        return Group(tuple(clauses), group.strict) if changed else group

    def _node(self, node: Node) -> Node:
        if isinstance(node, Group):
            return self.group(node)
        if isinstance(node, Either):
            # Alternatives stand by themselves: each is a run of one word.
            options = tuple(
                [option if option.excluded else Clause(self._alone(option.node)) for option in node.options]
            )
            return node if options == node.options else Either(options)
        return node

    def _alone(self, node: Node) -> Node:
        if not isinstance(node, Word):
            return self._node(node)
        clauses = [Clause(node)]
        return clauses[0].node if self._run(clauses, [0]) else node

    def _run(self, clauses: list[Clause], places: Sequence[int]) -> bool:
        """Give the words at some places their alternatives; tell whether there are any."""
        if not places:
            return False
        words = [cast(Word, clauses[place].node) for place in places]
        found = self._found([word.text for word in words])
        for place, word, others in zip(places, words, found, strict=True):
            if others:
                clauses[place] = Clause(replace(word, others=tuple(others)[:MOST]))
        return any(found)

    def _found(self, texts: Sequence[str]) -> list[dict[Alternative, None]]:
        """Return the alternatives of each of some words beside each other, in order and each once."""
        found: list[dict[Alternative, None]] = [{} for _ in texts]
        if self._synonyms:
            for start in range(len(texts)):
                for length, others in self._synonyms.found(texts, start):
                    asked = tuple(texts[start : start + length])
                    for other in others:
                        for place in range(start, start + length):
                            if other != asked:
                                found[place][Alternative(other, "synonym")] = None
        starts = [start for start, text in enumerate(texts) if compounds.takes_part(text)]
        if starts:
            spelt = [each for start in starts for each in _spellings(texts, start)]
            attested = self._attested(dict.fromkeys(word for _, _, spelling in spelt for word in spelling))
            for start, length, spelling in spelt:
                if attested.issuperset(spelling):
                    for place in range(start, start + length):
                        found[place][Alternative(spelling, "compound")] = None
        return found


def _spellings(texts: Sequence[str], start: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return what may be other spellings of a word, or of it and the next: as (start, how many words, spelling)."""
    word = texts[start]
    found: list[tuple[int, int, tuple[str, ...]]] = [(start, 1, pair) for pair in compounds.parted(word)]
    if start + 1 < len(texts):
        found += [(start, 2, (whole,)) for whole in compounds.joined(word, texts[start + 1])]
        other = compounds.respelled(word)
        if other:
            found.append((start, 1, (other,)))
    return found
