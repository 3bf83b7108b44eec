"""The record as a page of tables, ``docs/benchmarks.md``; every figure in it comes from the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.goals import GOALS
from benchmarks.peers.roster import FIHRIS, LABELS, NAMES
from benchmarks.queries import KINDS
from benchmarks.record import Circumstances, Growth, Record, Run, Spread

_MEGA = 1e6

_HEAD = """# Benchmarks

`make bench` writes this page; `docs/benchmarks.json` keeps the measurements, a run of one size replacing only its own.
Timings move with the machine: read the ratios.

## How it is measured

- The articles are real Arabic news, the larger sizes made of it (see the end). Every engine gets the same
  ones and the same questions, and stores the articles.
- Every peer is given our folded words with a space between, and cuts at spaces. So all match alike: a run stops where
  two of them find different totals. The clock of the peers leaves out the folding; ours includes it. "With folding"
  adds the time that folding takes by itself, with the function that a caller of ours has for it (`index.arabic.words`);
  our own indexing has a faster way to the same words. Reading the articles from a file is left out for all.
- A word matches in the title or in the body; all rank by BM25 over both. Totals are exact. The peers return the numbers
  of the ten best hits; where counts by source are asked for, Fihris counts four facets.
- "Fihris" matches a word by its folded form alone and ranks by BM25F, as the peers do; with "families on", as it is
  served, it matches by all forms of a word and looks at the best articles a second time.
- Each engine runs in a process of its own, pinned to one core, and times itself: from the words of the question to the
  hits, building the query included. The questions of a kind are first asked unmeasured, then in rounds, all engines
  taking turns. A question's time is its median over the rounds; percentiles are over questions. "×" is the time against
  Fihris. By then Fihris remembers what each word gives to which article, as it does of words that were asked lately;
  `make relevance` tells what words cost that are asked for the first time.
- Questions are seeded: one to four neighbouring words of a headline without stop words; phrases of two neighbouring
  words of a headline or a body. Each kind draws its own.
- Indexing is one process and, for Fihris, also two, which are not pinned. tantivy, Lucene and Whoosh get as much memory
  for their buffers as Fihris; SQLite and Xapian have their defaults. Memory is the peak of resident memory. Indexes are
  as their engine leaves them, not merged into one segment."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are set to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def number(value: float) -> str:
    """Three significant digits, no more after the point than tell something."""
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}" if value >= 0.9995 else f"{value:.3f}"


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return number(seconds * 1e3)


def mb(size: float) -> str:
    """Bytes as millions."""
    return number(size / _MEGA)


def page(record: Record) -> str:
    """The whole page."""
    parts = [_HEAD, _goals(record)]
    parts += [_run(size, run) for size, run in sorted(record.runs.items(), key=lambda item: item[1].articles)]
    if record.growth:
        parts.append(_growth(record.growth))
    return "\n\n".join(parts) + "\n"


def _goals(record: Record) -> str:
    rows: list[tuple[str, str, str, str]] = []
    for goal in GOALS:
        value = goal.value(record)
        bound = f"{'≥' if goal.at_least else '≤'} {goal.bound:g} {goal.unit}"
        if value is None:
            rows.append((goal.what, bound, "not measured", ""))
        else:
            rows.append((goal.what, bound, f"{number(value)} {goal.unit}", "yes" if goal.met(value) else "**no**"))
    return "## Goals\n\n" + table(("what", "goal", "measured", "met"), rows)


def _run(size: str, run: Run) -> str:
    return "\n\n".join(_sections(size, run))


def _sections(size: str, run: Run) -> Iterator[str]:
    yield f"## {size}: {run.articles:,} articles"
    yield _circumstances(run.circumstances)
    yield f"### Indexing\n\nFolding all words beforehand took {run.folding:.1f} s.\n\n{_building(run)}"
    yield f"### Questions\n\n{run.questions:,} of each kind, {run.rounds} rounds, milliseconds.\n\n{_asking(run)}"
    if run.marks:
        rows = [(LABELS[name], *_three(marks.plain), *_three(marks.marked), *_three(marks.cost))
                for name, marks in run.marks.items()]  # fmt: skip
        heads = [f"{what} {part}" for what in ("search", "marked", "difference") for part in ("p50", "p95", "p99")]
        yield (
            "### Fragments\n\nOR questions with ten hits or more, milliseconds: without and with the fragments of the "
            "ten, and the difference question by question.\n\n" + table(("", *heads), rows)
        )
    starts = [(LABELS[name], number(seconds)) for name, seconds in run.starts.items()]
    yield "### From process start to the first answer\n\n" + table(("", "s"), starts)
    if run.serving:
        yield _serving(run)


def _circumstances(found: Circumstances) -> str:
    machine = ", ".join(f"{name} {value}" for name, value in found.machine.items())
    versions = ", ".join(f"{LABELS.get(name, name)} {version}" for name, version in found.versions.items())
    lines = [f"{found.day}, `{found.command}`. {machine}. {versions}."]
    lines += [f"{name} is left out: {reason}." for name, reason in found.missing.items()]
    return "\n".join(lines)


def _building(run: Run) -> str:
    ours = run.builds.get(FIHRIS)
    rows: list[tuple[str, ...]] = []
    for name in NAMES:
        if name not in run.builds:
            continue
        built = run.builds[name]
        beforehand = 0.0 if name == FIHRIS else run.folding
        rates = [run.articles / built.seconds, run.articles / (built.seconds + beforehand)]
        against = number(built.size / ours.size) if ours else ""
        facts = (number(built.cpu), mb(built.size), against, mb(built.memory), str(built.segments))
        rows.append((LABELS[name], *map(number, rates), *facts))
    if run.jobs:
        two = number(run.articles / run.jobs.wall)
        facts = (number(run.jobs.cpu), mb(run.jobs.size), "", mb(run.jobs.memory), str(run.jobs.segments))
        rows.append((f"{LABELS[FIHRIS]}, two processes", two, two, *facts))
    return table(("", "articles/s", "with folding", "CPU s", "MB on disk", "×", "peak MB", "segments"), rows)


def _asking(run: Run) -> str:
    rows: list[tuple[str, ...]] = []
    for kind, spreads in run.spreads.items():
        ours = spreads.get(FIHRIS)
        for place, (name, each) in enumerate(spreads.items()):
            ratios = [f"{number(a / b)}×" for a, b in zip(_parts(each), _parts(ours or each), strict=True)]
            rows.append((KINDS[kind].name if not place else "", LABELS[name], *_three(each), *ratios))
    return table(("kind", "engine", "p50", "p95", "p99", "p50", "p95", "p99"), rows)


def _parts(spread: Spread) -> tuple[float, float, float]:
    return spread.p50, spread.p95, spread.p99


def _three(spread: Spread) -> tuple[str, ...]:
    return tuple(map(ms, _parts(spread)))


def _serving(run: Run) -> str:
    if not run.serving:
        return ""
    serving = run.serving
    rows = [("`/api/search`, one worker, one client, ms", *_three(serving.one))]
    load = "wrk is not installed: requests a second were not measured."
    if serving.requests is not None and serving.wrk is not None:
        rows.append((f"under load, {serving.workers} workers, ms", *_three(serving.wrk)))
        load = f"wrk got {number(serving.requests)} requests a second from {serving.workers} workers."
    memory = f"A worker then holds {mb(serving.private)} MB of its own of {mb(serving.resident)} MB resident."
    if serving.started is not None:
        memory += f" When it had opened the index it held {mb(serving.started)} MB of its own."
    return (
        "### The service\n\n`fihris serve` as it is, over HTTP on the same machine, families, facets and fragments on; "
        f"the client runs there too.\n\n{table(('', 'p50', 'p95', 'p99'), rows)}\n\n{load} {memory}"
    )


def _growth(growth: Growth) -> str:
    origin = growth.real[-1]
    rows = []
    for name, points in (("real", growth.real), ("grown", growth.grown)):
        for point in points:
            expected = origin.distinct * (point.tokens / origin.tokens) ** growth.beta
            facts = (
                f"{point.articles:,}",
                f"{point.tokens:,}",
                f"{point.distinct:,}",
                number(point.distinct / expected),
            )
            rows.append((name, *facts))
    return (
        "## How the vocabulary grows\n\nThe larger sizes are made of real sentences with a share of coined words "
        "(`benchmarks/growth.py` tells how). Over the real articles, in a shuffled order, V = K·Nᵝ (Heaps) fits with "
        f"β = {growth.beta:.3f}. Of the grown articles' words {growth.share:.2%} are coined. The last column is the "
        "vocabulary against the law carried on from all real articles.\n\n"
        + table(("", "articles", "words", "different words", "against the law"), rows)
    )
