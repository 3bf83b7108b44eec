"""Named arrays in one file: aligned, checked, and read in place.

::

    header      magic, format version (u32), padding to 64 bytes
    arrays      each from a multiple of 64 bytes on, little-endian
    directory   JSON: for each array its type, shape, offset and checksum; and a few numbers of the writer's own
    footer      directory's offset, length and checksum (u64 each), magic

A file is written once and never changed. Whatever is wrong with one is found when it is opened: arrays are handed to
compiled code that checks no bounds.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np
import xxhash
from numpy.typing import NDArray

FORMAT_VERSION = 3
"""Raise it with every change of this module's or ``layout``'s format."""

_MAGIC = b"fihris\xd9\x81"
_HEADER = struct.Struct("<8sI")
_FOOTER = struct.Struct("<QQQ8s")
_ALIGNMENT = 64

_Growing: TypeAlias = tuple[str, np.dtype[Any], int, xxhash.xxh3_64]
"""An array in the making: name, type, offset and running checksum."""


class DamagedFileError(RuntimeError):
    """A file is not what its checksums say; the text names it."""


class FormatVersionError(RuntimeError):
    """A file was written in another version of the format; the text names both."""


class ContainerWriter:
    """Writes a new file. As a context it completes and syncs the file at the end, or removes it after an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("xb")
        self._directory: dict[str, dict[str, Any]] = {}
        self._growing: _Growing | None = None
        self._file.write(_HEADER.pack(_MAGIC, FORMAT_VERSION))

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Write a whole array, of any shape."""
        self.begin(name, array.dtype)
        self.extend(array)
        self.end(array.shape)

    def begin(self, name: str, dtype: np.dtype[Any]) -> None:
        """Begin an array that is written piece by piece."""
        self._file.write(bytes(-self._file.tell() % _ALIGNMENT))
        self._growing = (name, np.dtype(dtype).newbyteorder("<"), self._file.tell(), xxhash.xxh3_64())

    def extend(self, piece: NDArray[Any] | bytes) -> None:
        """Append to the array that was begun."""
        _, dtype, _, checksum = self._current()
        if isinstance(piece, bytes):
            data = memoryview(piece)
        else:
            data = np.ascontiguousarray(piece, dtype).reshape(-1).view(np.uint8).data
        checksum.update(data)
        self._file.write(data)

    def end(self, shape: tuple[int, ...] | None = None) -> None:
        """Complete the array that was begun; without ``shape`` it has one dimension."""
        name, dtype, offset, checksum = self._current()
        size = (self._file.tell() - offset) // dtype.itemsize
        self._directory[name] = {
            "type": dtype.str, "shape": list(shape or (size,)), "offset": offset, "checksum": checksum.intdigest(),
        }  # fmt: skip
        self._growing = None

    def _current(self) -> _Growing:
        if self._growing is None:
            raise ValueError("no array was begun")
        return self._growing

    def complete(self, numbers: Mapping[str, int]) -> None:
        """Write the directory with the writer's own ``numbers``, and force the file to disk."""
        directory = json.dumps({"arrays": self._directory, "numbers": dict(numbers)}).encode()
        offset = self._file.tell()
        self._file.write(directory)
        self._file.write(_FOOTER.pack(offset, len(directory), xxhash.xxh3_64_intdigest(directory), _MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Close and remove the file."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> ContainerWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
        elif not self._file.closed:
            self.complete({})


@dataclass(frozen=True, slots=True)
class Container:
    """An open file: its arrays, read-only and in place (the file stays mapped as long as one of them is used)."""

    path: Path
    arrays: Mapping[str, NDArray[Any]]
    numbers: Mapping[str, int]
    size: int

    @classmethod
    def open(cls, path: Path, only: Collection[str] | None = None) -> Container:
        """Map a file and verify all of it; with ``only``, verify and give these arrays alone.

        Raises FileNotFoundError, FormatVersionError, or DamagedFileError where a byte is not what was written.
        """
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _HEADER.size + _FOOTER.size:
                raise DamagedFileError(f"{path} is damaged: it ends after {size} bytes")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, version = _HEADER.unpack_from(mapped, 0)
        if magic != _MAGIC:
            raise DamagedFileError(f"{path} is damaged: it does not begin as a file of arrays")
        if version != FORMAT_VERSION:
            raise FormatVersionError(
                f"{path} is of format version {version}, this program reads {FORMAT_VERSION}: "
                "run `fihris reindex` on your articles again"
            )
        offset, length, checksum, magic = _FOOTER.unpack_from(mapped, size - _FOOTER.size)
        if magic != _MAGIC or offset + length + _FOOTER.size != size:
            raise DamagedFileError(f"{path} is damaged: its end is missing")
        directory = mapped[offset : offset + length]
        if xxhash.xxh3_64_intdigest(directory) != checksum:
            raise DamagedFileError(f"{path} is damaged: its directory is not as it was written")
        content = json.loads(directory)
        view = memoryview(mapped)
        arrays = {
            name: _array(path, view, name, entry)
            for name, entry in content["arrays"].items()
            if only is None or name in only
        }
        return cls(path, arrays, content["numbers"], size)


def _array(path: Path, view: memoryview, name: str, entry: Mapping[str, Any]) -> NDArray[Any]:
    dtype = np.dtype(entry["type"])
    count = int(np.prod(entry["shape"], dtype=np.int64))
    offset = entry["offset"]
    if xxhash.xxh3_64_intdigest(view[offset : offset + count * dtype.itemsize]) != entry["checksum"]:
        raise DamagedFileError(f"{path} is damaged: {name} is not as it was written")
    return np.frombuffer(view, dtype, count, offset).reshape(entry["shape"])
