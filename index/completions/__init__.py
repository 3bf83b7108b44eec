"""Completions: what a reader who has typed the beginning of a question may want to ask.

``CompletionsBuilder`` makes a table of the articles it is given, ``Completions`` looks up in tables; between them is a
file of arrays that needs nothing else of an index. Here each segment has one beside it; a table of many segments is
joined of theirs (``publication``). Words and phrases (``ideas``) are counted in headlines and in a part of the texts
(``builder``); every headline is there from each of its words on (``headlines``).
"""

from __future__ import annotations

from index.completions.builder import CompletionsBuilder
from index.completions.joining import joined
from index.completions.lookup import Completion, Completions, Kind
from index.completions.publication import FILE_NAME, OpenedCompletions, file_of, join, publish
from index.completions.table import CompletionTable

__all__ = [
    "FILE_NAME",
    "Completion",
    "CompletionTable",
    "Completions",
    "CompletionsBuilder",
    "Kind",
    "OpenedCompletions",
    "file_of",
    "join",
    "joined",
    "publish",
]
