"""Changes to a generation that is complete: articles added, replaced and removed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from index.article import Article
from index.completions import joined
from index.families import FamilyTable
from index.opensearch.assets import remove, upload
from index.opensearch.cluster import Cluster
from index.opensearch.documents import document, document_id
from index.opensearch.journal import Journal
from index.opensearch.loading import Loader, deleting, in_batches, indexing, send
from index.opensearch.state import Asset, State, Version, write_state
from index.opensearch.vocabulary import Analyst, WordCounts, addition_arrays

BATCH, BATCH_CHARACTERS = 250, 1_000_000
"""Most articles that are sent at once, and most characters of their texts."""

_TIER = 4
"""Two tables of words become one where the older is no more than so many times as large: there are never many."""

_RETIRED_SECONDS = 120.0
"""How long a table stays that another has taken in: a reader may have learnt of it just before, and be fetching it."""


def characters(article: Article) -> int:
    """Return how long an article's texts are."""
    return len(article.title) + len(article.body)


def load(
    cluster: Cluster,
    index: str,
    articles: Iterable[Article],
    analyst: Analyst,
    sequence: int,
    threads: int,
    journal: Journal | None = None,
) -> Counter[str]:
    """Write articles to an index, numbered from ``sequence`` on, and return how many were ``created`` and ``updated``.

    No two may have one id. They are durable when this returns, and seen once the index is refreshed.
    """
    results: Counter[str] = Counter()
    with Loader(cluster.client, threads) as loader:
        for batch in in_batches(articles, characters, BATCH_CHARACTERS, BATCH):
            if journal:
                send(cluster.client, journal.added(batch))
            loader.put(
                [
                    indexing(index, document_id(article.id), document(article, texts, sequence + place))
                    for place, (article, texts) in enumerate(zip(batch, analyst.read(batch), strict=True))
                ]
            )
            sequence += len(batch)
    results += loader.results
    return results


class Changes:
    """Changes to a generation, seen when ``complete`` returns, all of them at once.

    ``memory``: bytes that may be held. ``journal``: where they are written down as well.
    """

    def __init__(
        self, cluster: Cluster, state: State, version: Version, memory: int, journal: Journal | None = None
    ) -> None:
        self.written = 0
        self.removed = 0
        self._cluster = cluster
        self._state = state
        self._version = version
        self._journal = journal
        self._analyst = Analyst(memory)

    @property
    def generation(self) -> str:
        """The generation that is changed."""
        return self._state.generation

    def add(self, articles: Iterable[Article], threads: int = 1) -> None:
        """Write articles, no two of one id."""
        first = self._state.sequence + self.written
        results = load(self._cluster, self._state.generation, articles, self._analyst, first, threads, self._journal)
        self.written += results.total()
        self.removed += results["updated"]

    def delete(self, ids: Sequence[str]) -> None:
        """Remove articles; those that are not there are passed over."""
        sound = dict.fromkeys(each.encode("utf-8", "replace").decode() for each in ids)
        for batch in in_batches(sound, len, BATCH_CHARACTERS, BATCH):
            if self._journal:
                send(self._cluster.client, self._journal.deleted(batch))
            actions = [deleting(self._state.generation, document_id(each)) for each in batch]
            self.removed += send(self._cluster.client, actions)["deleted"]

    def complete(self) -> State:
        """Make the changes visible, and write the state of the next commit, which is returned."""
        state, analyst = self._state, self._analyst
        assets, replaced = self._assets() if analyst.documents else (state.assets, ())
        now = time.time()
        retired = [*state.retired, *(replace(asset, replaced=now) for asset in replaced)]
        kept = [asset for asset in retired if now - asset.replaced < _RETIRED_SECONDS]
        self._cluster.refresh(state.generation)
        changed = replace(
            state,
            commit=state.commit + 1,
            sequence=state.sequence + self.written,
            documents=state.documents + analyst.documents,
            words={name: count + analyst.words[name] for name, count in state.words.items()},
            assets=tuple(assets),
            retired=tuple(kept),
        )
        write_state(self._cluster.client, changed, self._version)
        for asset in retired[: len(retired) - len(kept)]:
            remove(self._cluster.client, state.generation, asset)
        return changed

    def _assets(self) -> tuple[Sequence[Asset], Sequence[Asset]]:
        """Put the tables of what was added into the cluster; return the assets now, and those that they take in."""
        state, cluster = self._state, self._cluster
        table = FamilyTable(cluster.assets.open(state, state.assets[0]).arrays)
        counted = self._analyst.counted()
        completions = [self._analyst.completions()]
        kept = list(state.assets)
        while len(kept) > 1:
            arrays = cluster.assets.open(state, kept[-1]).arrays
            last = WordCounts.stored(arrays)
            if len(last.words) > _TIER * len(counted.words):
                break
            counted = WordCounts.united([last, counted])
            completions.append(arrays)
            kept.pop()
        tables = addition_arrays(counted, joined(completions), table)
        added = upload(cluster.client, state.generation, f"words-{state.commit + 1}", tables)
        return [*kept, added], state.assets[len(kept) :]
