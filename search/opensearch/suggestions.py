"""Suggestions while a question is typed, from the cluster's tables; headlines that are gone are asked for together."""

from __future__ import annotations

from index.completions import Completions
from search.opensearch.requests import Requests
from search.request import MAX_QUERY_LENGTH
from search.results import Suggestion


def suggestions(
    completions: Completions, text: str, limit: int, requests: Requests, *, unchanged: bool
) -> tuple[Suggestion, ...]:  # fmt: skip
    """Return at most ``limit`` ways to go on from what was typed; raises ClusterError.

    ``unchanged``: nothing was added, replaced or deleted since the tables were made. Otherwise the cluster is asked
    whether the articles of all headlines still have them, and again only where others take the place of some.
    """
    stands: dict[tuple[str, str], bool] = {}
    while True:
        asked: list[tuple[str, str]] = []

        def known(article_id: str, headline: str, asked: list[tuple[str, str]] = asked) -> bool:
            if unchanged:
                return True
            if (article_id, headline) not in stands:
                asked.append((article_id, headline))
            return stands.get((article_id, headline), True)

        found = completions.complete(text[:MAX_QUERY_LENGTH], limit, known)
        if not asked:
            return tuple(found)
        titles = requests.titles([article_id for article_id, _ in asked])
        for (article_id, headline), title in zip(asked, titles, strict=True):
            stands[article_id, headline] = title is not None and title.split() == headline.split()
