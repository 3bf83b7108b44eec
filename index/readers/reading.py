"""All sources, one after another: each opened, its format found, and what its format yields passed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from index.article import Article, Rejection
from index.readers import jsonarray, jsonlines, plaintext, table, webpage
from index.readers.charset import utf8_head
from index.readers.guess import format_of, json_format_of
from index.readers.inputs import Format, Input
from index.readers.options import ReadOptions
from index.readers.records import Ledger, Records
from index.readers.sources import Source, expand
from index.readers.streams import READ_ERRORS, Opened

_FORMATS: Mapping[str, Format] = {
    "jsonl": jsonlines.read,
    "json": jsonarray.read,
    "csv": table.read,
    "text": plaintext.read,
    "html": webpage.read,
}


class Reading:
    """Iterate it once for the articles and rejections of ``sources``, in order.

    A source is a file, a folder (its files of known kinds, also those in its folders), a glob, or ``-`` for
    standard input. Raises SourceError at once where a source does not exist or matches nothing; after that,
    nothing but rejections tells of what cannot be read.

    Afterwards (and meanwhile) ``files`` and ``records`` count what was read, ``leavings`` the lines of site
    furniture that were removed, and ``ignored_fields`` names the input fields that fill no field of an
    article.
    """

    def __init__(self, sources: Sequence[str], options: ReadOptions | None = None) -> None:
        self._options = options or ReadOptions()
        self._sources = expand(sources, self._options)
        self._ledger = Ledger()
        self._records = Records(self._options.mapping, self._ledger)
        self._opened: Opened | None = None
        self._given: Input | None = None
        self._bytes_before = 0
        sizes = [source.size for source in self._sources]
        self._bytes_in_all = sum(size or 0 for size in sizes) if None not in sizes else 0
        self.files = 0
        self.records = 0

    @property
    def ignored_fields(self) -> set[str]:
        """Names of input fields that fill no field of an article."""
        return self._ledger.ignored_fields

    @property
    def leavings(self) -> int:
        """How many lines of site furniture were removed from the ends of texts."""
        return self._ledger.leavings

    def place(self) -> tuple[str, int]:
        """The file and the line (0: not known) of the record that came last; an empty name before the first."""
        return (self._given.name, self._given.line) if self._given is not None else ("", 0)

    def position(self) -> tuple[int, int]:
        """How many bytes of the files were read so far, and of how many (0: not known, as for ``-``)."""
        read = self._bytes_before + (self._opened.position() if self._opened is not None else 0)
        return read, self._bytes_in_all

    def __iter__(self) -> Iterator[Article | Rejection]:
        for source in self._sources:
            self.files += 1
            for item in self._source(source):
                self.records += 1
                yield item
            self._bytes_before += source.size or 0

    def _source(self, source: Source) -> Iterator[Article | Rejection]:
        line = 0
        try:
            with Opened(source) as self._opened:
                given = self._given = Input(
                    name=source.name,
                    stream=self._opened.stream,
                    limit=self._options.max_line_bytes,
                    records=self._records,
                    ledger=self._ledger,
                    tabbed=".tsv" in PurePath(source.path).name.lower(),
                )
                try:
                    yield from _FORMATS[self._format(source.format, given)](given)
                finally:
                    line = given.line
        except READ_ERRORS as error:
            cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
            yield Rejection(source.name, line, "", f"cannot be read{' beyond this line' if line else ''}: {cause}")
        finally:
            self._opened = None

    def _format(self, form: str, given: Input) -> str:
        if form == "auto":
            return format_of(utf8_head(given.stream), given.records.text_names)
        if form == "json":
            return json_format_of(utf8_head(given.stream))
        return form
