"""Kernels: functions over arrays, compiled by numba when their module is first imported, and cached from then on.

A kernel names its types when it is declared, so that it is compiled (or its compiled form loaded) at import and never
in the middle of a question. ``fihris compile`` imports all of them once, when an environment is made.

What a kernel calls is compiled into it, and so are constants; numba looks only at a kernel's own file to tell whether
its cached form is still good. The cache's directory is therefore named by a digest of the sources of all kernels and of
the modules whose constants they use.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from numba import config, njit, types
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""What a kernel is handed, to the type checker; the signature says which array it is."""

Kernel: TypeAlias = Callable[..., Any]

U8, U16, U32, U64 = types.uint8, types.uint16, types.uint32, types.uint64
I32, I64, F32, F64 = types.int32, types.int64, types.float32, types.float64


def read(item: Any, dimensions: int = 1) -> Any:
    """The type of an array that a kernel only reads; one that may be written to is taken as well."""
    return types.Array(item, dimensions, "C", readonly=True)


def written(item: Any, dimensions: int = 1) -> Any:
    """The type of an array that a kernel writes to."""
    return types.Array(item, dimensions, "C")


def several(*items: Any) -> Any:
    """The type of what a kernel returns that returns several things."""
    return types.Tuple(items)  # type: ignore[no-untyped-call]


CONSTANTS = (
    "index/codec/layout.py",
    "index/schema.py",
    "index/families/kinds.py",
    "index/arabic/tokens.py",
    "index/arabic/letters.py",
    "index/arabic/vowels.py",
)
"""Modules without kernels from which kernels take constants."""

_CACHE = "kernels-"


def _digest(root: Path) -> str:
    """Return a digest of the sources that compiled code is made of."""
    digest = hashlib.blake2b(digest_size=8)
    for package in ("index", "search"):
        for path in sorted((root / package).rglob("*.py")):
            source = path.read_bytes()
            name = path.relative_to(root).as_posix()
            if name in CONSTANTS or b"index.compilation import" in source or path == Path(__file__).resolve():
                digest.update(name.encode() + source)
    return digest.hexdigest()


def _cache_directory() -> Path | None:
    """Make the directory of the cache: under NUMBA_CACHE_DIR, beside the program, or in the user's cache.

    Returns the first that can be written, None where none can. What older sources left beside the program is removed.
    """
    root = Path(__file__).resolve().parent.parent
    name = _CACHE + _digest(root)
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    own = root / "index" / "__pycache__"
    # A user who is only a number, as in a container, has no home, and the path stays relative.
    home = Path(os.path.expanduser("~"), ".cache", "fihris")
    places = (Path(chosen),) if chosen else (own, home) if home.is_absolute() else (own,)
    for place in places:
        directory = place / name
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory):
                pass
        except OSError:
            continue
        if place == own:  # no other version of the program can be at work with what else lies there
            for old in place.glob(f"{_CACHE}*"):
                if old != directory:
                    shutil.rmtree(old, ignore_errors=True)
        return directory
    logging.getLogger("fihris").warning(
        "compiled code cannot be cached in %s: every start compiles it anew, which takes a while; make one of them "
        "writable or set NUMBA_CACHE_DIR to a directory that is",
        " or ".join(map(str, places)),
    )
    return None


CACHE = _cache_directory()
"""Where compiled code is kept, or None where it cannot be."""

if CACHE is not None:
    config.CACHE_DIR = str(CACHE)  # type: ignore[attr-defined]

KERNELS: list[Any] = []
"""All kernels of the modules that were imported, as numba's dispatchers."""


def kernel(*signatures: Any, inline: Literal["never", "always"] = "never") -> Callable[[Kernel], Kernel]:
    """Compile a function for these signatures, each made by ``result(argument, …)``; ``inline`` is numba's option.

    Division by zero gives infinity, as in numpy, and the interpreter's lock is let go while a kernel runs.
    """

    def decorate(function: Kernel) -> Kernel:
        compiled = njit(list(signatures), nogil=True, error_model="numpy", cache=CACHE is not None, inline=inline)(
            function
        )
        KERNELS.append(compiled)
        return cast(Kernel, compiled)

    return decorate
