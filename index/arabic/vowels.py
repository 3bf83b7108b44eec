"""Harakat: how a written word is vocalised, letter by letter, and whether two vocalisations can be of one word.

A *pattern* has a character for each letter of the folded word: ``a`` fatha, ``u`` damma, ``i`` kasra, ``o`` sukun, the
same in upper case under a shadda, ``S`` for a lone shadda, ``.`` for a letter without any. What says nothing of which
word it is, is left out:

* the vowel of the last letter and every tanwin, which are case endings; a shadda there stays (ربّ);
* the shadda of the first letter and of the one after ال, which belong to the word before;
* a dagger alef, madda and hamza, which are spelling.

A word of which nothing is left (كتابٌ, جداً) counts as unvocalised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from pyarabic import araby

from index.arabic.letters import TABLE, fold
from index.arabic.tokens import tokenize

SEPARATOR = "/"
"""What stands between a folded word and its pattern in a vocalised word: no folded word holds it."""

UNMARKED = "."

VOWEL, SHADDA = 7, 8
"""The bits of a letter: its vowel or sukun, and whether there is a shadda."""

_CODES = "." + "auio" + "..." + "S" + "AUI" + "S"
"""The characters of a pattern by the bits of a letter: a vowel or sukun from 1 to 4, and a shadda."""

_BITS = {
    araby.FATHA: 1,
    araby.DAMMA: 2,
    araby.KASRA: 3,
    araby.SUKUN: 4,
    "\u06e1": 4,  # the sukun of printed Qur'ans
    araby.SHADDA: SHADDA,
}


def _presentation_forms() -> Iterator[tuple[str, int]]:
    """Yield the lone marks of the blocks of presentation forms, each with its bits."""
    for character in map(chr, (*range(0xFC5E, 0xFC64), *range(0xFCF2, 0xFCF5), *range(0xFE70, 0xFE80))):
        if TABLE.get(character) == "":
            bits = 0
            for mark in unicodedata.normalize("NFKC", character):
                bits |= _BITS.get(mark, 0)
            if bits:
                yield character, bits


MARKS = {**_BITS, **dict(_presentation_forms())}
"""Characters that are harakat → bits of the letter before."""

CODES = _CODES.encode()
"""The characters of a raw pattern by a letter's bits."""

_any_mark = re.compile(f"[{''.join(MARKS)}]").search
_OLD_MADDA = re.compile(f"{araby.HAMZA}+(?={araby.ALEF}.)")
# The letter after the article, with what may stand before that.
_ARTICLE = re.compile("[وف]?[بك]?ال|[وف]?لل")
# The letter before a pronoun carries the case ending: كتابُه, كتابِه. A shorter rest may be a word with such an end.
_PRONOUN = re.compile("(?:ه|ها|هم|هما|هن|كم|كما|نا)$")
_SHORTEST_BEFORE_PRONOUN = 3


def has_vowels(text: str) -> bool:
    """Tell whether a text holds a vowel, sukun or shadda at all."""
    return _any_mark(text) is not None


def with_bits(bits: int, more: int) -> int:
    """Return the bits of a letter under one more mark; of two vowels the first counts."""
    return bits | (more & SHADDA if bits & VOWEL else more)


def pattern(word: str, raw: str) -> str:
    """Return the pattern of a folded word, without unmarked letters at its end, of all that its letters carry.

    ``raw``: of ``CODES`` one for each letter.
    """
    marks = list(raw)
    marks[-1] = "S" if marks[-1].isupper() else UNMARKED
    article = _ARTICLE.match(word)
    for place in (0, article.end() if article else 0):
        if place < len(marks):
            marks[place] = UNMARKED if marks[place] == "S" else marks[place].lower()
    return "".join(marks).rstrip(UNMARKED)


@lru_cache(maxsize=1 << 16)
def vowels(written: str) -> str:
    """Return the pattern of a word as it was written, without the unmarked letters at its end; empty if there is none.

    Of a word whose letters are not folded one by one (a ligature of several words, a number) nothing is known.
    """
    if not has_vowels(written):
        return ""
    letters: list[str] = []
    bits: list[int] = []
    for character in written:
        mark = MARKS.get(character)
        if mark is None:
            for letter in TABLE.get(character, character):
                letters.append(letter)
                bits.append(0)
        elif bits:
            bits[-1] = with_bits(bits[-1], mark)
    word = "".join(letters)
    for old in reversed(list(_OLD_MADDA.finditer(word))):
        del letters[old.start() : old.end()], bits[old.start() : old.end()]
    word = "".join(letters)
    if not word or word != fold(written):
        return ""
    return pattern(word, "".join(map(_CODES.__getitem__, bits)))


def vocalised(text: str) -> list[str]:
    """Return the vocalised words of a text, in order: each a folded word, ``SEPARATOR`` and its pattern."""
    if not has_vowels(text):
        return []
    found = ((token.text, vowels(text[token.start : token.end])) for token in tokenize(text))
    return [f"{word}{SEPARATOR}{marks}" for word, marks in found if marks]


_LEAST_IN_COMMON = 3
"""Fewest letters in a row that two words must share to be compared, where neither stands whole in the other."""


@lru_cache(maxsize=1 << 12)
def _shared(word: str, form: str) -> tuple[int, int, int]:
    """Return where what two folded words have in common begins in each of them, and how many letters it has."""
    if word in form:
        return 0, form.index(word), len(word)
    if form in word:
        return word.index(form), 0, len(form)
    if word > form:  # of several longest runs the same one is taken from either side
        form_begin, begin, size = _shared(form, word)
        return begin, form_begin, size
    run = SequenceMatcher(None, word, form, autojunk=False).find_longest_match()
    return run.a, run.b, run.size if run.size >= _LEAST_IN_COMMON else 0


def _case_ending(word: str) -> int:
    """Return the place of the letter before a pronoun, or -1."""
    pronoun = _PRONOUN.search(word)
    return pronoun.start() - 1 if pronoun and pronoun.start() >= _SHORTEST_BEFORE_PRONOUN else -1


def agreement(word: str, word_pattern: str, form: str, form_pattern: str) -> int:
    """Return 1 where two vocalised words agree, -1 where they disagree, 0 where they do not say.

    ``word`` and ``form`` are folded, and forms of one word: عِلْم and بِعِلْمِهِ are compared by the letters ع ل م. They
    disagree where some letter is marked otherwise in both, and agree where none is and some is marked alike. The last
    letter that they share, and one before a pronoun, may carry a case ending, of which only a shadda counts, and never
    against them.
    """
    begin, form_begin, size = _shared(word, form)
    endings = {begin + size - 1, _case_ending(word), _case_ending(form) - form_begin + begin}
    found = 0
    # A letter without a vowel may be one whose vowel was not written; one with a vowel has no shadda but a written one.
    for place in range(begin, min(begin + size, len(word_pattern), len(form_pattern) - form_begin + begin)):
        mark, other = word_pattern[place], form_pattern[place - begin + form_begin]
        if UNMARKED in (mark, other):
            continue
        if place in endings:
            found = 1 if mark.isupper() and other.isupper() else found
            continue
        if place == begin and (begin or form_begin):  # what follows a clitic may have a shadda from it
            mark, other = mark.lower(), other.lower()
        if mark.isupper() != other.isupper():
            return -1
        if mark == other or "S" in (mark, other):
            found = 1
        elif mark.lower() != "s" != other.lower():
            return -1
    return found
