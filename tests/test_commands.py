"""The command line: what each command says, writes and exits with."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.commands import main


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def lines(path: Path, *records: object) -> Path:
    path.write_text("".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records), "utf-8")
    return path


def article(number: int, **fields: object) -> dict[str, object]:
    return {"id": f"a{number}", "title": f"خبر {number}", "body": "قمة المناخ في باريس", "date": "2024-01-02", **fields}


def count(index: Path) -> int:
    return int(json.loads(run("status", "--json", "--index", index).output)["articles"])


def test_reindex_search_status(tmp_path: Path, index: Path) -> None:
    source = lines(tmp_path / "a.jsonl", article(1, source="س"), article(2, extra=1, more=2))
    result = run("reindex", source, "--index", index)
    assert result.exit_code == 0, result.output
    assert "Published 2 articles" in result.output
    assert "Ignored fields: extra, more" in result.output
    found = run("search", "القمه", "-n", "1", "--index", index)
    assert found.exit_code == 0
    assert "2 articles" in found.output
    assert "قمة المناخ في باريس" in found.output
    as_json = json.loads(run("search", "القمه", "--json", "--index", index).output)
    assert as_json["total"] == 2
    assert as_json["hits"][0]["highlights"]["body"][0]["ranges"] == [[0, 3]]
    status = json.loads(run("status", "--json", "--index", index).output)
    assert status["articles"] == 2
    assert status["engine"] == "whoosh"
    assert status["size"] > 0
    assert status["generation"] in run("status", "--index", index).output


def test_bad_records_are_skipped_counted_and_written_down(tmp_path: Path, index: Path) -> None:
    source = tmp_path / "a.jsonl"
    good = json.dumps(article(1)).encode()
    bad = [
        b'{"id": "broken", ',
        json.dumps({"id": "empty", "title": " ", "body": ""}).encode(),
        json.dumps(article(2, title=7)).encode(),
        json.dumps(article(3, date="yesterday")).encode(),
        b'{"id": "bytes", "body": "\xc3\x28"}',
        good,
        b'["no", "object"]',
    ]
    source.write_bytes(b"\n".join([good, *bad, json.dumps(article(9)).encode()]))
    result = run("reindex", source, "--index", index)
    assert result.exit_code == 0, result.output
    assert "Published 2 articles" in result.output
    assert "Rejected 7" in result.output
    rejects = [json.loads(line) for line in (index / "rejects.jsonl").read_text("utf-8").splitlines()]
    assert [reject["line"] for reject in rejects] == [2, 3, 4, 5, 6, 7, 8]
    assert {reject["file"] for reject in rejects} == {str(source)}
    assert [reject["field"] for reject in rejects] == ["", "body", "title", "date", rejects[4]["field"], "id", ""]
    assert [reject["id"] for reject in rejects[1:4]] == ["empty", "a2", "a3"]
    assert all(reject["reason"] for reject in rejects)


def test_strict_stops_at_the_first_bad_record(tmp_path: Path, index: Path) -> None:
    source = lines(tmp_path / "a.jsonl", article(1), article(2, title=7), article(3))
    result = run("reindex", source, "--index", index, "--strict")
    assert result.exit_code == 1
    assert f"{source}, line 2, field title" in result.output
    assert run("status", "--index", index).exit_code == 1


def test_add_and_delete(tmp_path: Path, index: Path) -> None:
    run("reindex", lines(tmp_path / "a.jsonl", article(1), article(2)), "--index", index)
    changed = lines(tmp_path / "b.jsonl", article(2, body="نهر النيل"), article(3))
    result = run("add", changed, "--index", index)
    assert result.exit_code == 0, result.output
    assert "Added 2 articles, 1 of which replaced older ones" in result.output
    assert count(index) == 3
    assert "1 article" in run("search", "النيل", "--index", index).output
    result = run("delete", "a1", "nobody", "--index", index)
    assert result.exit_code == 0
    assert "Deleted 1 article; not there: 1" in result.output
    assert count(index) == 2
    assert run("delete", "nobody", "--index", index).exit_code == 1


def test_add_makes_the_first_index(tmp_path: Path, index: Path) -> None:
    assert run("add", lines(tmp_path / "a.jsonl", article(1)), "--index", index).exit_code == 0
    assert count(index) == 1


def test_rollback(tmp_path: Path, index: Path) -> None:
    run("reindex", lines(tmp_path / "a.jsonl", article(1)), "--index", index)
    assert run("rollback", "--index", index).exit_code == 1
    run("reindex", lines(tmp_path / "b.jsonl", article(1), article(2)), "--index", index)
    assert count(index) == 2
    assert run("rollback", "--index", index).exit_code == 0
    assert count(index) == 1
    assert run("rollback", "--index", index).exit_code == 0
    assert count(index) == 2


def test_a_reindex_that_would_lose_most_articles_needs_force(tmp_path: Path, index: Path) -> None:
    run("reindex", lines(tmp_path / "a.jsonl", *map(article, range(10))), "--index", index)
    few = lines(tmp_path / "b.jsonl", *map(article, range(4)))
    result = run("reindex", few, "--index", index)
    assert result.exit_code == 1
    assert "fewer than half of the 10" in result.output
    assert count(index) == 10
    nothing = lines(tmp_path / "c.jsonl")
    assert "no article to publish" in run("reindex", nothing, "--index", index).output
    assert run("reindex", few, "--index", index, "--force").exit_code == 0
    assert count(index) == 4


def test_sources_of_every_kind_and_a_mapping(tmp_path: Path, index: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lines(folder / "a.jsonl", {"key": "j", "headline": "خبر"})
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps({"key": "z", "headline": "خبر"}).encode()))
    (folder / "c.json").write_text(json.dumps([{"key": "a", "headline": "خبر"}]), "utf-8")
    (folder / "d.csv").write_text("key,headline\nc,خبر قصير عن مدينة بعيدة\n", "cp1256")
    (folder / "e.txt").write_text("خبر\n\nنص", "utf-16")
    (folder / "f.html").write_text(
        "<html><head><title>خبر</title></head><body><article><p>" + "نص طويل عن الخبر وما حوله. " * 20
        + "</p></article></body></html>",
        "utf-8",
    )  # fmt: skip
    mapping = ("--map", "id=key", "--map", "title=headline")
    result = run("reindex", folder, "--index", index, *mapping)
    assert result.exit_code == 0, result.output
    assert "Published 6 articles" in result.output
    result = run("reindex", "-", "--index", index, *mapping, "--force", stdin='{"key": "s", "headline": "خبر"}\n')
    assert result.exit_code == 0, result.output
    result = run("reindex", f"{folder}/*.json*", "--index", index, *mapping)
    assert "Published 3 articles" in result.output


def test_an_add_of_nothing_fails(tmp_path: Path, index: Path) -> None:
    run("reindex", lines(tmp_path / "a.jsonl", article(1)), "--index", index)
    result = run("add", lines(tmp_path / "b.jsonl", article(2, title=7)), "--index", index)
    assert result.exit_code == 1
    assert "no article to add" in result.output
    assert "Rejected 1" in result.output
    assert count(index) == 1


def test_an_id_that_no_article_can_have_is_not_there(tmp_path: Path, index: Path) -> None:
    run("reindex", lines(tmp_path / "a.jsonl", article(1)), "--index", index)
    result = run("delete", "\udcff", "a1", "--index", index)
    assert result.exit_code == 0, result.output
    assert "Deleted 1 article; not there: 1" in result.output


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["reindex"], 2, "Missing argument"),
        (["reindex", "missing.jsonl"], 1, "missing.jsonl"),
        (["reindex", "missing.jsonl", "--map", "title"], 2, "--map"),
        (["reindex", "missing.jsonl", "--map", "color=x"], 2, "color"),
        (["reindex", "missing.jsonl", "--format", "pdf"], 2, "pdf"),
        (["search", "خبر"], 1, "fihris reindex"),
        (["status"], 1, "fihris reindex"),
        (["delete", "a"], 1, "fihris reindex"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_use_is_told(index: Path, arguments: list[str], status: int, sentence: str) -> None:
    if arguments != ["nonsense"]:
        arguments = [*arguments, "--index", str(index)]
    result = run(*arguments)
    assert result.exit_code == status
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_bad_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIHRIS_PORT", "eighty")
    result = run("status")
    assert result.exit_code == 1
    assert "FIHRIS_PORT" in result.output


def test_a_bad_setting_is_told_even_where_the_index_is_named(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIHRIS_ENGINE", "lucene")
    result = run("reindex", lines(tmp_path / "a.jsonl", article(1)), "--index", index)
    assert result.exit_code == 1
    assert "FIHRIS_ENGINE: there is no engine 'lucene'" in result.output
    assert not index.exists()
