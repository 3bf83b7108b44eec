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

    def left(self) -> float:
        """Return how many seconds are left: 0 where there is no limit, and never 0 where there is one."""
        return 0.0 if self._end == float("inf") else max(0.001, self._end - time.monotonic())
