"""A memory for what was made once: of a bounded size, and what was not asked for lately is forgotten first."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Remembered(Generic[Item]):
    """Items by key, of ``room`` bytes together at most; may be shared by threads.

    Two halves: what is put in or asked for stands in the younger. When that is full it becomes the elder, and what the
    elder held is forgotten. So nothing has to be written down where an item is found in the younger half.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._young: dict[Hashable, tuple[Item, int]] = {}
        self._old: dict[Hashable, tuple[Item, int]] = {}
        self._used = 0

    @property
    def size(self) -> int:
        """The bytes of all that is remembered."""
        return sum(size for half in (self._young, self._old) for _, size in half.values())

    def get(self, key: Hashable) -> Item | None:
        """Return an item, or None where it is not remembered."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self.put(key, *found)
        return found[0]

    def put(self, key: Hashable, item: Item, size: int) -> None:
        """Remember an item of so many bytes; one that is larger than half of the room is not."""
        if size > self._room // 2:
            return
        with self._lock:
            if key in self._young:
                return
            if self._used + size > self._room // 2:
                self._old, self._young, self._used = self._young, {}, 0
            self._young[key] = item, size
            self._used += size
