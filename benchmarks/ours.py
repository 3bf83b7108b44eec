"""Fihris on the pools: indexes that are kept, runs with any ranking, and what a question and the families cost."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.pools import Pool
from benchmarks.process import REPOSITORY
from index import families
from index.codec.lookup import find, pack
from index.generations import Generations
from index.schema import SCORED
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.evaluation import ask
from search.measures import DEPTH
from search.parser import parse
from search.query import Word
from search.ranking import RANKING, Ranking
from search.request import SearchRequest
from search.runs import falling
from search.view import View, Views

Run = Mapping[str, Mapping[str, float]]


class DisagreementError(RuntimeError):
    """Ranked hits are not those that a search gives."""


@dataclass(frozen=True, slots=True)
class Built:
    """CPU seconds that indexing a pool took, and those that its table of families takes by itself."""

    seconds: float
    families: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What questions read, by means: ``terms`` a word is looked up as, ``postings`` of all of them a question."""

    terms: float
    postings: float


def _digest() -> str:
    """Return what tells the program that makes an index from any other."""
    digest = hashlib.sha256()
    for path in sorted((REPOSITORY / "index").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def index(pool: Pool, rebuild: bool = False) -> tuple[Path, Built]:
    """Return the directory of a pool's index, built where it is missing or of another program, and what that took."""
    directory = pool.directory / "fihris"
    stamp = pool.directory / "fihris.json"
    digest = _digest()
    if not rebuild and stamp.exists():
        kept = json.loads(stamp.read_text("utf-8"))
        if kept.pop("program") == digest:
            return directory, Built(**kept)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(directory, ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["reindex", str(pool.articles), "--index", str(directory), "--jobs", "1"]
    subprocess.run(
        [sys.executable, "-m", "web.commands", *command], check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    built = Built(seconds, _families(view(directory)))
    stamp.write_text(json.dumps({"program": digest, **asdict(built)}), "utf-8")
    return directory, built


def _families(opened: View) -> float:
    """Return the CPU seconds that making the table of families takes."""
    with tempfile.TemporaryDirectory() as directory:
        begin = time.process_time()
        families.publish(Path(directory), [segment.arrays for segment in opened.segments])
        return time.process_time() - begin


def view(directory: Path, ranking: Ranking = RANKING) -> View:
    """Open an index as questions see it."""
    generation = Generations(directory).live()
    return Views(ranking).open(generation.directory, generation.open_index())


def names(opened: View) -> list[str]:
    """Return the id of every document by its number."""
    found = [""] * opened.size
    for segment in opened.segments:
        documents = segment.arrays.documents
        for place, number in enumerate(documents.id_docs.tolist()):
            found[segment.base + number] = documents.ids[place].decode()
    return found


class Ranker:
    """An index with one ranking."""

    def __init__(self, directory: Path, ranking: Ranking, ids: Sequence[str]) -> None:
        self._engine = EmbeddedEngine(Settings(index=directory, time_budget=0.0), ranking)
        self._ids = ids

    def run(self, queries: Mapping[str, str]) -> Run:
        """Return the best ``DEPTH`` hits of each query, as ``search`` gives them, without reading an article."""
        found: dict[str, dict[str, float]] = {}
        for query, text in queries.items():
            best = self._engine.ranked(_request(text))
            ids = [self._ids[number] for number in best.documents.tolist()]
            found[query] = dict(zip(ids, falling(best.scores.tolist()), strict=True))
        return found

    def check(self, queries: Mapping[str, str], run: Run) -> None:
        """Raise DisagreementError where a query's run is not what ``fihris evaluate`` finds."""
        for query, scores in ask(self._engine, queries).items():
            if list(scores) != list(run[query]):
                raise DisagreementError(f"ranked hits of {queries[query]!r} are not those of a search")

    def seconds(self, texts: Sequence[str]) -> list[float]:
        """Return the CPU seconds that each question takes, ten hits and no article read."""
        times = []
        for text in texts:
            begin = time.thread_time()
            self._engine.ranked(_request(text, 10))
            times.append(time.thread_time() - begin)
        return times


def _request(text: str, hits: int = DEPTH) -> SearchRequest:
    return SearchRequest(text, match="any", per_page=hits, highlight=False, facets=False)


def reading(opened: View, texts: Sequence[str]) -> Reading:
    """Count what questions read, from the dictionaries: how many forms their words have, and in how many documents."""
    known: dict[str, tuple[int, int]] = {}
    terms: list[int] = []
    postings: list[int] = []
    for text in texts:
        words = {leaf.text for leaf in parse(text).leaves() if isinstance(leaf, Word)}
        for word in words - known.keys():
            forms = opened.expansion.forms(word).words
            known[word] = len(forms), _postings(opened, forms)
        terms += [known[word][0] for word in words]
        postings.append(sum(known[word][1] for word in words))
    return Reading(float(np.mean(terms)), float(np.mean(postings)))


def _postings(opened: View, words: Sequence[bytes]) -> int:
    """Count the entries that the posting lists of some words have, in all segments and fields."""
    wanted = pack(words)
    count = 0
    for segment in opened.segments:
        for name in SCORED:
            dictionary = segment.arrays.postings.fields[name]
            places = find(dictionary.terms, wanted)
            there = places[places >= 0]
            count += int((dictionary.starts[there + 1].astype(np.int64) - dictionary.starts[there]).sum())
    return count
