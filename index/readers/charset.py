"""Bytes in any usual encoding → UTF-8 bytes, so that every format reads one encoding only."""

from __future__ import annotations

import codecs
import io
from contextlib import suppress
from typing import cast

from charset_normalizer import from_bytes

from index.readers.streams import CHUNK, READ_ERRORS

_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARABIC = ["cp1256", "iso8859_6", "cp720"]
_LIKELY = [*_ARABIC, "cp1252"]
_ASCII = bytes(range(128))
_FEW = 512
_VERY_FEW = 16
_LEAST_LETTERS = 4
_SAMPLE = 1 << 16


def _invalid(error: UnicodeError) -> tuple[str, int]:
    # A byte that UTF-8 never has: the record it falls into is rejected when it is decoded.
    return "\udcff", cast("UnicodeDecodeError", error).end


codecs.register_error("fihris-invalid", _invalid)


def byte_order_mark(head: bytes) -> tuple[str, int]:
    """The encoding that a byte order mark at the start names, and the mark's length; else ("", 0)."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "", 0


def detect(sample: bytes) -> str:
    """The encoding of ``sample``, which holds bytes beyond ASCII and may end within a character.

    UTF-8 where most of these bytes are well-formed UTF-8, or hardly any is there: then the others are damage.
    Else the likeliest of the single-byte encodings; a short sample is taken as Arabic, a very short one as
    Windows-1256 (it has the French letters as well).
    """
    beyond = sample.translate(None, _ASCII)
    good = len(codecs.getincrementaldecoder("utf-8")("ignore").decode(sample).encode("utf-8"))
    if 2 * (good - (len(sample) - len(beyond))) > len(beyond):
        return "utf-8"
    if len(beyond) < _VERY_FEW:
        # Too few for statistics.
        letters = sum(0xC0 <= byte <= 0xFB for byte in beyond)
        return "cp1256" if letters >= _LEAST_LETTERS else "utf-8"
    telling = sample.lstrip(_ASCII)[:_SAMPLE]
    best = from_bytes(telling, cp_isolation=_ARABIC if len(beyond) < _FEW else _LIKELY).best()
    return best.encoding if best is not None and best.encoding in _LIKELY else "cp1256"


class _Utf8(io.RawIOBase):
    """Passes ASCII and UTF-8 on as they are and turns other encodings into UTF-8.

    The encoding is decided once, by the first chunk that is not ASCII, so a stream of any length is read
    once.
    """

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._ready = memoryview(b"")
        self.encoding = ""
        self.skipped = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._started = False

    def readable(self) -> bool:
        return True

    def readinto(self, target: object, /) -> int:
        view = memoryview(cast("bytearray", target))
        while not self._ready:
            chunk = self._source.read1(CHUNK)
            final = not chunk
            self._ready = memoryview(self._converted(chunk, final))
            if final:
                break
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _converted(self, chunk: bytes, final: bool) -> bytes:
        if not self._started:
            self._started = True
            encoding, self.skipped = byte_order_mark(chunk)
            chunk = chunk[self.skipped :]
            if encoding:
                self._decide(encoding)
        if not self.encoding and not chunk.isascii():
            # A single odd letter at the end of the chunk would be a poor sample: add what follows.
            following = b""
            with suppress(*READ_ERRORS):  # told when it is read: what came before it is good
                following = self._source.peek(CHUNK)[:CHUNK]
            self._decide(detect(chunk + following))
        if self._decoder is None:
            return chunk
        return self._decoder.decode(chunk, final).encode("utf-8", "surrogatepass")

    def _decide(self, encoding: str) -> None:
        self.encoding = encoding
        if encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(encoding)("fihris-invalid")


class Utf8Stream(io.BufferedReader):
    """The bytes of ``source`` as UTF-8 without a byte order mark; only damaged ones do not decode as such."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._conversion = _Utf8(source)
        super().__init__(self._conversion, CHUNK)

    def fault(self, offset: int, byte: int) -> str:
        """The sentence for a byte that does not decode; ``offset`` is its place in this stream."""
        if self._conversion.encoding in ("", "utf-8"):
            return f"byte {offset + self._conversion.skipped} (0x{byte:02X}) is not UTF-8"
        return f"not decodable as {self._conversion.encoding}"


def utf8_head(stream: io.BufferedReader) -> bytes:
    """The beginning of ``stream`` as UTF-8, damage left out, without reading on."""
    head = stream.peek(CHUNK)
    return _Utf8(io.BufferedReader(io.BytesIO(head[:CHUNK]))).read(4 * CHUNK) or b""
