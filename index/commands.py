"""The commands that write the index: reindex, add, delete, rollback, and status."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
from tqdm import tqdm

from index.embedded import EmbeddedWriter
from index.generations import NoIndexError, RefusedIndexError
from index.intake import Intake, RejectLog, StrictError
from index.lock import LockedError
from index.opensearch.connection import ClusterError
from index.parts import BuildError
from index.protected import ProtectedWordsError, read_protected
from index.readers import FORMATS, Reading, ReadOptions, SourceError, parse_mapping
from index.settings import Settings, SettingsError
from index.synonyms import SynonymsError, read_synonyms
from index.writers import open_writer
from index.writing import Change, Command, PublicationError, Writer

P = ParamSpec("P")

DEFAULT_MEMORY = 512
DEFAULT_WAIT = 60.0
_PROGRESS_EVERY = 10_000
_REASONS_SHOWN = 5

SAMPLE = Path(__file__).parent / "sample"
"""The bundled articles, one JSON Lines file a section."""

_FAILURES = (
    BuildError, ClusterError, LockedError, NoIndexError, OSError, ProtectedWordsError, PublicationError,
    RefusedIndexError, SettingsError, SourceError, StrictError,
)  # fmt: skip


def failing_clearly(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what can go wrong into one line on stderr and exit status 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            raise  # whoever read the output has seen enough: click ends quietly
        except _FAILURES as error:
            raise click.ClickException(str(error)) from error

    return wrapped


def index_option(command: Callable[P, None]) -> Callable[P, None]:
    """Add ``--index``, which goes before FIHRIS_INDEX."""
    return click.option(
        "--index",
        "directory",
        type=click.Path(path_type=Path, file_okay=False),
        help="Directory of the index  [default: FIHRIS_INDEX, else var/index]",
    )(command)


def index_directory(directory: Path | None) -> Path:
    """Return the directory to use: the option's, else the setting's."""
    settings = Settings.from_environment()  # read even where the option is given: a bad setting must not pass unseen
    return directory or settings.index


def protected_words() -> frozenset[str]:
    """Return the words of FIHRIS_PROTECTED; raises ProtectedWordsError."""
    path = Settings.from_environment().protected
    return read_protected(Path(path)) if path else frozenset()


def _reading_options(command: Callable[P, None]) -> Callable[P, None]:
    for option in (
        click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True),
        click.option("--map", "mapping", multiple=True, metavar="FIELD=NAME", help="Name of a field in the input."),
        click.option("--strict", is_flag=True, help="Stop at the first bad record."),
        click.option("--memory", type=click.IntRange(32), default=DEFAULT_MEMORY, show_default=True, metavar="MB"),
        _wait_option,
        index_option,
    ):
        command = option(command)
    return command


_wait_option = click.option(
    "--wait",
    type=click.FloatRange(0),
    default=DEFAULT_WAIT,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another writer.",
)


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _locked(directory: Path | None, command: Command, told: str, wait: float) -> Iterator[Writer]:
    writer = _writer(directory)
    with _terminable(), writer.locked(command, told, wait, on_wait=_say):
        yield writer


def _writer(directory: Path | None) -> Writer:
    settings = Settings.from_environment()
    return open_writer(replace(settings, index=directory or settings.index))


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: through every ``finally``, so that nothing is left behind."""

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; a second must not stop the cleaning up
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Progress:
    """A bar on a terminal, else a line every so many records; on stderr."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._records = 0
        total = reading.position()[1] or None
        self._bar = tqdm(total=total, unit="B", unit_scale=True, disable=None, file=sys.stderr, leave=False)

    def __call__(self) -> None:
        self._records += 1
        if self._bar.disable:
            if self._records % _PROGRESS_EVERY == 0:
                _say(f"{self._records:,} records read")
        elif self._records % 100 == 0:
            self._bar.update(self._reading.position()[0] - self._bar.n)

    def close(self) -> None:
        self._bar.close()


Write = Callable[[Writer, Intake, RejectLog], Change]


def _read_and_write(
    name: Command,
    write: Write,
    sources: tuple[str, ...],
    directory: Path | None,
    form: str,
    mapping: tuple[str, ...],
    strict: bool,
    wait: float,
) -> None:
    try:
        fields = parse_mapping(mapping)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--map") from error
    reading = Reading(sources, ReadOptions(format=form, mapping=fields))
    with _locked(directory, name, f"fihris {name} {' '.join(sources)}"[:200], wait) as writer:
        progress = _Progress(reading)
        with RejectLog(writer.reject_log(name)) as log:
            try:
                change = write(writer, Intake(reading, log, strict=strict, progress=progress), log)
            finally:
                progress.close()
                _report_reading(reading, log)
    click.echo(_written(name, change))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _written(name: str, change: Change) -> str:
    rate = f"{change.written / change.seconds:,.0f} articles/s" if change.seconds else ""
    if name == "reindex":
        return (
            f"Published {_counted(change.written, 'article')} in {change.seconds:.1f} s ({rate}): {change.generation}"
        )
    return (
        f"Added {_counted(change.written, 'article')}, {change.removed:,} of which replaced older ones, "
        f"in {change.seconds:.1f} s: {change.generation}"
    )


def _report_reading(reading: Reading, log: RejectLog) -> None:
    click.echo(f"Read {_counted(reading.records, 'record')} in {_counted(reading.files, 'file')}")
    if log.count:
        click.echo(f"Rejected {log.count:,}, with file, line, field and reason in {log.path}:")
        for reason, count in log.reasons.most_common(_REASONS_SHOWN):
            click.echo(f"  {count:,} × {reason}")
        if len(log.reasons) > _REASONS_SHOWN:
            click.echo(f"  and {_counted(len(log.reasons) - _REASONS_SHOWN, 'further reason')}")
    if reading.leavings:
        click.echo(f"Removed {_counted(reading.leavings, 'line')} of site furniture at the ends of texts")
    if reading.ignored_fields:
        click.echo(f"Ignored fields: {', '.join(sorted(reading.ignored_fields))}")


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--jobs", type=click.IntRange(1), help="Processes  [default: all cores]")
@click.option("--force", is_flag=True, help="Publish even nothing, or far fewer articles than are live.")
@_reading_options
@failing_clearly
def reindex(sources: tuple[str, ...], jobs: int | None, force: bool, memory: int, wait: float, **options: Any) -> None:
    """Build a new index from files, folders, globs or - (standard input) and publish it in one step."""
    protected = protected_words()

    def write(writer: Writer, intake: Intake, log: RejectLog) -> Change:
        return writer.rebuild(
            intake,
            jobs=jobs or os.cpu_count() or 1,
            memory=memory,
            force=force,
            rejected=lambda: log.count,
            protected=protected,
        )

    _read_and_write("reindex", write, sources, wait=wait, **options)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_reading_options
@failing_clearly
def add(sources: tuple[str, ...], memory: int, wait: float, **options: Any) -> None:
    """Insert or replace articles by id in the live index."""
    protected = protected_words()

    def write(writer: Writer, intake: Intake, log: RejectLog) -> Change:
        return writer.add(intake, memory=memory, protected=protected)

    _read_and_write("add", write, sources, wait=wait, **options)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@_wait_option
@index_option
@failing_clearly
def delete(ids: tuple[str, ...], wait: float, directory: Path | None) -> None:
    """Remove articles from the live index."""
    with _locked(directory, "delete", "fihris delete", wait) as writer:
        change = writer.delete(ids)
    missing = len(set(ids)) - change.removed
    click.echo(f"Deleted {_counted(change.removed, 'article')}" + (f"; not there: {missing:,}" if missing else ""))
    if not change.removed:
        raise SystemExit(1)


@click.command()
@_wait_option
@index_option
@failing_clearly
def rollback(wait: float, directory: Path | None) -> None:
    """Publish the previous generation again; a second rollback undoes the first."""
    with _locked(directory, "rollback", "fihris rollback", wait) as writer:
        generation = writer.rollback()
    click.echo(f"Published {generation} again")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON object.")
@index_option
@failing_clearly
def status(as_json: bool, directory: Path | None) -> None:
    """Show engine, generation, articles, size on disk, when built, analysis version, and the operator's synonyms."""
    settings = Settings.from_environment()
    found = {"engine": settings.engine, **asdict(_writer(directory).status())}
    synonyms = _synonyms(settings.synonyms)
    if as_json:
        found["synonyms"] = synonyms
        click.echo(json.dumps(found, indent=1))
        return
    found["size"] = f"{found['size'] / 1e6:.1f} MB" if found["size"] > 1e5 else f"{found['size']:,} bytes"
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):18}{value}")
    if synonyms:
        told = synonyms["error"] or f"{_counted(synonyms['terms'], 'term')} in {synonyms['file']}"
        click.echo(f"{'synonyms':18}{told}")
        for fault in synonyms["left_out"]:
            click.echo(f"{'':18}line {fault['line']} is left out: {fault['reason']}")


def _synonyms(path: str) -> dict[str, Any] | None:
    """Return how the operator's file of synonyms was read, None where there is none."""
    if not path:
        return None
    try:
        read = read_synonyms(Path(path))
    except SynonymsError as error:
        return {"file": path, "error": str(error), "terms": 0, "left_out": []}
    return {"file": path, "error": None, "terms": read.rules, "left_out": [asdict(fault) for fault in read.faults]}


def build_sample(directory: Path) -> None:
    """Build an index of the bundled sample in ``directory`` and publish it; it takes about a second."""
    reading = Reading([str(SAMPLE)], ReadOptions())
    writer = EmbeddedWriter(directory)
    with (
        writer.locked("reindex", "fihris serve --sample", DEFAULT_WAIT),
        RejectLog(writer.reject_log("reindex")) as log,
    ):
        intake = Intake(reading, log, strict=True, progress=lambda: None)
        writer.rebuild(
            intake, jobs=1, memory=DEFAULT_MEMORY, force=False, rejected=lambda: log.count, protected=frozenset()
        )


COMMANDS: tuple[click.Command, ...] = (reindex, add, delete, rollback, status)
"""What the ``fihris`` command takes from this package."""
