"""What becomes of a query that too few articles match with all its words (``match=auto``).

Only words and prefixes that stand side by side in the query become optional. Whatever the reader marked stays binding:
phrases in quotation marks, a named field, parentheses, alternatives, exclusions. Where anything is binding, an article
need not hold any of the optional words; they add to its score.
"""

from __future__ import annotations

from search.query import Clause, Group, Prefix, Word
from search.results import Note

_NONE = "لا مقال يجمع كل الكلمات، فهذه مقالات فيها بعضها."
_ONE = "مقال واحد يجمع كل الكلمات، وتليه مقالات فيها بعضها."
_TWO = "مقالان يجمعان كل الكلمات، وتليهما مقالات فيها بعضها."
_FEW = "{n} مقالات تجمع كل الكلمات، وتليها مقالات فيها بعضها."
_MANY = "{n} مقالًا تجمع كل الكلمات، وتليها مقالات فيها بعضها."
_HUNDREDS = "{n} مقال تجمع كل الكلمات، وتليها مقالات فيها بعضها."


def widened(root: Group) -> Group | None:
    """Return what a query still asks when its plain words are optional, None where that finds nothing more.

    The group holds what stays binding; empty: any of the words.
    """
    wanted = root.wanted()
    binding = tuple([clause for clause in wanted if not _is_plain(clause)])
    if len(wanted) - len(binding) < (1 if binding else 2):
        return None
    return Group((*binding, *root.excluded()), strict=True) if binding else Group(())


def _is_plain(clause: Clause) -> bool:
    return isinstance(clause.node, Word | Prefix) and not clause.node.field


def widening_note(count: int) -> Note:
    """Say that articles follow that have only some of the words. ``count``: how many have all."""
    few = (_NONE, _ONE, _TWO)
    if count < len(few):
        text = few[count]
    else:  # as CLDR has it: by the last two digits
        rest = count % 100
        text = _FEW if 3 <= rest <= 10 else _MANY if rest > 10 else _HUNDREDS
    return Note("widened", text.format(n=count))
