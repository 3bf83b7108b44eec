"""The document pools of the relevance sets, made from the shared corpora.

The question sets are asked of the wiki paragraphs among one 90-word chunk of every saudi and ant article: chunk
``words[s:s+90]`` with ``s = 37·i mod max(1, n − 90)``, i counted from 0 through saudi and on through ant. The headline
set is asked of the bodies of saudi alone.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
"""The shared corpora and judgements, beside the repository."""

QUESTION_SETS = ("arcd_train", "tydi_ar_dev", "xquad_ar", "kaif_dev")
CHUNK_WORDS = 90
STEP = 37


def corpus(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the articles of a shared corpus as they are."""
    with gzip.open(shared / "corpora" / f"{name}.docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def questions(shared: Path) -> Iterator[dict[str, str]]:
    """Yield the pool of the question sets: 5,964 paragraphs and 69,821 distractors."""
    for article in corpus(shared, "wiki"):
        yield {"id": article["id"], "title": article["title"], "body": article["body"]}
    number = 0
    for name in ("saudi", "ant"):
        for article in corpus(shared, name):
            words = article["body"].split()
            start = (STEP * number) % max(1, len(words) - CHUNK_WORDS)
            chunk = " ".join(words[start : start + CHUNK_WORDS])
            yield {"id": article["id"], "title": article.get("title") or "", "body": chunk}
            number += 1


def headlines(shared: Path) -> Iterator[dict[str, str]]:
    """Yield the pool of the headline set: the bodies of saudi."""
    for article in corpus(shared, "saudi"):
        yield {"id": article["id"], "body": article["body"]}


POOLS = {"questions": questions, "headlines": headlines}
SETS = {**dict.fromkeys(QUESTION_SETS, "questions"), "saudi_headline": "headlines"}
"""Relevance set → its pool."""


def write(pool: str, shared: Path, target: Path) -> None:
    """Write a pool as JSON Lines."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as file:
        for article in POOLS[pool](shared):
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
