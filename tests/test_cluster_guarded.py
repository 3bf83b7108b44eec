"""A real node that answers by TLS alone, and only those whom it knows: an account, a key, a bundle of certificates."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from clustered import ARTICLES
from clusters import started
from contract import Place, place

from index.article import Article
from index.opensearch.connection import ClusterError, ClusterUnavailableError, connect, telling
from index.settings import Settings
from search.request import SearchRequest
from web import create_app

pytestmark = pytest.mark.cluster

ACCOUNT: dict[str, Any] = {"opensearch_user": "كاتب", "opensearch_password": "سر:1"}
KEY: dict[str, Any] = {"opensearch_api_key": "a2V5"}
ADMITTED = (f"Basic {b64encode('كاتب:سر:1'.encode()).decode()}", "ApiKey a2V5")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place for an index in a node that asks for an account or a key."""
    cluster = started(tmp_path_factory, "guarded", 1, ADMITTED)
    found = place("opensearch", tmp_path_factory.mktemp("copies"), cluster.urls())
    assert found.settings.opensearch_url.startswith("https://")
    yield Place(replace(found.settings, opensearch_ca=cluster.certificate()))
    cluster.stop()


def asked(settings: Settings) -> None:
    client = connect(settings)
    try:
        with telling():
            client.cluster.health()
    finally:
        client.close()


def test_whoever_is_admitted_writes_and_asks(guarded: Place) -> None:
    writer, reader = Place(replace(guarded.settings, **ACCOUNT)), Place(replace(guarded.settings, **KEY))
    writer.rebuild(ARTICLES)
    writer.add(Article("new", body="قسقنطوس"))
    assert [hit.article.id for hit in reader.open().search(SearchRequest("قسقنطوس")).hits] == ["new"]
    assert reader.open().extent().articles == len(ARTICLES) + 1


STRANGERS: tuple[dict[str, Any], ...] = ({}, {**ACCOUNT, "opensearch_password": "سر:2"}, {"opensearch_api_key": "bm8"})


@pytest.mark.parametrize("who", STRANGERS, ids=("nobody", "account", "key"))
def test_whoever_is_not_is_told(guarded: Place, who: dict[str, Any]) -> None:
    settings = replace(guarded.settings, **who)
    with pytest.raises(ClusterError, match="the cluster answered 401") as raised:
        asked(settings)
    assert not isinstance(raised.value, ClusterUnavailableError)
    answer = create_app(settings, Place(settings).open()).test_client().get("/api/search?q=خبر")
    assert answer.status_code == 503


def test_a_node_whose_certificate_nobody_vouches_for_is_not_asked(guarded: Place) -> None:
    with pytest.raises(ClusterUnavailableError, match="certificate verify failed"):
        asked(replace(guarded.settings, **KEY, opensearch_ca=""))


def test_a_node_that_is_asked_without_tls_is_told(guarded: Place) -> None:
    plain = guarded.settings.opensearch_url.replace("https:", "http:")
    with pytest.raises(ClusterUnavailableError, match="the cluster does not answer"):
        asked(replace(guarded.settings, **KEY, opensearch_url=plain))
