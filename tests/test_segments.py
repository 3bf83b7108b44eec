"""Segments are read where they are mapped, not copied."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from whoosh.filedb import compound
from whoosh.filedb.structfile import BufferFile

from index import embedded
from index.article import Article
from index.generations import Generations

MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("seek"), st.integers(0, 2000)),
        st.tuples(st.just("read"), st.integers(-1, 1500)),
        st.tuples(st.just("get"), st.integers(0, 1500)),
        st.tuples(st.just("tell"), st.none()),
    )
)


@given(st.binary(max_size=1500), MOVES)
def test_mapped_file_reads_as_whooshs_own(data: bytes, moves: list[tuple[str, int | None]]) -> None:
    ours, theirs = compound.BufferFile(memoryview(data)), BufferFile(memoryview(data))
    assert type(ours) is not type(theirs)
    for move, value in moves:
        if move == "get":
            assert ours.get(value, 10) == theirs.get(value, 10)
        elif value is None:
            assert ours.tell() == theirs.tell()
        else:
            assert getattr(ours, move)(value) == getattr(theirs, move)(value)


def test_mapped_file_seeks_from_all_ends() -> None:
    file = compound.BufferFile(memoryview(bytes(range(100))))
    for whence, offset, expected in ((io.SEEK_END, -3, 97), (io.SEEK_SET, 7, 7), (io.SEEK_CUR, 4, 12)):
        file.seek(offset, whence)
        assert file.read(1) == bytes([expected])


def test_reader_does_not_copy_the_index(tmp_path: Path) -> None:
    articles = (Article(id=str(n), body=" ".join(f"كلمة{n}س{word}" for word in range(200))) for n in range(150))
    generations = Generations(tmp_path)
    embedded.rebuild(generations, articles, jobs=1, memory=64)
    generation = generations.live()
    assert generation.size() > 1_000_000
    tracemalloc.start()
    try:
        with generation.open_index().reader() as reader:
            assert ("body", "كلمه149س199") in reader
            assert reader.postings("body", "كلمه149س199").id() == 149
            peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < generation.size() / 4
