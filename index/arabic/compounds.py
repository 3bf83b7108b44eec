"""Names of two parts that are written as one word or as two: عبدالله and عبد الله, أبوظبي and أبو ظبي.

Which of the spellings that could be are spellings is for the vocabulary to say: only the rules are here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLITICS = ("", "و", "ل", "ب")
"""What is written together with a name's first part; others are too rare with names to be looked for."""

_FATHER = ("ابو", "ابي", "ابا")
"""One word in the three cases, which many write without regard to case."""

_SON = ("بن", "ابن")

_SERVANT = "عبد"
_FIRST = re.compile(rf"([ولب]?)({_SERVANT}|{'|'.join(_FATHER)})")
_JOINED = re.compile(rf"([ولب]?)(?:({_SERVANT})(ال.{{2,}})|({'|'.join(_FATHER)})(.{{3,}}))")

takes_part = re.compile(rf"[ولب]?(?:{_SERVANT}|{'|'.join(_FATHER)})|ا?بن$").match
"""Tells whether a folded word may be a name of two parts, or the first or the middle one of its words: few are."""


def parted(word: str) -> Sequence[tuple[str, str]]:
    """Return the pairs of words that a folded word may be written as, with any clitic: none for most words."""
    match = _JOINED.fullmatch(word)
    if match is None:
        return ()
    servant, second = match.group(2), match.group(3) or match.group(5)
    firsts = (_SERVANT,) if servant else _FATHER
    return tuple([(clitic + first, second) for first in firsts for clitic in _CLITICS])


def joined(first: str, second: str) -> Sequence[str]:
    """Return the words that two folded words beside each other may be written as: none for most."""
    match = _FIRST.fullmatch(first)
    if match is None:
        return ()
    clitic, kind = match.groups()
    clitics = ("", clitic) if clitic else ("",)
    if kind == _SERVANT:
        firsts: Sequence[str] = (_SERVANT,) if second.startswith("ال") and len(second) >= 4 else ()
    else:
        firsts = _FATHER if len(second) >= 3 else ()
    return tuple([each + begin + second for begin in firsts for each in clitics])


def respelled(word: str) -> str:
    """Return the other spelling of a folded word between the parts of a name (بن, ابن); empty for any other."""
    return _SON[1 - _SON.index(word)] if word in _SON else ""
