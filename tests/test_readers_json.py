"""JSON Lines and JSON arrays: a bad record costs itself only, told with line and field."""

from __future__ import annotations

import json

import pytest
from readings import ReadBytes, outline, rejections

from index.article import Article

# JSON Lines


def test_json_lines_with_every_kind_of_bad_line(read_bytes: ReadBytes) -> None:
    lines = [
        b'{"id": "1", "title": "\xd8\xae\xd8\xa8\xd8\xb1"}',
        b"",
        b'{"id": "3", "title": ',
        b'{"id": "4", "title": "a"} {"id": "4b", "title": "b"}',
        b'["a", "list"]',
        b"[" * 200_000,
        b'{"id": 7, "views": ' + b"9" * 5000 + b"}",
        b'{"id": 8, "title": 8}',
        b'{"id": "9", "title": " \\u200b"}',
        b'{"id": "10", "title": "a", "date": "yesterday"}',
        b'{"id": [], "title": "a"}',
        b'{"id": "12", "title": "a", "body": "\\ud83d"}',
        b'{"id": "13", "title": "a", "body": "\\u0000"}',
        b'{"id": "14", "title": "\xe9"}',
        b'{"id": "15", "title": "' + b"x" * 60_000 + b'"}',
        b'\xef\xbb\xbf{"id": "16", "title": "last", "title": "wins", "author": NaN}\r',
        b"null",
        b'{"id": "18", "title": "18"}',
    ]
    items = read_bytes("news.jsonl", b"\n".join(lines), max_line_bytes=250_000)
    assert outline(items) == ["خبر", *range(3, 15), "x" * 60_000, "wins", 17, "18"]
    assert [(item.line, item.field, item.id) for item in rejections(items)] == [
        (3, "", ""),
        (4, "", ""),
        (5, "", ""),
        (6, "", ""),
        (7, "", ""),
        (8, "title", "8"),
        (9, "body", "9"),
        (10, "date", "10"),
        (11, "id", ""),
        (12, "body", "12"),
        (13, "body", "13"),
        (14, "", ""),
        (17, "", ""),
    ]
    reasons = {item.line: item.reason for item in rejections(items)}
    assert "not valid JSON" in reasons[3]
    assert "not a JSON object" in reasons[5]
    assert "deep" in reasons[6]
    assert "digits" in reasons[7]
    offset = sum(len(line) + 1 for line in lines[:13]) + lines[13].index(b"\xe9")
    assert reasons[14] == f"byte {offset} (0xE9) is not UTF-8"


def test_a_line_too_long_is_passed_over_and_the_offsets_after_it_are_right(read_bytes: ReadBytes) -> None:
    first = b'{"title": "' + b"x" * 1_000_000 + b'"}\n'
    data = b"\xef\xbb\xbf" + first + '{"title": "خبر"}\n'.encode()
    items = read_bytes("news.jsonl", data + b'{"title": "\xff"}\n{"title": "z"}', max_line_bytes=1000)
    assert outline(items) == [1, "خبر", 3, "z"]
    assert "1000 bytes or more" in rejections(items)[0].reason
    assert f"byte {len(data) + 11} " in rejections(items)[1].reason


@pytest.mark.parametrize(("over", "lines"), [(0, [1, "b"]), (1, ["a" * 50, "b"])])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_the_size_of_a_record_is_counted_without_its_line_end(
    read_bytes: ReadBytes, over: int, lines: list[object], end: bytes
) -> None:
    line = json.dumps({"title": "a" * 50}).encode()
    both = line + b"\n" + b'{"title": "b"}' + end
    assert outline(read_bytes("news.jsonl", both, max_line_bytes=len(line) + over)) == lines


def test_json_lines_keep_control_and_line_separators_within_texts(read_bytes: ReadBytes) -> None:
    body = "سطر\u2028آخر\x85\r\nثالث\u200f"
    (article,) = read_bytes("news.ndjson", json.dumps({"title": "خبر", "body": body}, ensure_ascii=False))
    assert isinstance(article, Article)
    assert article.body == body


# JSON arrays


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize(
    "broken", ['{"x": 0, ', '{"title": "x', '{"title": "x",, "a": [{"b": 1}, {"c": 2}]}', '{"title" "x"}']
)
def test_an_array_goes_on_after_a_broken_element(read_bytes: ReadBytes, indent: int | None, broken: str) -> None:
    good = [json.dumps({"title": title, "tags": [{"a": 1}, {"b": 2}]}, indent=indent) for title in "abcd"]
    pieces = [*good[:2], broken, *good[2:]]
    separator = ", " if indent is None else ",\n  "
    text = "[" + ("" if indent is None else "\n  ") + separator.join(pieces) + "]"
    if indent:
        text = text.replace("\n", "\n  ")
    items = read_bytes("news.json", text)
    titles = [item.title for item in items if isinstance(item, Article)]
    assert titles[:2] == ["a", "b"]
    assert titles[-1] == "d"
    first = rejections(items)[0]
    assert "not valid JSON" in first.reason
    assert first.line == text[: text.index(broken)].count("\n") + 1


def test_an_array_of_one_element_a_line_loses_the_broken_one_only(read_bytes: ReadBytes) -> None:
    elements = ['{"title": "a"}', '{"title": "b}', '{"title": "c", "x": [{"title": "no"}, {"title": "no"}]}']
    items = read_bytes("news.json", "[\n" + ",\n".join([*elements, '{"title": "d"}']) + "\n]\n")
    assert outline(items) == ["a", 3, "c", "d"]


def test_an_array_longer_than_any_window(read_bytes: ReadBytes) -> None:
    records = [{"id": number, "title": f"خبر {number}", "body": "نص " * (number % 700)} for number in range(3000)]
    for name, indent in (("a.json", None), ("b.json", 1)):
        data = json.dumps(records, ensure_ascii=False, indent=indent)
        items = read_bytes(name, "\ufeff" + data)
        assert outline(items) == [record["title"] for record in records]
        assert [item.id for item in items] == [str(number) for number in range(3000)]


def test_an_element_larger_than_the_window_is_read_and_one_over_the_limit_is_not(
    read_bytes: ReadBytes,
) -> None:
    body = "نص" * 400_000
    records = [{"title": "a", "body": body}, {"title": "b"}, {"title": "c", "body": body * 3}, {"title": "d"}]
    for separators, indent in (((", ", ": "), None), ((",", ":"), 2)):
        data = json.dumps(records, ensure_ascii=False, indent=indent, separators=separators)
        items = read_bytes("news.json", data, max_line_bytes=2_000_000)
        line = 1 if indent is None else 9
        assert outline(items) == ["a", "b", line, "d"]
        assert "2000000 bytes or more" in rejections(items)[0].reason


def test_the_limit_of_an_element_is_in_bytes(read_bytes: ReadBytes) -> None:
    element = '{"title": "خبر"}'
    size = len(element.encode())
    for name, text in (("a.json", f"[{element}]"), ("b.json", f"[\n{element}\n]")):
        assert outline(read_bytes(name, text, max_line_bytes=size + 1)) == ["خبر"]
        assert len(rejections(read_bytes(name, text, max_line_bytes=size))) == 1


def test_elements_that_are_no_objects_are_rejected(read_bytes: ReadBytes) -> None:
    items = read_bytes("news.json", '[1, "a",\n null, [{"title": "x"}], {"title": "b"}, {"title": 3, "id": 9},, ]')
    assert outline(items) == [1, 1, 2, 2, "b", 2]
    assert (rejections(items)[-1].field, rejections(items)[-1].id) == ("title", "9")


@pytest.mark.parametrize("text", ['[{"title": "a"}', '[{"title": "a"},', '[{"title": "a"}, \n'])
def test_an_array_that_was_cut_off_is_told(read_bytes: ReadBytes, text: str) -> None:
    items = read_bytes("news.json", text)
    assert outline(items) == ["a", text.count("\n") + 1]
    assert "not closed" in rejections(items)[0].reason


def test_an_array_cut_within_an_element_is_told_once(read_bytes: ReadBytes) -> None:
    items = read_bytes("news.json", '[\n{"title": "a"},\n{"title": "b')
    assert outline(items) == ["a", 3]


def test_text_after_an_array_is_told(read_bytes: ReadBytes) -> None:
    assert outline(read_bytes("news.json", '[{"title": "a"}]\nx')) == ["a", 2]


def test_a_json_array_with_a_bad_byte_loses_that_element_only(read_bytes: ReadBytes) -> None:
    data = '[{"title": "خبر"}, {"id": 5, "title": "'.encode() + b'\xff"}, ' + '{"title": "آخر"}]'.encode()
    items = read_bytes("news.json", data)
    assert outline(items) == ["خبر", 1, "آخر"]
    assert (rejections(items)[0].id, "0xFF" in rejections(items)[0].reason) == ("5", True)


def test_hopeless_elements_do_not_stop_an_array(read_bytes: ReadBytes) -> None:
    deep = "[" * 200_000
    items = read_bytes(
        "news.json", f'[\n{{"title": "a"}},\n{{"x": {deep}}},\n{{"x": {"9" * 5000}}},\n{{"title": "b"}}\n]'
    )
    assert outline(items) == ["a", 3, 4, "b"]
    assert ["deep" in item.reason or "digits" in item.reason for item in rejections(items)] == [True, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"title": "a"}\n{"title": \n{"title": "c"}\n', ["a", 2, "c"]),
        ('{"title" "a"}\n{"title": "b"}', [1, "b"]),
        ('{"title": "a"}', ["a"]),
        ('\n {\n  "title": "a",\n  "body": "b"\n}\n', ["a"]),
        ('{\n  "title": "a"\n}\n{\n  "title" "b"\n}\n{\n  "title": "c"\n}', ["a", 4, "c"]),
        ("", []),
        (" \n ", []),
        ("[]", []),
        ("hello", [1]),
        ("[", [1]),
    ],
)
def test_a_json_file_may_hold_objects_without_an_array(
    read_bytes: ReadBytes, text: str, expected: list[object]
) -> None:
    assert outline(read_bytes("news.json", text)) == expected
