"""The ``serve`` command and the settings that reach gunicorn."""

from __future__ import annotations

import importlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from click.testing import CliRunner
from fake_engine import FakeEngine

from index.settings import Settings
from search.engine import EngineUnavailableError
from web import create_app, server
from web.commands import main
from web.server import Server

CHECK_FREE = server._check_free
EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound in these tests


class Started:
    """What the command did before and as it started the server."""

    def __init__(self) -> None:
        self.samples: list[Path] = []
        self.settings: Settings | None = None


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No FIHRIS_ variables; those that the command sets go away with the test."""
    copy = {name: value for name, value in os.environ.items() if not name.startswith("FIHRIS_")}
    copy["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path)
    monkeypatch.setattr(os, "environ", copy)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, environment: None, tmp_path: Path) -> Started:
    """Take note of what ``serve`` does instead of doing it, in an empty directory."""
    noted = Started()

    def run(self: Server) -> None:
        noted.settings = Settings.from_environment()

    monkeypatch.setattr(server, "build_sample", noted.samples.append)
    monkeypatch.setattr(server, "_check_free", lambda settings: None)  # somebody may be serving on port 8000
    monkeypatch.setattr(Server, "run", run)
    monkeypatch.chdir(tmp_path)
    return noted


@pytest.fixture
def configuration(environment: None, monkeypatch: pytest.MonkeyPatch) -> object:
    def load(**variables: str) -> ModuleType:
        for name, value in variables.items():
            os.environ[f"FIHRIS_{name}"] = value
        monkeypatch.delitem(sys.modules, "web.gunicorn_config", raising=False)
        return importlib.import_module("web.gunicorn_config")

    return load


def test_commands_of_all_packages_are_joined() -> None:
    promised = {"reindex", "add", "delete", "rollback", "search", "status", "serve", "evaluate"}
    assert promised <= set(main.commands)
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert all(name in result.output for name in promised)


def test_serve_says_where_and_hands_its_options_on(started: Started, tmp_path: Path) -> None:
    arguments = ["serve", "--index", str(tmp_path), "--host", EVERYWHERE, "--port", "8123", "--workers", "3"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert result.output.count("\n") == 1
    assert "http://127.0.0.1:8123/" in result.output
    assert started.settings == Settings(index=tmp_path, host=EVERYWHERE, port=8123, workers=3)
    assert started.samples == []


def test_serve_without_options_goes_by_the_environment(started: Started) -> None:
    os.environ["FIHRIS_PORT"] = "8124"
    assert CliRunner().invoke(main, ["serve"]).exit_code == 0
    assert started.settings == Settings(port=8124)


def test_the_sample_is_built_first_and_served(started: Started) -> None:
    os.environ["FIHRIS_INDEX"] = "somewhere/else"
    assert CliRunner().invoke(main, ["serve", "--sample"]).exit_code == 0
    assert started.samples == [Path("var/sample")]
    assert started.settings == Settings(index=Path("var/sample"))


def test_the_sample_is_built_anew_since_its_articles_may_have_changed(started: Started) -> None:
    for _ in range(2):
        result = CliRunner().invoke(main, ["serve", "--sample"])
        assert result.exit_code == 0
        assert "Indexing the bundled sample" in result.output
    assert started.samples == [Path("var/sample")] * 2


def test_the_sample_is_served_by_the_embedded_engine_and_says_so_where_another_is_set(started: Started) -> None:
    os.environ["FIHRIS_ENGINE"] = "opensearch"
    result = CliRunner().invoke(main, ["serve", "--sample"])
    assert result.exit_code == 0
    assert "for the engine whoosh, not opensearch" in result.output
    assert started.samples == [Path("var/sample")]
    assert started.settings == Settings(index=Path("var/sample"))


def test_a_port_in_use_is_told_before_anything_is_done(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_check_free", CHECK_FREE)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--sample", "--port", str(port)])
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in result.output
    assert started.samples == []
    assert started.settings is None


@pytest.mark.parametrize("arguments", [["--sample", "--index", "x"], ["--port", "0"], ["--workers", "-1"], ["--none"]])
def test_wrong_usage_is_exit_2_and_serves_nothing(started: Started, arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["serve", *arguments]).exit_code == 2
    assert started.settings is None
    assert started.samples == []


@pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("PREFIX", "no-slash"), ("ENGINE", "none")])
def test_a_bad_setting_is_exit_1_and_serves_nothing(started: Started, name: str, value: str) -> None:
    os.environ[f"FIHRIS_{name}"] = value
    result = CliRunner().invoke(main, ["serve", "--sample"])
    assert result.exit_code == 1
    assert f"FIHRIS_{name}" in result.stderr
    assert started.settings is None
    assert started.samples == []


def test_gunicorn_gets_the_settings(configuration) -> None:
    config = configuration(HOST="::1", PORT="8125", WORKERS="3", THREADS="7", TIME_BUDGET="20")
    assert config.bind == "[::1]:8125"
    assert (config.workers, config.threads) == (3, 7)
    assert config.timeout > 20
    assert config.preload_app
    assert config.worker_class == "gthread"
    assert config.wsgi_app == "web:create_app()"


def test_no_number_of_workers_is_one_a_core(configuration) -> None:
    assert configuration().workers == os.cpu_count()


def test_server_takes_every_setting_of_the_configuration(
    started: Started, configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configuration(PORT="8126", WORKERS="2")
    gunicorn = Server()
    assert gunicorn.cfg.address == [("127.0.0.1", 8126)]
    assert gunicorn.cfg.workers == 2
    assert gunicorn.cfg.preload_app is config.preload_app
    assert gunicorn.cfg.limit_request_line == config.limit_request_line
    assert gunicorn.cfg.control_socket_disable is True
    assert gunicorn.cfg.worker_class_str == "gthread"


def test_a_worker_opens_its_index_before_the_first_visitor(configuration: Callable[..., ModuleType]) -> None:
    opened: list[str] = []

    class Waiting(FakeEngine):
        def generation(self) -> str:
            opened.append("asked")
            raise EngineUnavailableError("nothing is published yet")

    application = create_app(Settings(), Waiting())
    configuration().post_worker_init(SimpleNamespace(wsgi=application))
    assert opened == ["asked"]
