"""gunicorn run from within this process, and the command that does it."""

from __future__ import annotations

import importlib
import os
import socket
from pathlib import Path

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from index.commands import build_sample, failing_clearly, index_option
from index.settings import Settings, variable
from index.synonyms import synonyms_setting
from web import create_app

SAMPLE_INDEX = Path("var/sample")
_SAMPLE_ENGINE = "whoosh"


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with the settings of ``web.gunicorn_config``.

    It runs here, not as another program: that one would look for ``web`` in the current directory first.
    """

    def load_config(self) -> None:
        """Take every setting that the configuration module names."""
        module = importlib.import_module("web.gunicorn_config")
        for name, value in vars(module).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in the process that the workers are forked from."""
        return create_app()


@click.command()
@index_option
@click.option("--host", help="Address to listen on  [default: FIHRIS_HOST, else 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on  [default: FIHRIS_PORT, else 8000]")
@click.option("--workers", type=click.IntRange(min=0), help="Server processes; 0 is one a core.")
@click.option("--sample", is_flag=True, help=f"Serve the bundled sample articles from {SAMPLE_INDEX}.")
@failing_clearly
def serve(directory: Path | None, host: str | None, port: int | None, workers: int | None, sample: bool) -> None:
    """Serve the search page and the JSON endpoint with gunicorn until interrupted."""
    if sample and directory:
        # Building the sample publishes it: never in the place of somebody's own index.
        raise click.UsageError("--sample has an index of its own; leave out --index")
    index = SAMPLE_INDEX if sample else directory
    given = {"index": index, "host": host, "port": port, "workers": workers}
    # The workers read the environment, and do so again when gunicorn is told to reload.
    os.environ.update({variable(name): str(value) for name, value in given.items() if value is not None})
    settings = Settings.from_environment()
    synonyms_setting(settings.synonyms)  # gunicorn would say it at length
    _check_free(settings)
    if sample:
        aside = "" if settings.engine == _SAMPLE_ENGINE else f" for the engine {_SAMPLE_ENGINE}, not {settings.engine}"
        click.echo(f"Indexing the bundled sample{aside} …")
        os.environ[variable("engine")] = _SAMPLE_ENGINE
        build_sample(SAMPLE_INDEX)
    click.echo(f"فهرس: Fihris listens on {address(settings)} (Ctrl-C stops it)")
    Server().run()


def address(settings: Settings) -> str:
    """The URL at which a browser on this machine finds the service."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 - not bound to
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{settings.port}{settings.prefix}/"


def _check_free(settings: Settings) -> None:
    """Raise ClickException where another program listens there: gunicorn would try for seconds and say it at length."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host} port {settings.port}"
            raise click.ClickException(
                f"cannot listen on {where}: {error.strerror}; choose another with --port or FIHRIS_PORT"
            ) from None
