"""How long a question may take."""

from __future__ import annotations

import time


class Deadline:
    """The moment after which a query stops reading. ``passed`` remembers that it did, so that the answer can say so."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` from now; 0 is no limit."""
        self._end = time.monotonic() + seconds if seconds else float("inf")
        self.passed = False

    def check(self) -> bool:
        """Tell whether time is up."""
        if not self.passed and time.monotonic() >= self._end:
            self.passed = True
        return self.passed
