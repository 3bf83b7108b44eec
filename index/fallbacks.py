"""How often a question could not be answered by our own searcher and went to Whoosh's: a file beside the index."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FILE_NAME = "fallbacks"


def record(root: Path) -> None:
    """Count one more. Several processes may do so at once; where nothing may be written, nothing is counted."""
    with suppress(OSError):
        descriptor = os.open(root / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            os.write(descriptor, b".")  # appended in one step: the count is the file's size
        finally:
            os.close(descriptor)


def count(root: Path) -> int:
    """Return how many there were since the index was made."""
    try:
        return (root / FILE_NAME).stat().st_size
    except OSError:
        return 0
