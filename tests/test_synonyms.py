"""The operator's synonyms: the file's form, what a question makes of it, and a file that changes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from plain_search import PlainSearch, assert_same
from segmented import build_segments

from index.arabic import words
from index.article import Article
from index.settings import Settings, SettingsError
from index.synonyms import Fault, SynonymsError, read_synonyms
from search.embedded import EmbeddedEngine
from search.request import Match, SearchRequest
from search.results import Hit, SearchResults
from web.commands import main

ARTICLES = [
    Article("computer", "حاسوب جديد", "وصل الحاسوب إلى المدرسة"),
    Article("pc", "أخبار", "اشترت المدرسة الكمبيوتر من المتجر"),
    Article("machine", "تقنية", "كل حاسب آلي في المكتبة"),
    Article("apart", "تقنية", "آلي ثم حاسب"),
    Article("state", "سياسة", "هذه دولة"),
    Article("country", "سياسة", "هذا بلد"),
    Article("home", "شعر", "هذا وطن كبير"),
    Article("nations", "أخبار", "قالت الأمم المتحدة أمس"),
    Article("un", "أخبار", "قالت هيئة الأمم أمس"),
    *(Article(f"other-{n}", "خبر", "نهر وجبل") for n in range(12)),
]
FILE = """# علوم الحاسوب
حاسوب, كمبيوتر، حاسب آلي
دولة => بلد, وطن
الأمم المتحدة => هيئة الأمم
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "synonyms.txt", FILE)


@pytest.fixture
def engine(tmp_path: Path, file: Path) -> EmbeddedEngine:
    build_segments(tmp_path / "index", [ARTICLES[:4], ARTICLES[4:]])
    return EmbeddedEngine(Settings(index=tmp_path / "index", time_budget=0.0, synonyms=str(file)))


def ids(results: SearchResults) -> set[str]:
    return {hit.article.id for hit in results.hits}


def asked(engine: EmbeddedEngine, text: str, match: Match = "all") -> set[str]:
    return ids(engine.search(SearchRequest(text, match=match, per_page=100)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("حاسوب", {"computer", "pc", "machine"}),
        ("والحاسوب", {"computer", "pc", "machine"}),  # a form of the word
        ("كمبيوتر", {"computer", "pc", "machine"}),
        ("حاسب آلي", {"computer", "pc", "machine", "apart"}),
        ("حاسوب المدرسة", {"computer", "pc"}),  # a synonym satisfies the word
        ("المدرسة حاسب آلي", {"computer", "pc"}),
        ("دولة", {"state", "country", "home"}),
        ("بلد", {"country"}),  # one way
        ("وطن", {"home"}),
        ("الأمم المتحدة", {"nations", "un"}),
        ("الأمم", {"nations", "un"}),
        ("المتحدة الأمم", {"nations"}),  # not in the file's order
        ('"حاسوب"', {"computer"}),
        ('"الحاسوب"', {"computer"}),
        ("المدرسة -حاسوب", {"pc"}),
        ("المدرسة -(حاسوب)", {"pc"}),
        ("(حاسوب أو نهر) المدرسة", {"computer", "pc"}),
        ("title:كمبيوتر", {"computer"}),
        ("حاسو*", {"computer"}),
    ],
)
def test_a_question_is_answered_by_synonyms(engine: EmbeddedEngine, text: str, found: set[str]) -> None:
    assert asked(engine, text) == found


def test_the_word_itself_comes_first_and_synonyms_are_marked(engine: EmbeddedEngine) -> None:
    hits = {hit.article.id: hit for hit in engine.search(SearchRequest("كمبيوتر", match="all")).hits}

    def marks(hit: Hit) -> list[str]:
        return [fragment.text[a:b] for fragment in (*hit.title, *hit.body) for a, b in fragment.ranges]

    assert marks(hits["computer"]) == ["حاسوب", "الحاسوب"]
    assert marks(hits["machine"]) == ["حاسب", "آلي"]
    assert marks(hits["pc"]) == ["الكمبيوتر"]
    article = engine.article("machine", "كمبيوتر")
    assert article is not None
    assert [article.body.text[a:b] for a, b in article.body.ranges] == ["حاسب", "آلي"]
    state = engine.search(SearchRequest("دولة", match="all")).hits
    assert state[0].article.id == "state"


def test_answers_are_those_of_plain_loops(file: Path, tmp_path: Path) -> None:
    vocalised = [
        Article("said", "عَلَمٌ", "حَاسُوبٌ فِي كُمْبِيُوتَرٍ"),
        Article("said-otherwise", "", "حَسُوبٌ وحاسِبٌ آلِيٌّ وعِلْمٌ"),
        Article("banner", "", "رايَةٌ فوق عَلَمِ الدولة"),
        Article("mixed", "", "عَلَم أو عِلْم أو علم، وهو لون البلد"),
    ]
    write(file, FILE + "علم => راية, لون البلد\n")
    documents = build_segments(tmp_path / "again", [ARTICLES[:4], [*ARTICLES[4:], *vocalised]])
    engine = EmbeddedEngine(Settings(index=tmp_path / "again", time_budget=0.0, synonyms=str(file)))
    plain = PlainSearch(documents, synonyms=read_synonyms(file))
    matches: tuple[Match, ...] = ("all", "any", "auto")
    for text in ("حاسوب", "كمبيوتر المدرسة", "حاسب آلي", "دولة أو نهر", "الأمم المتحدة قالت", "(وطن دولة) -بلد",
                 "عَلَم", "عِلْم الدولة", "حَاسُوب", "كُمْبِيُوتَر في المدرسة"):  # fmt: skip
        for match in matches:
            request = SearchRequest(text, match=match, per_page=100)
            assert_same(plain, engine.search(request), request)


def test_explanations_name_the_synonym_and_add_up(engine: EmbeddedEngine) -> None:
    for text in ("كمبيوتر", "حاسب آلي", "المدرسة كمبيوتر"):
        results = engine.search(SearchRequest(text, match="any", explain=True))
        for hit in results.hits:
            assert sum(reason.score for reason in hit.reasons) == pytest.approx(hit.score, rel=1e-5)
    reasons = {hit.article.id: hit.reasons for hit in engine.search(SearchRequest("كمبيوتر", explain=True)).hits}
    evidence = {name: [(each.kind, each.form) for each in reason[0].evidence] for name, reason in reasons.items()}
    assert evidence["machine"] == [("synonym", "حاسب الي")]
    assert ("synonym", "الحاسوب") in evidence["computer"]
    assert [kind for kind, _ in evidence["pc"]] != ["synonym"]


def test_a_changed_file_counts_at_once_and_a_broken_one_changes_nothing(
    engine: EmbeddedEngine, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert asked(engine, "نهر", "all") == {f"other-{n}" for n in range(12)}
    write(file, "نهر => دولة\nدولة =>\n")
    with caplog.at_level(logging.WARNING):
        assert "state" in asked(engine, "نهر")
        assert asked(engine, "حاسوب") == {"computer"}
    assert [record.getMessage() for record in caplog.records] == [f"{file}, line 2 is left out: a term is missing"]
    for content in (b"\xff\xfe\x00", b"<html>\n</html>", b"=>\n"):
        caplog.clear()
        file.write_bytes(content)
        for _ in range(2):
            assert "state" in asked(engine, "نهر")
        assert len(caplog.records) == 1
        assert "stay in force" in caplog.text
    file.unlink()
    assert "state" in asked(engine, "نهر")
    write(file, "# nothing")
    assert "state" not in asked(engine, "نهر")


def test_a_file_is_read_only_when_it_changes(
    engine: EmbeddedEngine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = os.stat(file).st_mtime_ns
    monkeypatch.setattr("search.synonyms.read_synonyms", lambda path: pytest.fail("read again"))
    assert len(asked(engine, "حاسوب")) == 3
    monkeypatch.undo()
    write(file, FILE.replace("دولة", "قمة "))
    os.utime(file, ns=(stamp, stamp + 1))
    assert asked(engine, "دولة") == {"state"}


def test_a_missing_file_is_an_error_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"FIHRIS_SYNONYMS: .*none\.txt cannot be read: No such file"):
        EmbeddedEngine(Settings(index=tmp_path, synonyms=str(tmp_path / "none.txt")))


BAD = [
    ("=> بلد", "a term is missing"),
    ("دولة =>", "a term is missing"),
    ("دولة,, بلد", "a term is missing"),
    ("دولة, ؟!", "'؟!' holds no word"),
    ("دولة", "one term by itself, once letters are folded: nothing to add"),
    ("إعلان, اعلان", "one term by itself, once letters are folded: nothing to add"),
    ("إعلان => اعلان", "the same on both sides, once letters are folded: nothing to add"),
    ("أ => ب => ج", "more than one =>"),
    ("كلمة, " + "كلمة " * 9, f"{('كلمة ' * 9).strip()!r} is longer than 8 words"),
    (", ".join(f"كلمة{n}" for n in range(65)), "more than 64 terms"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_bad_line_is_named_and_loses_nothing_else(tmp_path: Path, line: str, reason: str) -> None:
    found = read_synonyms(write(tmp_path / "s.txt", f"# c\nحاسوب, كمبيوتر\n{line}\n\n  # d\nدولة => بلد\n"))
    assert found.faults == (Fault(3, reason),)
    assert found.found(["حاسوب"], 0) == [(1, (("كمبيوتر",),))]
    assert found.found(["دوله"], 0) == [(1, (("بلد",),))]


@pytest.mark.parametrize("content", [b"\xc8\xe1\xcf", "دولة\n".encode(), "<html>\nدولة".encode()])
def test_a_file_without_a_good_line_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.txt"
    path.write_bytes(content)
    with pytest.raises(SynonymsError, match=r"s\.txt.*line 1: "):
        read_synonyms(path)


def test_lines_of_one_term_add_up_and_are_not_chained(tmp_path: Path) -> None:
    found = read_synonyms(write(tmp_path / "s.txt", "\ufeffأ1, ب1\r\nب1, ج1\r\nأ1 => د1\r\nأ\\,1, 'ه1'\r\n"))
    assert found.faults == ()
    assert found.found(["ا1"], 0) == [(1, (("ب1",), ("د1",)))]
    assert found.found(["ب1"], 0) == [(1, (("ا1",), ("ج1",)))]
    assert found.found(["ا", "1"], 0) == [(2, (("ه1",),))]
    assert found.found(["ا", "2"], 0) == []
    assert found.found(["ا"], 0) == []


@given(st.text(alphabet=st.sampled_from('ابجد ,،=>#\\\n\r"()؟')))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = write(tmp_path_factory.getbasetemp() / "any.txt", text)
    try:
        found = read_synonyms(path)
    except SynonymsError:
        return
    lines = text.split("\n")
    assert all(lines[fault.line - 1].strip() for fault in found.faults)
    assert found.rules <= sum(len(words(line)) for line in lines)


def run(*arguments: str | Path, **environment: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], env={k: str(v) for k, v in environment.items()})


def test_commands_tell_of_bad_lines(tmp_path: Path, engine: EmbeddedEngine, file: Path) -> None:
    write(file, FILE + "دولة =>\n")
    given = {"FIHRIS_INDEX": tmp_path / "index", "FIHRIS_SYNONYMS": file}
    assert "line 5 is left out: a term is missing" in run("status", **given).output
    assert json.loads(run("status", "--json", **given).output)["synonyms"] == {
        "file": str(file),
        "error": None,
        "terms": 5,
        "left_out": [{"line": 5, "reason": "a term is missing"}],
    }
    assert json.loads(run("status", "--json", FIHRIS_INDEX=tmp_path / "index").output)["synonyms"] is None
    file.unlink()
    assert f"{file} cannot be read" in run("status", **given).output
    for command in (("search", "نهر"), ("serve",)):
        result = run(*command, **given)
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: FIHRIS_SYNONYMS: {file} cannot be read")


def test_a_search_from_the_terminal_names_the_bad_line(tmp_path: Path, engine: EmbeddedEngine, file: Path) -> None:
    write(file, FILE + "دولة =>\n")
    answer = subprocess.run(
        [sys.executable, "-m", "web.commands", "search", "كمبيوتر"],
        env={**os.environ, "FIHRIS_INDEX": str(tmp_path / "index"), "FIHRIS_SYNONYMS": str(file)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stderr == f"{file}, line 5 is left out: a term is missing\n"
    assert "حاسوب جديد" in answer.stdout
