"""What a reader has typed so far: the words that are whole, and the one that is being written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.arabic import tokenize
from index.arabic.letters import REMOVED
from index.arabic.particles import ARTICLE, without_article
from index.arabic.tokens import Token

MOST_WORDS = 16
"""Of longer texts the last words count."""

_OPERATORS = re.compile(
    r"""[()*]
    | :(?: ["“”„«＂] [^"“”„»＂]* ["“”„»＂]? | \( [^()]* | [^\s()]+ )  # a field, with its whole value
    | (?<!\S)-(?=\S)""",
    re.VERBOSE,
)
"""What stands before it is no part of a phrase or a headline; quotation marks stand in headlines as well.

What stands in a field is not completed: the names of authors and sources are none of the words that are counted.
"""

_LEAST_WITHOUT_ARTICLE = 2
"""Letters behind an ال for it to be passed over: with fewer it is most of what the reader has told."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that is being typed.

    ``words``: the whole words since the last operator, folded, with where they stand. ``prefix``: what is written of
    the last one, folded, from ``start`` on; empty where a new one begins. ``plain``: that there is no operator.
    """

    text: str
    words: Sequence[Token]
    prefix: str
    start: int
    plain: bool

    @classmethod
    def read(cls, text: str) -> Typed:
        """Read any text; spaces before it are passed over."""
        text = text.lstrip()
        operators = list(_OPERATORS.finditer(text))
        begin = operators[-1].end() if operators else 0
        tokens = [
            Token(token.text, token.start + begin, token.end + begin) for token in tokenize(text[begin:])
        ]  # fmt: skip
        prefix, start = "", len(text)
        if tokens and not text[tokens[-1].end :].strip(REMOVED):
            last = tokens.pop()
            prefix, start = last.text, last.start
        return cls(text, tokens[-MOST_WORDS:], prefix, start, not operators and len(tokens) <= MOST_WORDS)

    @property
    def keys(self) -> list[str]:
        """The whole words without their articles."""
        return [without_article(token.text) for token in self.words]

    @property
    def literal(self) -> bool:
        """Whether the prefix is an article with hardly anything behind it, or may become one: it is taken as it is."""
        return self.prefix == ARTICLE[0] or (
            self.prefix.startswith(ARTICLE) and len(self.prefix) < len(ARTICLE) + _LEAST_WITHOUT_ARTICLE
        )

    @property
    def stem(self) -> str:
        """What the key of the last word begins with: the prefix without its article."""
        if self.prefix == ARTICLE[0]:
            return ""
        return self.prefix.removeprefix(ARTICLE) if self.prefix.startswith(ARTICLE) else self.prefix

    def suits(self, word: str) -> bool:
        """Tell whether a folded word may be the one that is being written, with or without its article."""
        return word.startswith(self.prefix) if self.literal else without_article(word).startswith(self.stem)

    def matches(self, text: str) -> Sequence[tuple[int, int]] | None:
        """Return where the typed words stand in a text, the last begun one whole; None where they do not."""
        found = list(tokenize(text))
        keys = self.keys
        for at in range(len(found) - len(keys) - bool(self.prefix) + 1):
            here = found[at : at + len(keys) + bool(self.prefix)]
            if [without_article(token.text) for token in here[: len(keys)]] == keys and (
                not self.prefix or self.suits(here[-1].text)
            ):
                return [(token.start, token.end) for token in here]
        return None
