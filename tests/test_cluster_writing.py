"""Writing to a real cluster: what is there afterwards, also of what changed during a build."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clustered import ARTICLES, Inside, by_id, rollback, run
from contract import Place, sample

from index.article import Article
from index.families import FamilyTable
from index.generations import NoIndexError
from index.opensearch import building, changing
from index.opensearch.assets import Assets
from index.opensearch.names import assets_of
from index.opensearch.vocabulary import WordCounts
from index.writers import open_writer


def test_a_build_holds_every_article_as_it_was_given(there: Place) -> None:
    odd = Article("ا" * 400, "عُنْوَانٌ", "نَصٌّ\n\t" + "م" * 3000, "https://x.example", "م" * 9000, "ك", "ق", "0001-01-01")
    there.rebuild([*ARTICLES, odd, Article("#", body="x")])
    inside = Inside.of(there)
    assert inside.articles() == by_id(*ARTICLES, odd, Article("#", body="x"))
    state = inside.state()
    assert (state.commit, state.articles, state.documents, state.sequence) == (1, 42, 42, 43)
    numbers = {key: hit["fields"]["sequence"][0] for key, hit in inside.documents().items()}
    assert [numbers[article.id] for article in ARTICLES] == list(range(1, 41))
    assert inside.indexes() == {state.generation, assets_of(state.generation)}


def test_what_is_added_replaced_and_deleted_is_there_at_once(there: Place) -> None:
    there.rebuild(ARTICLES)
    new, changed = Article("new", body="خبر جديد"), Article(ARTICLES[3].id, title="عنوان آخر")
    there.add(new, changed)
    there.delete(ARTICLES[0].id, "nobody", "\ud800")
    wanted = {**by_id(*ARTICLES, new, changed)}
    del wanted[ARTICLES[0].id]
    inside = Inside.of(there)
    assert inside.articles() == wanted
    state = inside.state()
    assert (state.commit, state.sequence, state.documents) == (3, 43, 42)
    assert {inside.documents()[each]["fields"]["sequence"][0] for each in (new.id, changed.id)} == {41, 42}


def test_a_delete_of_nothing_changes_nothing(there: Place) -> None:
    there.rebuild(ARTICLES)
    before = Inside.of(there).state()
    there.delete("nobody")
    assert Inside.of(there).state() == before


def test_the_first_add_is_a_build(there: Place) -> None:
    there.add(*ARTICLES)
    assert Inside.of(there).articles() == by_id(*ARTICLES)


def test_words_of_adds_have_tables_that_are_few(there: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there.rebuild(ARTICLES)
    inside = Inside.of(there)
    known = 12
    for number in range(known):
        there.add(Article(f"n{number}", body=f"قسقنطوس{number} مدينة"))
    state = inside.state()
    assert len(state.assets) <= 3
    opened = [Assets(inside.client, tmp_path / "copy").open(state, asset).arrays for asset in state.assets]
    others = [FamilyTable(each) for each in opened[1:]]
    new = {word.decode() for each in others for word in each.words.to_list()}
    assert {f"قسقنطوس{number}" for number in range(known)} <= new
    counts = [WordCounts.stored(arrays) for arrays in opened[1:]]
    found = sum(
        int(each.counts[each.words.find("مدينه".encode())]) for each in counts if each.words.find("مدينه".encode()) >= 0
    )
    assert found == known
    stored = inside.client.indices.refresh(index=assets_of(state.generation))
    assert stored["_shards"]["failed"] == 0
    pieces = inside.client.count(index=assets_of(state.generation))["count"]
    # What was taken into another stays for those who are just fetching it.
    assert pieces == 1 + sum(asset.pieces for asset in (*state.assets, *state.retired))
    assert len(state.assets) + len(state.retired) == 1 + known
    monkeypatch.setattr(changing, "_RETIRED_SECONDS", 0.0)
    there.delete("n0")
    state = inside.state()
    assert state.retired == ()
    inside.client.indices.refresh(index=assets_of(state.generation))
    pieces = inside.client.count(index=assets_of(state.generation))["count"]
    assert pieces == 1 + sum(asset.pieces for asset in state.assets)


def test_rollback_and_back_and_what_is_kept(there: Place) -> None:
    there.rebuild(ARTICLES[:10])
    with pytest.raises(NoIndexError):
        rollback(there)
    there.rebuild(ARTICLES[:20])
    there.rebuild(ARTICLES[:30])
    inside = Inside.of(there)
    assert len(inside.generations()) == 2
    assert open_writer(there.settings).status().can_roll_back
    rollback(there)
    assert len(inside.articles()) == 20
    rollback(there)
    assert len(inside.articles()) == 30
    rollback(there)
    there.rebuild(ARTICLES)
    rollback(there)
    assert len(inside.articles()) == 20


def test_what_changes_during_a_build_is_in_its_index(there: Place) -> None:
    """Added before, while and after the build's articles are read; replaced, deleted, deleted and added again."""
    there.rebuild(ARTICLES)
    reading, go_on = threading.Event(), threading.Event()
    late = [replace(article, body=f"{article.body} متأخر") for article in ARTICLES[10:14]]

    def slowly() -> Iterator[Article]:
        yield from ARTICLES[:20]
        reading.set()
        assert go_on.wait(60)
        yield from ARTICLES[20:30]

    build = threading.Thread(target=lambda: there.rebuild(slowly()))
    build.start()
    assert reading.wait(60)
    inside = Inside.of(there)
    there.add(*late, Article("new", body="خبر"), Article("gone", body="خبر"), Article("back", body="قديم"))
    there.delete("gone", "back", ARTICLES[0].id, ARTICLES[25].id, ARTICLES[35].id)
    there.add(Article("back", body="قسقنطوس"))
    assert inside.state().commit == 4  # all of them wrote to the live index
    assert "new" in inside.articles()
    go_on.set()
    build.join(120)
    wanted = by_id(*ARTICLES[:30], *late, Article("new", body="خبر"), Article("back", body="قسقنطوس"))
    del wanted[ARTICLES[0].id], wanted[ARTICLES[25].id]
    assert inside.articles() == wanted
    state = inside.state()
    assert state.articles == 30
    added = [FamilyTable(Assets(inside.client, there.settings.index).open(state, each).arrays) for each in state.assets]
    assert "قسقنطوس".encode() in added[-1].words.to_list()
    assert len(inside.indexes()) == 4  # no journal
    there.add(Article("after", body="خبر"))
    assert "after" in inside.articles()


def test_what_is_added_between_the_first_taking_over_and_the_switch_is_there(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.rebuild(ARTICLES)
    take_over = building.Build._take_over
    passes: list[int] = []

    def taking(build: Any, generation: str, done: int) -> int:
        complete = take_over(build, generation, done)
        passes.append(complete)
        if len(passes) == 1:
            there.add(Article("just in time", body="خبر"))
        return complete

    monkeypatch.setattr(building.Build, "_take_over", taking)
    there.rebuild(ARTICLES)
    assert "just in time" in Inside.of(there).articles()
    assert passes == [1, 2]


def test_commands_tell_what_they_did(there: Place) -> None:
    lines = "".join(f'{{"id": "{number}", "body": "خبر {number}"}}\n' for number in range(5))
    assert "no live index" in run(there, "status").output
    done = run(there, "reindex", "-", text=lines + '{"id": "x"}\n')
    assert "Published 5 articles" in done.output
    assert "Rejected 1" in done.output
    assert (there.settings.index / "rejects.jsonl").read_text().count("\n") == 1
    assert (
        "Added 2 articles, 1 of which replaced"
        in run(there, "add", "-", text='{"id": "1", "body": "a"}\n{"id": "9", "body": "b"}\n').output
    )
    assert "Deleted 1 article; not there: 1" in run(there, "delete", "9", "nobody").output
    assert run(there, "delete", "nobody").exit_code == 1
    told = run(there, "status").output
    for part in (
        "engine            opensearch",
        "articles          5",
        "health            green",
        "commit            3",
    ):
        assert part in told
    assert "Published" in run(there, "reindex", "-", text=lines).output
    assert "again" in run(there, "rollback").output


def test_the_sample_is_built_with_the_words_that_are_protected(there: Place, tmp_path: Path) -> None:
    there.rebuild(sample())
    inside = Inside.of(there)
    state = inside.state()
    table = FamilyTable(Assets(inside.client, tmp_path / "copy").open(state, state.assets[0]).arrays)
    assert table.kinship is not None
    before = len(table.kinship.protected)
    writer = open_writer(there.settings)
    with writer.locked("reindex", "a test", 5.0):
        writer.rebuild(sample(), jobs=2, memory=32, force=False, rejected=lambda: 3, protected=("مدينه",))
    state = inside.state()
    assert state.rejected == 3
    table = FamilyTable(Assets(inside.client, tmp_path / "copy").open(state, state.assets[0]).arrays)
    assert table.kinship is not None
    assert len(table.kinship.protected) == before + 1


def test_a_build_gets_its_turn_among_many_who_add(there: Place) -> None:
    there.rebuild(ARTICLES)
    ended = threading.Event()
    begun: list[str] = []
    added: list[str] = []

    def adding(name: str) -> None:
        number = 0
        while not ended.is_set():
            begun.append(f"{name}-{number}")
            there.add(Article(f"{name}-{number}", body="خبر"))
            added.append(f"{name}-{number}")
            number += 1

    adders = [threading.Thread(target=adding, args=(name,)) for name in ("a", "b", "c")]
    for adder in adders:
        adder.start()
    before: list[str] = []

    def reading() -> Iterator[Article]:
        before.extend(begun)
        yield from ARTICLES[:30]

    there.rebuild(reading())
    ended.set()
    for adder in adders:
        adder.join()
    inside = Inside.of(there)
    assert inside.state().articles == 30
    assert set(added) - set(before) <= set(inside.articles())
