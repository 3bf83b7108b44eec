"""The page of relevance, ``docs/relevance.md``; every figure in it was measured by the run that wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.findings import MRR, Findings, Scores
from benchmarks.report import ms, table
from search.measures import MEASURES, Interval

_HEAD = """# Relevance

`make relevance` writes this page. The judged sets and corpora lie beside the repository and are not part of it.

## How it is measured

- The question sets (`arcd_train`, `tydi_ar_dev`, `xquad_ar`, `kaif_dev`) are asked of paragraphs of an encyclopaedia
  among a 90-word piece of every news article; headlines of the bodies of news articles; `quran_dev` of classical text.
- Mostly one document a question is judged, so an unjudged good answer counts as a miss: read differences, not levels.
- Fihris is asked as `/api/search?match=any` is; `fihris evaluate` gives the same hits, which is checked in every run.
- Lucene is run for this page: `ArabicAnalyzer` with its own stop words, any word matches, BM25 at two settings of k1/b,
  over the whole pool, title and text in one field. tantivy is given the same field, cut by its own tokenizer and
  stemmed by Snowball's Arabic stemmer, without stop words.
- Intervals are of 95 %, by bootstrap over queries; of differences, query by query.
- The sets were looked at while the ranking was made."""

QUESTIONS = "questions"
"""Heading of the mean over the question sets."""


def page(found: Findings) -> str:
    """The whole page."""
    return "\n\n".join((_HEAD, *_sections(found))) + "\n"


def _sections(found: Findings) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    lines = [f"{found.day}. {versions}."]
    lines += [f"{name} was not run, and none of its figures are given: {why}." for name, why in found.missing.items()]
    yield "\n".join(lines)
    yield "## The sets\n\n" + _sets(found)
    yield "## Against Lucene\n\n" + _against(found)
    yield "## Step by step"
    for measure in MEASURES:
        yield f"### {measure}\n\n{_steps(found, measure)}"
    if found.ablations:
        yield (
            "## What each constant earns\n\nMRR@10 with one thing switched off, against the ranking as shipped: "
            "below 0, it earns its place.\n\n" + _ablations(found)
        )
    yield "## Conflation\n\n" + _conflation(found)
    yield "## Cost\n\n" + _cost(found)


def _sets(found: Findings) -> str:
    rows = []
    for each in found.sets:
        means = found.shipped[each.name].means()
        size = found.sizes[each.pool]
        queries = len(each.queries())
        rows.append((f"`{each.name}`", each.kind, f"{queries:,}", f"{size:,}", *(_three(means[m]) for m in MEASURES)))
    return table(("set", "kind", "queries", "documents", *MEASURES), rows)


def _against(found: Findings) -> str:
    if not found.lucene:
        return "Not compared."
    rows = []
    for each in found.sets:
        ours = found.shipped[each.name]
        better = found.better_lucene(each.name)
        if better is None:
            continue
        label, other = better
        intervals = ours.intervals()
        difference = ours.against(other)[MRR]
        rows.append(
            (
                f"`{each.name}`", f"{_three(ours.means()[MRR])} ({_range(intervals[MRR] if intervals else None)})",
                f"{_three(other.means()[MRR])}", label.removeprefix("Lucene, "), f"**{_signed(difference.mean)}**",
                _range(difference.interval, signed=True), f"{difference.won}", f"{difference.lost}",
                f"{difference.tied}",
            )
        )  # fmt: skip
    head = ("MRR@10", "Fihris", "the better Lucene", "its setting", "difference", "interval", "won", "lost", "tied")
    return table(head, rows)


def _steps(found: Findings, measure: str) -> str:
    shipped = list(found.steps)[-1]
    rows = [
        (f"**{label} (as shipped)**" if label == shipped else label, *_cells(found, scores, measure))
        for label, scores in (*found.lucene.items(), *found.others.items(), *found.steps.items())
    ]
    return table(("", *(f"`{each.name}`" for each in found.sets), QUESTIONS), rows)


def _cells(found: Findings, scores: Scores, measure: str) -> tuple[str, ...]:
    mean = found.question_mean(scores, measure)
    values = (_three(scores[each.name].means()[measure]) for each in found.sets)
    return (*values, "" if mean is None else _three(mean))


def _ablations(found: Findings) -> str:
    shipped = found.question_mean(found.shipped)
    rows = []
    for label, scores in found.ablations.items():
        differences = [
            _signed(scores[each.name].means()[MRR] - found.shipped[each.name].means()[MRR]) for each in found.sets
        ]
        mean = found.question_mean(scores)
        rows.append((label, *differences, "" if mean is None or shipped is None else _signed(mean - shipped)))
    return table(("without", *(f"`{each.name}`" for each in found.sets), QUESTIONS), rows)


def _conflation(found: Findings) -> str:
    rows = [(label, _three(each.precision), _three(each.recall), _three(each.f1))
            for label, each in found.conflation.items()]  # fmt: skip
    return (
        "Pairs of written forms from treebanks: of those that a rule joins, how many are of one lemma; of those of one "
        "lemma, how many it joins (`python -m benchmarks.conflation`). Fihris: by what matches in an index of these "
        "words alone, so that the shipped lexicon carries it.\n\n" + table(("", "precision", "recall", "F1"), rows)
    )


def _cost(found: Findings) -> str:
    cost = found.cost
    reading = [
        (f"`{name}`", f"{whole.terms:.1f}", f"{cost.base[name].postings:,.0f}", f"{whole.postings:,.0f}")
        for name, whole in cost.whole.items()
    ]
    building = [(name, f"{each.seconds:.1f}", f"{each.families:.1f}", f"{each.families / each.seconds:.0%}")
                for name, each in cost.built.items()]  # fmt: skip
    spreads = []
    for when, (base, whole) in cost.times.items():
        for part, pair in (("p50", (base.p50, whole.p50)), ("p95", (base.p95, whole.p95))):
            spreads.append((f"{when}, {part}", *map(ms, pair), f"{pair[1] / pair[0]:.2f}"))
    first = next(iter(found.steps))
    return "\n\n".join(
        (
            "Terms that a word is looked up as, and posting entries that these terms have, by means; they are counted, "
            "not timed, and kernels may pass over some.",
            table(("", "terms a word", f"postings a query, {first}", "as shipped"), reading),
            "Milliseconds of CPU a question, ten hits, no article read, all sets together, the two asked in turns. "
            "A word's forms are remembered from when it was first asked:",
            table(("", first, "as shipped", "×"), spreads),
            "CPU seconds of `fihris reindex` by one process, and of its table of families:",
            table(("pool", "all", "families", "share"), building),
        )
    )


def _three(value: float) -> str:
    return f"{value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _range(interval: Interval | None, signed: bool = False) -> str:
    if interval is None:
        return ""
    each = _signed if signed else _three
    return f"{each(interval.low)} to {each(interval.high)}"
