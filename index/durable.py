"""Files that survive a crash: everything is on disk before the name that points to it changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile


def sync_directory(directory: Path) -> None:
    """Force a directory's entries (created, renamed and removed names) to disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def temporary_name(path: Path) -> Path:
    """Where ``write_atomically`` writes first; a crash may leave that file."""
    return path.with_name(f".{path.name}.new")


def write_atomically(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` in one step: a reader sees the old content or the new one, never a part.

    The temporary file lies in the same directory and is synced before it is renamed.
    """
    temporary = temporary_name(path)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


class DurableStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's directory of files: a lasting file is synced as it is closed, the directory before a rename and after.

    Whoosh syncs nothing itself. Segments are on disk before the table of contents (TOC) that names them is renamed into
    place: ours sync themselves (``index.codec.container``), and those of Whoosh's own codec are synced here.
    """

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **kwargs: Any) -> Any:
        """Create a file; a segment's or a TOC is synced when it is closed, all others are parts of one yet to come."""
        if name.endswith(".seg") or ".toc" in name:
            kwargs["onclose"] = _sync
        return super().create_file(name, excl=excl, mode=mode, **kwargs)

    def open_file(self, name: str, **kwargs: Any) -> Any:
        """Open a file for reading. A TOC is read at once: Whoosh leaves it open where it finds it damaged."""
        if name.endswith(".toc"):
            return BufferFile(Path(self.folder, name).read_bytes(), name=name, **kwargs)
        return super().open_file(name, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file in one step, after all other names in the directory are on disk, and sync the new one."""
        sync_directory(Path(self.folder))
        # Whoosh's own refuses an existing target when ``safe``; os.replace cannot half-do it either way.
        os.replace(Path(self.folder, oldname), Path(self.folder, newname))
        sync_directory(Path(self.folder))


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
