"""Words that an operator wants left whole: read from a file that a setting names."""

from __future__ import annotations

from pathlib import Path

from index.arabic import words
from index.arabic.coding import digests_of, packed


class ProtectedWordsError(ValueError):
    """The file of protected words cannot be used; the text names it, and the line where there is one."""


def read_protected(path: Path) -> frozenset[str]:
    """Read a UTF-8 file with a word a line, as it is written; empty lines and lines that begin with # are passed over.

    Returns the folded words. Raises ProtectedWordsError for a line that is not one Arabic word.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ProtectedWordsError(f"{path}: not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise ProtectedWordsError(f"FIHRIS_PROTECTED: {path} cannot be read ({error.strerror})") from None
    protected = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = words(line)
        if len(found) != 1 or not digests_of(*packed(found))[0]:
            raise ProtectedWordsError(f"{path}, line {number}: {line.strip()!r} is not one Arabic word")
        protected.add(found[0])
    return frozenset(protected)
