"""Families of words: which words of the vocabulary are forms of one another, how closely, and why.

No inflection is written into postings. When a generation is published its vocabulary is grouped by keys into a table
(``table``); a segment that is added later brings a table of its own for the words that the first one lacks
(``publication``). A query word is looked up by its own keys (``kin``), so that a word that no article holds still finds
its relatives. What makes a key is ``index.arabic.kinship``'s to say.
"""

from __future__ import annotations

from index.families.kin import CLOSENESS, Families, Family, by_kind
from index.families.kinds import KINDS, NEAR, Kin, Kind
from index.families.publication import FILE_NAME, additions, publish, published, vocabulary
from index.families.table import FamilyTable, table_arrays, table_of

__all__ = [
    "CLOSENESS",
    "FILE_NAME",
    "KINDS",
    "NEAR",
    "Families",
    "Family",
    "FamilyTable",
    "Kin",
    "Kind",
    "additions",
    "by_kind",
    "publish",
    "published",
    "table_arrays",
    "table_of",
    "vocabulary",
]
