"""How the cluster is connected to: settings, who asks, the next node, and errors as sentences."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from index.generations import NoIndexError
from index.opensearch.connection import ClusterError, ClusterUnavailableError, connect, reason, telling
from index.opensearch.names import Names
from index.opensearch.state import live_state
from index.settings import Settings, SettingsError


class Recorder(BaseHTTPRequestHandler):
    """Answers everything with ``status``, and remembers who asked."""

    asked: ClassVar[list[str]] = []
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization", ""))
        body = json.dumps({"error": {"type": "t", "reason": "because"}}).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def node() -> Iterator[str]:
    """A server that is no node, and tells how it was asked."""
    Recorder.asked, Recorder.status = [], 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(**named: Any) -> None:
    client = connect(Settings(engine="opensearch", **named))
    try:
        with telling():
            client.cluster.health()
    finally:
        client.close()


def test_who_asks_is_sent(node: str) -> None:
    ask(opensearch_url=node)
    ask(opensearch_url=node, opensearch_user="كاتب", opensearch_password="سر:1")  # noqa: S106 - nobody's
    ask(opensearch_url=node, opensearch_api_key="a2V5")
    none, basic, key = Recorder.asked
    assert none == ""
    assert b64decode(basic.removeprefix("Basic ")).decode() == "كاتب:سر:1"
    assert key == "ApiKey a2V5"


def test_the_next_node_is_asked_where_one_does_not_answer(node: str) -> None:
    for _ in range(4):  # the client begins with any of them
        ask(opensearch_url=f"http://127.0.0.1:9,{node}")
    assert len(Recorder.asked) == 4


@pytest.mark.parametrize(("status", "times"), [(500, 4), (503, 4), (429, 1)])
def test_what_passes_is_told_as_such(node: str, status: int, times: int) -> None:
    Recorder.status = status
    with pytest.raises(ClusterError, match=f"the cluster answered {status}: t: because") as raised:
        ask(opensearch_url=node)
    assert isinstance(raised.value, ClusterUnavailableError)
    assert len(Recorder.asked) == times


def test_what_is_refused_is_told_and_not_asked_again(node: str) -> None:
    Recorder.status = 403
    with pytest.raises(ClusterError, match="the cluster answered 403: t: because") as raised:
        ask(opensearch_url=node)
    assert not isinstance(raised.value, ClusterUnavailableError)
    assert len(Recorder.asked) == 1


def test_a_dead_cluster_is_unavailable() -> None:
    with pytest.raises(ClusterUnavailableError, match="the cluster does not answer"):
        ask(opensearch_url="http://127.0.0.1:9")


def test_a_node_that_hangs_is_left_for_the_next_when_the_state_is_asked_for(node: str) -> None:
    Recorder.status = 404
    with socket.create_server(("127.0.0.1", 0)) as hung:  # takes connections, and never says a word
        silent = f"http://127.0.0.1:{hung.getsockname()[1]}"
        for nodes in (f"{silent},{node}", f"{node},{silent}"):
            client = connect(Settings(engine="opensearch", opensearch_url=nodes))
            for _ in range(2):
                with pytest.raises(NoIndexError, match="no live index"):
                    live_state(client, Names("fihris"), 0.1)
            client.close()
        client = connect(Settings(engine="opensearch", opensearch_url=silent))
        with pytest.raises(ClusterUnavailableError, match=r"read timeout=0\.1"):
            live_state(client, Names("fihris"), 0.1)
        client.close()


def test_reasons_are_short() -> None:
    assert reason({"error": {"root_cause": [], "type": "a", "reason": "b\n c"}}) == "a: b c"
    assert reason({"error": {"root_cause": [{"type": "x", "reason": "y"}], "type": "a"}}) == "x: y"
    assert len(reason({"error": "x" * 9000})) == 300


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("URL", "127.0.0.1:9200", "FIHRIS_OPENSEARCH_URL: must be one or more of http://host:9200"),
        ("URL", "http://a:9200,ftp://b", "FIHRIS_OPENSEARCH_URL"),
        ("INDEX", "Fihris", "FIHRIS_OPENSEARCH_INDEX: must be"),
        ("INDEX", "a,b", "FIHRIS_OPENSEARCH_INDEX: must be"),
        ("INDEX", "-a", "FIHRIS_OPENSEARCH_INDEX: must be"),
        ("API_KEY", "مفتاح", "FIHRIS_OPENSEARCH_API_KEY: is no key"),
        ("TIMEOUT", "0", "FIHRIS_OPENSEARCH_TIMEOUT"),
        ("TIMEOUT", "nan", "FIHRIS_OPENSEARCH_TIMEOUT"),
        ("SHARDS", "0", "FIHRIS_OPENSEARCH_SHARDS"),
        ("REPLICAS", "-1", "FIHRIS_OPENSEARCH_REPLICAS"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings.from_environment({f"FIHRIS_OPENSEARCH_{name}": value})


def test_two_ways_to_say_who_asks_are_one_too_many() -> None:
    with pytest.raises(SettingsError, match="set one of them"):
        Settings.from_environment({"FIHRIS_OPENSEARCH_USER": "a", "FIHRIS_OPENSEARCH_API_KEY": "b"})


def test_settings_are_read() -> None:
    found = Settings.from_environment(
        {
            "FIHRIS_ENGINE": "opensearch",
            "FIHRIS_OPENSEARCH_URL": "https://a.example:9200, http://[::1]:9201",
            "FIHRIS_OPENSEARCH_SHARDS": "3",
        }
    )
    assert (found.engine, found.opensearch_shards, found.opensearch_replicas) == ("opensearch", 3, 1)


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"FIHRIS_OPENSEARCH_CA: there is no file .*none\.pem"):
        ask(opensearch_url="https://127.0.0.1:9", opensearch_ca=str(tmp_path / "none.pem"))
