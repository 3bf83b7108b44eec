"""Files of arrays: what was written is read, and nothing else is; and the articles stored in them."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from texts import ARABIC_TEXT

from index.article import Article
from index.codec import container, stored
from index.codec.container import Container, ContainerWriter, DamagedFileError, FormatVersionError
from index.codec.layout import StoredBlocks
from index.codec.stored import StoredReader, StoredWriter, packed, unpacked

TYPES = st.sampled_from([np.uint8, np.uint16, np.uint32, np.uint64, np.int32, np.int64, np.float32])
ARRAYS = TYPES.flatmap(lambda dtype: npst.arrays(dtype, npst.array_shapes(max_dims=2, min_side=0, max_side=20)))
NAMES = st.text(min_size=1, max_size=12)


def write(path: Path, arrays: Mapping[str, NDArray[Any]], numbers: Mapping[str, int]) -> None:
    with ContainerWriter(path) as writer:
        for name, array in arrays.items():
            writer.put(name, array)
        writer.complete(numbers)


def assert_same(found: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


@settings(deadline=None)
@given(st.dictionaries(NAMES, ARRAYS, max_size=5), st.dictionaries(NAMES, st.integers(0, 1 << 60)))
def test_what_was_written_is_read(arrays: dict[str, NDArray[Any]], numbers: dict[str, int]) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory, "arrays")
        write(path, arrays, numbers)
        found = Container.open(path)
        assert_same(found.arrays, arrays)
        assert (found.numbers, found.size, found.path) == (numbers, path.stat().st_size, path)
        for array in found.arrays.values():
            assert not array.flags.writeable
            assert array.flags.c_contiguous
            assert array.ctypes.data % 64 == 0
        wanted = set(list(arrays)[::2])
        assert_same(Container.open(path, wanted).arrays, {name: arrays[name] for name in arrays if name in wanted})


@settings(deadline=None)
@given(st.lists(npst.arrays(np.uint32, st.integers(0, 50)), max_size=5))
def test_an_array_may_come_in_pieces(pieces: list[NDArray[np.uint32]]) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory, "arrays")
        with ContainerWriter(path) as writer:
            writer.begin("numbers", np.dtype(np.uint32))
            for piece in pieces:
                writer.extend(piece)
            writer.end()
            writer.begin("bytes", np.dtype(np.uint8))
            for piece in pieces:
                writer.extend(piece.tobytes())
            writer.end()
        found = Container.open(path).arrays
        whole = np.concatenate([np.zeros(0, np.uint32), *pieces])
        assert_same(found, {"numbers": whole, "bytes": whole.view(np.uint8)})


def test_arrays_that_lie_otherwise_in_memory_are_written_as_they_read(tmp_path: Path) -> None:
    square = np.arange(12, dtype=np.int32).reshape(3, 4)
    write(tmp_path / "a", {"turned": square.T, "every other": square[:, ::2], "big-endian": square.astype(">i4")}, {})
    found = Container.open(tmp_path / "a").arrays
    assert_same(found, {"turned": square.T.copy(), "every other": square[:, ::2].copy(), "big-endian": square})


SMALL: dict[str, NDArray[Any]] = {
    "one": np.arange(30, dtype=np.uint16),
    "ثان": np.arange(12, dtype=np.int64).reshape(3, 4),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "arrays"
    write(path, SMALL, {"words": 7})
    return path.read_bytes()


def gaps(data: bytes) -> set[int]:
    """The bytes that fill up to where the next array begins: they mean nothing."""
    first, second = (data.index(array.tobytes()) for array in SMALL.values())
    ends = [12, first, first + SMALL["one"].nbytes, second]
    return {place for begin, end in list(pairwise(ends))[::2] for place in range(begin, end)}


def test_every_changed_byte_is_noticed(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "MAIN_x.arrays"
    harmless = gaps(good)
    assert 0 < len(harmless) < 2 * 64
    for place in range(len(good)):
        for change in (0x01, 0x80):
            path.write_bytes(good[:place] + bytes([good[place] ^ change]) + good[place + 1 :])
            if place in harmless:
                assert_same(Container.open(path).arrays, SMALL)
                continue
            with pytest.raises(
                FormatVersionError if 8 <= place < 12 else DamagedFileError, match=r"MAIN_x\.arrays is "
            ):
                Container.open(path)


def test_a_file_that_ends_early_or_late_is_noticed(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "MAIN_x.arrays"
    for wrong in (*(good[:size] for size in range(len(good))), good + b"\0", good + good):
        path.write_bytes(wrong)
        with pytest.raises(DamagedFileError, match=r"MAIN_x\.arrays is damaged"):
            Container.open(path)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_garbage_is_read(good: bytes, data: st.DataObject) -> None:
    spoilt = bytearray(good)
    begin = data.draw(st.integers(0, len(good)))
    spoilt[begin : begin + data.draw(st.integers(0, 80))] = data.draw(st.binary(max_size=80))
    with TemporaryDirectory() as directory:
        path = Path(directory, "MAIN_x.arrays")
        path.write_bytes(spoilt)
        try:
            found = Container.open(path)
        except (DamagedFileError, FormatVersionError):
            return
        assert_same(found.arrays, SMALL)
        assert found.numbers == {"words": 7}


def test_damage_is_noticed_where_it_is_looked_for(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "arrays"
    place = good.index(SMALL["one"].tobytes())
    path.write_bytes(good[:place] + b"\xff" + good[place + 1 :])
    assert_same(Container.open(path, {"ثان"}).arrays, {"ثان": SMALL["ثان"]})
    with pytest.raises(DamagedFileError, match="one is not as it was written"):
        Container.open(path)


def test_another_format_version_is_refused_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "MAIN_x.arrays"
    written = container.FORMAT_VERSION + 1
    with monkeypatch.context() as later:
        later.setattr(container, "FORMAT_VERSION", written)
        write(path, SMALL, {})
        assert_same(Container.open(path).arrays, SMALL)
    sentence = (
        rf"MAIN_x\.arrays is of format version {written}, this program reads {container.FORMAT_VERSION}: "
        "run `fihris reindex` on your articles again"
    )
    with pytest.raises(FormatVersionError, match=sentence):
        Container.open(path)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Container.open(tmp_path / "arrays")


def test_a_file_is_written_once(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "arrays"
    path.write_bytes(good)
    with pytest.raises(FileExistsError):
        ContainerWriter(path)
    assert path.read_bytes() == good


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), ContainerWriter(tmp_path / "arrays") as writer:
        writer.put("one", SMALL["one"])
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    writer = ContainerWriter(tmp_path / "arrays")
    with pytest.raises(ValueError, match="no array was begun"):
        writer.extend(SMALL["one"])
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_on_disk_before_it_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    write(tmp_path / "arrays", SMALL, {})
    assert synced == [(tmp_path / "arrays").stat().st_size]


TEXT = ARABIC_TEXT.map(lambda text: text.encode(errors="ignore").decode())
ARTICLES = st.builds(Article, *([TEXT] * 8))


@settings(deadline=None)
@given(ARTICLES)
def test_a_record_is_the_article(article: Article) -> None:
    assert unpacked(packed(article)) == article


def stored_blocks(path: Path, articles: list[Article]) -> StoredBlocks:
    with ContainerWriter(path) as writer:
        blocks = StoredWriter(writer)
        for article in articles:
            blocks.add(packed(article))
        blocks.finish()
    arrays = Container.open(path).arrays
    return StoredBlocks(**{name.removeprefix("stored."): array for name, array in arrays.items()})


@settings(deadline=None)
@given(st.lists(ARTICLES, max_size=8), st.integers(1, 400))
def test_stored_articles_are_read_back(articles: list[Article], block_bytes: int) -> None:
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "BLOCK_BYTES", block_bytes)
        blocks = stored_blocks(Path(directory, "arrays"), articles)
        reader = StoredReader(blocks)
        assert [reader.article(number) for number in range(len(articles))] == articles
        assert list(reader.records()) == [packed(article) for article in articles]
        assert (len(blocks.block_ends) > 2) == (len({*blocks.block_docs.tolist()}) > 2)


def test_threads_share_a_reader_of_stored_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "BLOCK_BYTES", 300)
    articles = [Article(str(number), "عنوان " * (number % 17), "نص " * (number % 29)) for number in range(200)]
    reader = StoredReader(stored_blocks(tmp_path / "arrays", articles))
    barrier, turns = threading.Barrier(4), count()

    def read(_: int) -> bool:
        barrier.wait()
        start = next(turns) * 50
        return all(reader.article(number % 200) == articles[number % 200] for number in range(start, start + 400))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(4)))
