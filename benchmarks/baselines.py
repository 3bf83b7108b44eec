"""What other engines make of the judged sets: their runs, made by running them and kept as TREC runs.

A run is kept under the name of its engine, version, setting, set and queries in the directory of its pool, which holds
nothing that was made of other documents.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from tantivy import Document, Filter, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from benchmarks.judged import JudgedSet
from benchmarks.peers import lucene
from benchmarks.pools import Pool
from search.judgements import read_queries
from search.measures import DEPTH
from search.runs import falling, read_run, write_run

HEAP = 1024
"""MB that Lucene's program may use."""

_ANALYZER = "arabic"


class Baseline(Protocol):
    """An engine to compare with."""

    @property
    def key(self) -> str:
        """Its name, version and setting, for files."""
        ...

    @property
    def label(self) -> str:
        """Its name and setting, for tables."""
        ...

    def answer(self, pool: Pool, queries: Path, target: Path) -> None:
        """Ask a file of queries of a pool and write the run, ``DEPTH`` hits a query."""
        ...


@dataclass(frozen=True, slots=True)
class Lucene:
    """Lucene's ArabicAnalyzer and BM25; ``home`` is where ``benchmarks.peers.lucene`` prepared it."""

    home: Path
    k1: float
    b: float

    @property
    def key(self) -> str:
        """See ``Baseline``."""
        return f"{self._name()}-{self.k1}-{self.b}"

    @property
    def label(self) -> str:
        """See ``Baseline``."""
        return f"Lucene, BM25 {self.k1}/{self.b}"

    def answer(self, pool: Pool, queries: Path, target: Path) -> None:
        """See ``Baseline``; the index is kept beside the pool."""
        index = pool.directory / self._name()
        if not index.exists():
            part = index.with_suffix(".part")
            self._run("index", str(pool.texts), str(part))
            part.rename(index)
        with queries.open("rb") as asked, target.open("wb") as run:
            words = ("search", str(index), str(self.k1), str(self.b), str(DEPTH))
            self._run(*words, stdin=asked.fileno(), stdout=run.fileno())

    def _name(self) -> str:
        return "lucene-" + lucene.version(self.home).partition(",")[0]

    def _run(self, *arguments: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL) -> None:
        command = lucene.program(self.home, HEAP, "LuceneArabic", *arguments)
        done = subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Lucene failed: {done.stderr[-2000:]}")


@dataclass(frozen=True, slots=True)
class Tantivy:
    """tantivy's own tokenizer and BM25 (1.2/0.75, fixed) over words stemmed by Snowball's Arabic stemmer.

    No stop words are left out: tantivy has no Arabic list.
    """

    @property
    def key(self) -> str:
        """See ``Baseline``."""
        return f"tantivy-{version('tantivy')}-snowball"

    @property
    def label(self) -> str:
        """See ``Baseline``."""
        return "tantivy, Snowball"

    def answer(self, pool: Pool, queries: Path, target: Path) -> None:
        """See ``Baseline``."""
        analyzer = (
            TextAnalyzerBuilder(Tokenizer.simple())
            .filter(Filter.remove_long(100))
            .filter(Filter.lowercase())
            .filter(Filter.stemmer("arabic"))
            .build()
        )
        builder = SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        schema = builder.build()
        index = Index(schema)  # in memory
        index.register_tokenizer(_ANALYZER, analyzer)
        writer = index.writer(num_threads=1)
        for name, text in _rows(pool.texts):
            document = Document()
            document.add_text("id", name)
            document.add_text("text", text)
            writer.add_document(document)
        writer.commit()
        index.reload()
        searcher = index.searcher()
        run: dict[str, dict[str, float]] = {}
        for name, text in read_queries(queries).items():
            terms: list[tuple[Occur, Query]] = [
                (Occur.Should, Query.term_query(schema, "text", term, "freq")) for term in analyzer.analyze(text)
            ]
            hits = searcher.search(Query.boolean_query(terms), DEPTH, count=False).hits
            ids = [str(searcher.doc(address).get_first("id")) for _, address in hits]
            run[name] = dict(zip(ids, falling(float(score or 0.0) for score, _ in hits), strict=True))
        write_run(run, target, "tantivy")


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            name, _, text = line.rstrip("\n").partition("\t")
            yield name, text


LUCENE_SETTINGS = ((0.9, 0.4), (1.2, 0.75))
"""k1 and b: those of Anserini, and Lucene's own."""


def available(home: Path) -> tuple[Sequence[Baseline], Mapping[str, str]]:
    """Return the engines that can be run here, and for each that cannot, why; what is fetched goes into ``home``."""
    there: list[Baseline] = []
    missing: dict[str, str] = {}
    try:
        made = lucene.prepare(home / "lucene")
        there += [Lucene(made, k1, b) for k1, b in LUCENE_SETTINGS]
    except lucene.MissingError as error:
        missing["Lucene"] = str(error)
    there.append(Tantivy())
    return there, missing


def versions(home: Path, missing: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of the engines that can be run."""
    found = {} if "Lucene" in missing else {"Lucene": lucene.version(home / "lucene")}
    return {**found, "tantivy-py": version("tantivy")}


def run_of(baseline: Baseline, judged: JudgedSet, pool: Pool) -> dict[str, dict[str, float]]:
    """Return an engine's run of a set, read where it is kept, else made and kept."""
    path = pool.directory / f"{baseline.key}-{judged.name}-{judged.digest()}.run"
    if not path.exists():
        part = path.with_suffix(".part")
        baseline.answer(pool, judged.queries_file, part)
        part.rename(path)
    return read_run(path)
