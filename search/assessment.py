"""The command that measures the live index on judged queries, and how it tells what it found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from index.commands import failing_clearly, index_option
from search.engine import EngineUnavailableError
from search.engines import open_live
from search.evaluation import Case, Comparison, Evaluation
from search.evaluation import evaluate as evaluation
from search.judgements import JudgementError, read_qrels, read_queries
from search.measures import CONFIDENCE, DEPTH, Interval
from search.runs import read_run, write_run

_NAMED = 10
"""Most ids that are told of articles that are not in the index."""

_RUN_NAME = "fihris"
_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--queries", type=_file, required=True, help="Lines of a query id, a tab, a query.")
@click.option("--qrels", type=_file, required=True, help="Lines of a query id, a tab, an article id, a tab, a number.")
@click.option("--run", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write the hits as a TREC run.")
@click.option("--compare", "other", type=_file, help="A TREC run to compare with, of this program or any other.")
@click.option("--worst", type=click.IntRange(0), default=0, help="List so many of the queries that do worst.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object.")
@index_option
@failing_clearly
def evaluate(
    queries: Path, qrels: Path, target: Path | None, other: Path | None, worst: int, as_json: bool,
    directory: Path | None,
) -> None:  # fmt: skip
    """Measure the live index on judged queries: MRR@10, nDCG@10, recall@100, success@1.

    The queries are asked as /api/search?match=any would. Intervals are of 95 %, by bootstrap over the queries.
    """
    try:
        beside = read_run(other) if other else None
        found = evaluation(
            open_live(directory, time_budget=0.0), read_queries(queries), read_qrels(qrels), other=beside, worst=worst
        )
    except (EngineUnavailableError, JudgementError) as error:
        raise click.ClickException(str(error)) from error
    if target:
        write_run(found.run, target, _RUN_NAME)
    click.echo(json.dumps(_as_data(found), ensure_ascii=False, indent=1) if as_json else "\n".join(_told(found)))


def _as_data(found: Evaluation) -> dict[str, Any]:
    data: dict[str, Any] = {
        "measures": dict(found.measures),
        "confidence": CONFIDENCE,
        "intervals": {name: _bounds(each) for name, each in found.intervals.items()} if found.intervals else None,
        "queries": found.queries,
        "unjudged": found.unjudged,
        "unasked": found.unasked,
        "hopeless": found.hopeless,
        "unknown": {"count": len(found.unknown), "ids": list(found.unknown[:_NAMED])},
    }
    if found.compared:
        data["compared"] = {
            "measures": dict(found.compared.measures),
            "missing": found.compared.missing,
            "differences": {
                name: {**asdict(each), "interval": _bounds(each.interval)}
                for name, each in found.compared.differences.items()
            },
        }
    if found.worst:
        data["worst"] = [asdict(case) for case in found.worst]
    return data


def _bounds(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None


def _told(found: Evaluation) -> Iterator[str]:
    for name, value in found.measures.items():
        interval = found.intervals[name] if found.intervals else None
        yield f"{name:12}{value:.3f}" + (f"   {interval.low:.3f} to {interval.high:.3f}" if interval else "")
    left_out = f", {found.unjudged:,} without judgements left out" if found.unjudged else ""
    yield f"{found.queries:,} quer{'y' if found.queries == 1 else 'ies'}{left_out}"
    if found.unasked:
        yield f"judged query ids that are not among the queries: {found.unasked:,}"
    if found.hopeless:
        yield f"queries without a relevant article, which count 0: {found.hopeless:,}"
    if found.unknown:
        named = ", ".join(found.unknown[:_NAMED]) + (", …" if len(found.unknown) > _NAMED else "")
        yield f"relevant articles that are not in the index: {len(found.unknown):,} ({named})"
    if found.compared:
        yield from _comparison(found.measures, found.compared)
    if found.worst:
        yield from _cases(found.worst)


def _comparison(measures: Mapping[str, float], compared: Comparison) -> Iterator[str]:
    yield ""
    yield f"{'':12}{'here':>7}{'run':>7}  difference{'':19}won   lost   tied"
    for name, each in compared.differences.items():
        bounds = f"{each.interval.low:+.3f} to {each.interval.high:+.3f}" if each.interval else ""
        values = f"{measures[name]:7.3f}{compared.measures[name]:7.3f}"
        yield f"{name:12}{values}  {each.mean:+.3f} {bounds:16}{each.won:9,}{each.lost:7,}{each.tied:7,}"
    if compared.missing:
        yield f"judged queries that are not in the run, where they count 0: {compared.missing:,}"


def _cases(cases: Sequence[Case]) -> Iterator[str]:
    yield ""
    yield "Worst, by nDCG@10" + (" against the run" if cases[0].other else "")
    for case in cases:
        against = f" ({case.other['nDCG@10']:.3f} in the run)" if case.other else ""
        place = f"a relevant article at {case.place}" if case.place else f"none of the first {DEPTH} is relevant"
        yield f"{case.query}  {case.text}"
        yield f"    {case.measures['nDCG@10']:.3f}{against}; {place}; first hit {case.top or '—'}"
        yield f"    relevant: {', '.join(case.relevant[:_NAMED])}{', …' if len(case.relevant) > _NAMED else ''}"
