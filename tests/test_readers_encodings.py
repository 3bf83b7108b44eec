"""Encodings: found in every format, told apart, and not mistaken for damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import Pipe, line, titles

from index.readers.charset import Utf8Stream, detect
from index.readers.streams import CHUNK, buffered

NEWS = "باريس تريد اجتماعاً لمجموعة دعم سوريا، وروسيا وأمريكا تدعوان لتثبيت وقف النار"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1256", "iso8859_6", "cp720"])
@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("a.jsonl", '{{"title": "{0}"}}\n{{"title": "{0}"}}'),
        ("a.json", '[{{"title": "{0}"}},\n{{"title": "{0}"}}]'),
        ("a.csv", 'title,body\r\n"{0}",x\r\n{0},y\r\n'),
        ("a.txt", "{0}\n{0}"),
    ],
)
def test_every_format_reads_every_encoding(tmp_path: Path, encoding: str, name: str, template: str) -> None:
    news = NEWS.replace("،", "") if encoding == "cp720" else NEWS
    if encoding == "utf-16":
        for number, mark in enumerate(("utf-16-le", "utf-16-be")):
            (tmp_path / f"{number}{name}").write_bytes(("\ufeff" + template.format(news)).encode(mark))
    else:
        (tmp_path / name).write_bytes(template.format(news).encode(encoding))
    assert set(titles(tmp_path)) == {news}


@pytest.mark.parametrize("encoding", ["cp1256", "iso8859_6"])
@pytest.mark.parametrize("count", [CHUNK // 20, CHUNK // 8])
def test_an_encoding_shows_only_after_much_ascii(tmp_path: Path, encoding: str, count: int) -> None:
    rows = ["title,body"] + [f"row {number},x" for number in range(count)] + [NEWS, NEWS]
    (tmp_path / "a.csv").write_bytes("\n".join(rows).encode(encoding))
    assert titles(tmp_path / "a.csv")[-2:] == [NEWS, NEWS]


@pytest.mark.parametrize("word", ["كلمة", "خبر عاجل", "سَلَام", "été à la télé"])
def test_a_few_letters_are_taken_as_windows_1256(tmp_path: Path, word: str) -> None:
    (tmp_path / "a.txt").write_bytes(word.encode("cp1256"))
    assert titles(tmp_path / "a.txt") == [word]


def test_french_is_told_from_arabic_where_there_is_enough_of_it(tmp_path: Path) -> None:
    text = "Le président a déclaré à la presse qu'il était très préoccupé par l'œuvre inachevée. " * 60
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    assert titles(tmp_path / "a.txt") == [text.strip()]


def test_undecodable_utf_16_costs_one_record_only(tmp_path: Path) -> None:
    data = b"".join(text.encode("utf-16-le") for text in ("\ufeff", line("a"), '{"title": "'))
    data += b"\x00\xd8" + b"".join(text.encode("utf-16-le") for text in ('"}\n', line("خبر")))
    (tmp_path / "a.jsonl").write_bytes(data)
    assert titles(tmp_path / "a.jsonl") == ["a", "not decodable as utf-16-le", "خبر"]


@pytest.mark.parametrize("bad", [b"\xff", b"\xff\xfe\xfd\xfc\xff", b"\x80", b"\xe9", b"\xc3(", b"\xc7\xe1"])
def test_a_bad_line_among_ascii_ones_is_damage_and_no_other_encoding(tmp_path: Path, bad: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"title": "a"}\n{"title": "%s"}\n{"title": "b"}\n' % bad)
    assert titles(tmp_path / "a.jsonl") == ["a", f"byte 26 (0x{bad[0]:02X}) is not UTF-8", "b"]


def test_a_few_bad_bytes_do_not_make_utf_8_another_encoding() -> None:
    assert detect(NEWS.encode() + b"\xe9\xff" + NEWS.encode()[:5]) == "utf-8"
    assert detect(NEWS.encode("cp1256")) == "cp1256"


@given(st.text(), st.integers(1, 9))
def test_utf_8_passes_unchanged(text: str, at_once: int) -> None:
    data = text.encode("utf-8", "surrogatepass").removeprefix(b"\xef\xbb\xbf")
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        assert Utf8Stream(buffered(Pipe(data, at_once).readinto)).read() == data
