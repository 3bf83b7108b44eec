"""The one place where Arabic is understood: letters, words, stems and stop words.

Indexing, querying and highlighting all call ``tokenize``/``words``, ``fold`` and ``stem``, so that what is written in
the index, what is asked of it and what is marked can never differ.
"""

from __future__ import annotations

from index.arabic.letters import fold
from index.arabic.stem import stem
from index.arabic.stopwords import STOP_WORDS
from index.arabic.tokens import Token, tokenize, words
from index.arabic.vowels import has_vowels, vocalised, vowels

ANALYSIS_VERSION = "3"
"""Written into every index and compared on open. Raise it with every change that alters any token, stem or
pattern of harakat."""

__all__ = [
    "ANALYSIS_VERSION", "STOP_WORDS", "Token", "fold", "has_vowels", "stem", "tokenize", "vocalised", "vowels", "words",
]  # fmt: skip
