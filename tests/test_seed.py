"""One real scraped page: it must index without its site's leavings, and every spelling of its words must find it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from index.settings import Settings
from search.engine import Engine
from search.engines import open_engine
from search.request import SearchRequest
from web.commands import main


@pytest.fixture(scope="module")
def seed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    directory = tmp_path_factory.mktemp("seed")
    source = str(shared_data / "text" / "seed-article.txt")
    result = CliRunner().invoke(main, ["reindex", source, "--index", str(directory), "--jobs", "1"])
    assert result.exit_code == 0, result.output
    assert "Removed 3 lines of site furniture" in result.output
    return open_engine(Settings(index=directory))


@pytest.mark.parametrize(
    ("query", "mark"),
    [
        ("اجتماع", "اجتماعاً"),
        ("اجتماعًا", "اجتماعاً"),
        ("الإجتماع", "اجتماعاً"),
        ("امريكا", "وأمريكا"),
        ("أمريكا", "وأمريكا"),
        ("الاممي", "الأممي"),
        ("لإعادة", "لاعادة"),
        ("لاعادة", "لاعادة"),
        ("حلب", "حلب"),
        ("أيار", "أيار"),
        ("مايو", "مايو"),
    ],
)
def test_a_word_in_any_spelling_finds_and_marks_it(seed: Engine, query: str, mark: str) -> None:
    (hit,) = seed.search(SearchRequest(query, match="all")).hits
    marks = {fragment.text[begin:end] for fragment in (*hit.title, *hit.body) for begin, end in fragment.ranges}
    assert mark in marks


def test_a_name_of_two_words_is_marked_whole(seed: Engine) -> None:
    (hit,) = seed.search(SearchRequest("دي ميستورا", match="all")).hits
    fragment = hit.body[0]
    assert [fragment.text[begin:end] for begin, end in fragment.ranges][:2] == ["دي", "ميستورا"]


def test_a_misspelling_has_no_literal_hit(seed: Engine) -> None:
    results = seed.search(SearchRequest("الجتماع"))
    assert results.total == 0


def test_the_sites_leavings_are_gone_and_the_article_is_whole(seed: Engine) -> None:
    (hit,) = seed.search(SearchRequest("")).hits
    article = hit.article
    assert article.title == "باريس تريد اجتماعاً لمجموعة دعم سوريا.. وروسيا وأمريكا تدعوان لتثبيت وقف النار"
    assert article.body.startswith("أعلن وزير الخارجية الأمريكي جون كيري")
    assert article.body.endswith("ومدد في الغوطة في 1 مايو/أيار يوما واحدا.")
