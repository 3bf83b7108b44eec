"""The indexes of a generation as the cluster is told of them: fields, and settings.

Fields of an article's document:

========================  ==========================================================================================
``id``                    the article's id (the document's ``_id`` is ``documents.document_id`` of it)
``title``, ``body``,      folded words with positions, as the embedded engine has them, spaces between
``author``, ``source``,
``category``
``title_vowels``,         the words that carry harakat, each as ``index.arabic.vocalised`` writes it, without positions
``body_vowels``
``*_value``               exact values of source, category and author (``documents.exact``); absent for none
``day``                   day number, see ``index.schema``; absent without a date, as are the next two
``year``                  of that day
``instant``               seconds since 1970 in UTC, for order by time
``title_length``,         how many words the field has
``body_length``
``sequence``              a number that is larger for what was written later: the last criterion of any order
``words``                 all of these words once more, as ``documents.packed`` packs them: a column, for scoring
``article``               the article as its source gave it, fields that are empty left out; all that ``_source`` keeps
========================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from index.schema import FACETS, SCORED, TEXTS, VOCALISED

K1 = 1.2
B: Mapping[str, float] = MappingProxyType({"title": 0.5, "body": 0.6, "author": 0.0, "source": 0.0, "category": 0.0})
"""BM25's constants in the cluster, which chooses candidates by them: those of ``search.ranking``."""

MAX_RESULTS = 10_000
"""How deep a page may be that the cluster is asked for."""

_ANALYZER = "whitespace"
"""Part of every OpenSearch. It cuts words of more than 255 UTF-16 code units: ``documents.term`` makes none."""


def articles_body(shards: int) -> Mapping[str, Any]:
    """Return the body with which the index of a generation's articles is made, for the load: without replicas."""
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": 0,
                # Nothing is seen before whoever writes says so: what one command adds appears at once.
                "refresh_interval": "-1",
                "max_result_window": MAX_RESULTS,
                "similarity": {f"fihris_{name}": {"type": "BM25", "k1": K1, "b": b} for name, b in B.items()},
            }
        },
        "mappings": {"dynamic": "strict", "_source": {"includes": ["article"]}, "properties": _properties()},
    }


def _properties() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        "day": {"type": "integer"},
        "year": {"type": "short"},
        "instant": {"type": "long", "index": False},
        "sequence": {"type": "long", "index": False},
        "words": {"type": "binary", "doc_values": True},
        "article": {"type": "object", "enabled": False},
    }
    for name in TEXTS:
        properties[name] = {"type": "text", "analyzer": _ANALYZER, "similarity": f"fihris_{name}"}
    for name in FACETS:
        properties[f"{name}_value"] = {"type": "keyword"}
    for name in VOCALISED:
        properties[f"{name}_vowels"] = {
            "type": "text",
            "analyzer": _ANALYZER,
            "index_options": "freqs",
            "norms": False,
        }
    for name in SCORED:
        properties[f"{name}_length"] = {"type": "integer", "index": False}
    return properties


def assets_body(replicas: int) -> Mapping[str, Any]:
    """Return the body with which the index of a generation's assets is made. Its documents are read by id alone."""
    return {
        "settings": {
            "index": {"number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": "-1"},
        },
        "mappings": {"dynamic": False, "_source": {"enabled": True}, "properties": {}},
    }


def journal_body(replicas: int) -> Mapping[str, Any]:
    """Return the body with which a journal is made; see ``index.opensearch.journal``."""
    return {
        "settings": {"index": {"number_of_shards": 1, "number_of_replicas": replicas}},
        "mappings": {
            "dynamic": False,
            "properties": {"commit": {"type": "long"}, "place": {"type": "long"}},
        },
    }


def locks_body() -> Mapping[str, Any]:
    """Return the body with which the index of locks is made: a copy on every second node, as far as there is one."""
    return {
        "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
        "mappings": {"dynamic": False, "properties": {}},
    }
