"""Our first hits beside Lucene's for a file of queries over saudi and ant, as Markdown, to be judged by eye.

``python -m benchmarks.sidebyside QUERIES.txt``: a query a line; a line that begins with # is left out. What is printed
holds titles of the corpora, which no one may publish. Each query comes with a code of all the hits shown:
``docs/relevance-by-eye.md`` keeps the code that a verdict was given on, and a verdict on another code is outdated;
``--outdated`` prints those queries alone, ``--tally`` counts the verdicts.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from benchmarks import ours
from benchmarks.baselines import Lucene
from benchmarks.peers import lucene
from benchmarks.pools import Pool, prepare
from benchmarks.process import REPOSITORY
from benchmarks.report import table
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.request import Match, SearchRequest
from search.runs import read_run

TOP = 5
QUERIES = Path(__file__).with_name("queries-by-eye.txt")
VERDICTS = REPOSITORY / "docs" / "relevance-by-eye.md"
_SHOWN = 70
"""Characters of a title that are shown."""


def read_queries(path: Path) -> dict[str, str]:
    """Return the queries of a file by their numbers."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return {str(number): line for number, line in enumerate((each for each in lines if each and each[0] != "#"), 1)}


def our_hits(directory: Path, queries: Mapping[str, str], match: Match) -> dict[str, list[str]]:
    """Return the ids of our first hits of each query."""
    engine = EmbeddedEngine(Settings(index=directory, time_budget=0.0))
    requests = {name: SearchRequest(text, match=match, highlight=False) for name, text in queries.items()}
    return {name: [hit.article.id for hit in engine.search(asked).hits][:TOP] for name, asked in requests.items()}


def lucene_hits(pool: Pool, home: Path, queries: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the ids of Lucene's first hits of each query; raises MissingError where it cannot be run."""
    made = lucene.prepare(home / "lucene")
    asked, run = pool.directory / "by-eye.tsv", pool.directory / "by-eye.run"
    asked.write_text("".join(f"{name}\t{text}\n" for name, text in queries.items()), "utf-8")
    Lucene(made, 1.2, 0.75).answer(pool, asked, run)
    found = read_run(run)
    return {name: list(found.get(name, {}))[:TOP] for name in queries}


def told(
    queries: Mapping[str, str], ours_: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]],
    articles: Mapping[str, Mapping[str, str]],
) -> Iterator[str]:  # fmt: skip
    """Yield a section a query: the two lists side by side; what both have is in italics."""
    for name, text in queries.items():
        code = code_of(ours_[name], theirs[name])
        both = set(ours_[name]) & set(theirs[name])
        rows = []
        for place in range(TOP):
            cells = [
                _shown(articles[hits[place]], hits[place] in both) if place < len(hits) else ""
                for hits in (ours_[name], theirs[name])
            ]
            rows.append((str(place + 1), *cells))
        yield f"## {name}. {text} `{code}`\n\n" + table(("", "Fihris", "Lucene"), rows)


def code_of(ours_: Sequence[str], theirs: Sequence[str]) -> str:
    """Return a short code of the hits of a query."""
    return hashlib.sha256("\n".join((*ours_, "", *theirs)).encode()).hexdigest()[:6]


def judged_codes(path: Path) -> frozenset[str]:
    """Return the codes that the verdicts of a page were given on."""
    return frozenset(re.findall(r"\| `([0-9a-f]{6})` \|", path.read_text("utf-8"))) if path.exists() else frozenset()


def tally(path: Path) -> str:
    """Count the verdicts of a page."""
    found = Counter(re.findall(r"\| `[0-9a-f]{6}` \|[^|]*\| \**(win|loss|tie)\** \|", path.read_text("utf-8")))
    return f"{found['win']} wins, {found['loss']} losses, {found['tie']} ties"


def _shown(article: Mapping[str, str], both: bool) -> str:
    title = " ".join((article["title"] or article["body"]).split()).replace("|", "\\|")
    mark = "_" if both else ""
    return f"{mark}{title[:_SHOWN]}{mark} · `{article['id']}` · {article['source']}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sidebyside", description=__doc__)
    parser.add_argument("queries", type=Path, nargs="?", default=QUERIES)
    parser.add_argument("--match", choices=get_args(Match), default="auto", help="how ours is asked [%(default)s]")
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "relevance", help="what is kept lies here")
    parser.add_argument("--outdated", action="store_true", help="only queries whose hits no verdict was given on")
    parser.add_argument("--tally", action="store_true", help="only count the verdicts that were given")
    options = parser.parse_args()
    if options.tally:
        print(tally(VERDICTS))
        return
    home = options.home.resolve()
    pool = prepare("news", home)
    directory, _ = ours.index(pool)
    queries = read_queries(options.queries)
    found = our_hits(directory, queries, options.match), lucene_hits(pool, home, queries)
    if options.outdated:
        known = judged_codes(VERDICTS)
        queries = {
            name: text for name, text in queries.items() if code_of(*(hits[name] for hits in found)) not in known
        }
    wanted = {article for hits in found for each in hits.values() for article in each}
    print("\n\n".join(told(queries, *found, pool.chosen(wanted))))


if __name__ == "__main__":
    main()
