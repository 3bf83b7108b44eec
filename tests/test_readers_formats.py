"""Every format: whatever the bytes, they are read or rejected."""

from __future__ import annotations

import gzip
from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Rejection
from index.readers import Reading, ReadOptions

FRAGMENTS = [
    b'{"title": "a"}',
    b"title,body\n",
    b'"',
    b"\n",
    b",",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\\",
    b"\xff\xfe",
    b"\xd8\xae",
]
FRAGMENTS += [
    b"<html><body><p>",
    b"</p>",
    b"\0",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b'"id": 1',
    b":",
    b"NaN",
    b"\\ud800",
    b"\r",
]


@pytest.mark.parametrize("form", ["auto", "jsonl", "json", "csv", "text", "html"])
@pytest.mark.parametrize("name", ["f", "f.gz"])
@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=200)
    | st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=5), max_size=30).map(b"".join)
)
def test_no_bytes_make_a_reader_fail(
    tmp_path_factory: pytest.TempPathFactory, form: str, name: str, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"{form}-{name}"
    for content in (data, gzip.compress(data)[: len(data) + 9]):
        path.write_bytes(content)
        for limit in (40, 1_000_000):
            reading = Reading([str(path)], ReadOptions(format=form, max_line_bytes=limit))
            items = list(reading)
            assert reading.records == len(items)
            for item in items:
                assert isinstance(item, Article | Rejection)
                assert all(str(value).encode() is not None for value in astuple(item))
