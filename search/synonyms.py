"""The operator's synonyms as questions see them: read again as soon as their file changes."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from index.synonyms import Synonyms, SynonymsError, read_synonyms, synonyms_setting

_log = logging.getLogger("fihris")


class SynonymFile:
    """A file that an operator may write at any time; may be shared by threads.

    A file that has become unusable leaves what was read before in force, and is told of once.
    """

    def __init__(self, path: str) -> None:
        """Read the file, none where ``path`` is empty; raises SettingsError where it cannot be used at all.

        Lines that are left out are logged.
        """
        self._path = path
        self._lock = threading.Lock()
        self._stamp = self._now()
        self._synonyms = self._told(synonyms_setting(path))

    def current(self) -> Synonyms:
        """Return what the file says now; costs one look at its date."""
        if self._path and self._now() != self._stamp:
            with self._lock:
                stamp = self._now()
                if stamp != self._stamp:
                    self._stamp = stamp
                    try:
                        self._synonyms = self._told(read_synonyms(Path(self._path)))
                    except SynonymsError as error:
                        _log.warning("%s; the synonyms read before stay in force", error)
        return self._synonyms

    @property
    def stamp(self) -> tuple[int, int, int] | None:
        """What changes when the file does; None where there is none."""
        self.current()
        return self._stamp

    def _now(self) -> tuple[int, int, int] | None:
        if not self._path:
            return None
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _told(self, synonyms: Synonyms) -> Synonyms:
        for fault in synonyms.faults:
            _log.warning("%s, line %d is left out: %s", self._path, fault.line, fault.reason)
        return synonyms
