"""What was made once is remembered while there is room, what was not asked for lately forgotten first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from search.remembered import Remembered


def test_what_is_asked_for_stays() -> None:
    memory: Remembered[str] = Remembered(8)
    for number in range(50):
        memory.put(number, f"item {number}", 1)
        memory.put("wanted", "again", 1)
        assert memory.get("wanted") == "again"
    assert memory.get(0) is None
    assert memory.get(49) == "item 49"


def test_what_is_too_large_drives_out_nothing() -> None:
    memory: Remembered[str] = Remembered(8)
    memory.put("small", "small", 1)
    memory.put("large", "large", 9)
    assert memory.get("large") is None
    assert memory.get("small") == "small"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30))), st.integers(0, 60))
def test_there_is_never_more_than_room(asked: list[tuple[int, int]], room: int) -> None:
    memory: Remembered[int] = Remembered(room)
    for key, size in asked:
        found = memory.get(key)
        assert found in (None, key)
        if found is None:
            memory.put(key, key, size)
        assert memory.size <= room


def test_threads_share_it() -> None:
    memory: Remembered[int] = Remembered(60)

    def work(first: int) -> None:
        for number in range(first, first + 2000):
            key = number % 40
            assert memory.get(key) in (None, key)
            memory.put(key, key, 1)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, first) for first in range(0, 40, 10)]:
            done.result()
    assert memory.size <= 60
