"""The reasons of a score: complete, and the plain loops' own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from crowd import CROWD_QUERIES, crowd
from plain_search import PlainSearch, leaves_that_score
from segmented import build_segments, engine_on

from index.article import Article
from search.embedded import EmbeddedEngine
from search.parser import parse
from search.ranking import RANKING
from search.request import SearchRequest


def assert_explained(engine: EmbeddedEngine, plain: PlainSearch, text: str) -> None:
    numbers = {document.article.id: number for number, document in enumerate(plain.documents)}
    leaves = list(dict.fromkeys(leaves_that_score(parse(text).root)))
    for match in ("all", "any"):
        results = engine.search(SearchRequest(text, match=match, per_page=40, highlight=False, explain=True))
        for place, hit in enumerate(results.hits):
            assert sum(reason.score for reason in hit.reasons) == pytest.approx(hit.score, rel=1e-5, abs=1e-6)
            number = numbers[hit.article.id]
            found = {leaf: plain.occurrences(leaf, number) for leaf in leaves}
            early, proximity = plain.closer(leaves, number) if place < RANKING.window else (0.0, 0.0)
            coverage = plain.coverage(len(leaves), sum(map(bool, found.values())))
            together = {"coverage": coverage, "early": early, "proximity": proximity}
            expected = [
                (type(leaf).__name__.lower(), leaf.field, pytest.approx(plain.score(leaf, number), rel=1e-5), there)
                for leaf in leaves
                if (there := found[leaf])
            ]
            expected += [
                (kind, "", pytest.approx(score, rel=1e-5, abs=1e-6), {}) for kind, score in together.items() if score
            ]
            told = [
                (reason.kind, reason.field, reason.score, {(e.form, e.field): e.frequency for e in reason.evidence})
                for reason in hit.reasons
            ]
            assert len(told) == len(expected)
            for each, due in zip(told, expected, strict=True):
                assert each == tuple(due)
            for evidence in (evidence for reason in hit.reasons for evidence in reason.evidence):
                assert evidence.length == len(plain.documents[number].texts[evidence.field])
                assert evidence.weight == pytest.approx(RANKING.kinds[evidence.kind])  # type: ignore[index]


@pytest.mark.parametrize("text", CROWD_QUERIES)
def test_reasons_add_up_to_the_score(text: str) -> None:
    assert_explained(*crowd(), text)


def test_reasons_tell_a_word_from_its_other_forms(tmp_path: Path) -> None:
    chance = random.Random(6)
    forms = ("كتاب", "الكتاب", "كتابها", "نهر", "النهر", "في")
    texts = [" ".join(chance.choices(forms, k=chance.randrange(8))) for _ in range(80)]
    everything = [
        Article(f"{n}", title, body) for n, (title, body) in enumerate(zip(texts[::2], texts[1::2], strict=True))
    ]
    plain, engine = PlainSearch(build_segments(tmp_path, [everything[:25], everything[25:]])), engine_on(tmp_path)
    for text in ("كتاب", "نهر الكتاب", "title:كتاب", "(كتاب أو النهر) -في", 'كتا* "كتاب الكتاب" نهر'):
        assert_explained(engine, plain, text)


def test_reasons_are_given_only_where_they_are_asked_for() -> None:
    engine, _ = crowd()
    assert {hit.reasons for hit in engine.search(SearchRequest("كبد")).hits} == {()}
    assert {hit.reasons for hit in engine.search(SearchRequest("", explain=True)).hits} == {()}
    marked = engine.search(SearchRequest("كبد", explain=True)).hits
    unmarked = engine.search(SearchRequest("كبد", explain=True, highlight=False)).hits
    assert [hit.reasons for hit in marked] == [hit.reasons for hit in unmarked]
