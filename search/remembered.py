"""A memory for what was made once: of a bounded size, and what was not asked for longest is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Remembered(Generic[Item]):
    """Items by key, of ``room`` bytes together at most; may be shared by threads."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._items: OrderedDict[Hashable, tuple[Item, int]] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> Item | None:
        """Return an item, or None where it is not remembered."""
        found = self._items.get(key)
        if found is None:
            return None
        try:  # noqa: SIM105 - what it suggests takes ten times as long
            self._items.move_to_end(key)
        except KeyError:  # another thread has driven it out since
            pass
        return found[0]

    def put(self, key: Hashable, item: Item, size: int) -> None:
        """Remember an item of so many bytes, unless there is no room for it."""
        if size > self._room:
            return
        with self._lock:
            if key in self._items:
                return
            self._items[key] = item, size
            self.size += size
            while self.size > self._room:
                _, (_, dropped) = self._items.popitem(last=False)
                self.size -= dropped
