"""The file of protected words: what it holds, and that bad lines are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from index.commands import reindex
from index.protected import ProtectedWordsError, read_protected


def test_words_are_folded_and_comments_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "protected.txt"
    file.write_text("\ufeff# أسماء\n\nعُمَان\n  فهرسان  \nعمان\n", "utf-8")
    assert read_protected(file) == {"عمان", "فهرسان"}


@pytest.mark.parametrize("line", ["كلمتان هنا", "word", "2024", "...", "كلمةx"])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "protected.txt"
    file.write_text(f"عمان\n{line}\n", "utf-8")
    with pytest.raises(ProtectedWordsError, match=f"protected.txt, line 2: .{line}. is not one Arabic word"):
        read_protected(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtectedWordsError, match=r"FIHRIS_PROTECTED: .*none.txt cannot be read"):
        read_protected(tmp_path / "none.txt")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ProtectedWordsError, match=r"bytes\.txt: not UTF-8 at byte 0"):
        read_protected(tmp_path / "bytes.txt")


def test_reindex_says_what_is_wrong_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, file = tmp_path / "articles.jsonl", tmp_path / "protected.txt"
    source.write_text('{"id": "1", "title": "خبر", "body": "نص"}\n', "utf-8")
    file.write_text("كلمة ثم كلمة\n", "utf-8")
    monkeypatch.setenv("FIHRIS_PROTECTED", str(file))
    monkeypatch.setenv("FIHRIS_INDEX", str(tmp_path / "index"))
    result = CliRunner().invoke(reindex, [str(source)])
    assert result.exit_code == 1
    assert "line 1" in result.output
    assert not (tmp_path / "index").exists()
