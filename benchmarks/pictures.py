"""The pictures in the README: the results page of a running service, on a desk and on a phone.

``python -m benchmarks.pictures INDEX_DIR`` serves the index with ``fihris serve`` and photographs it with Chromium.
Pictures that go into the repository are taken of the bundled sample: what other corpora hold may not be shipped.
The pages bring no font of their own, so the pictures show one of this system: install Noto Sans Arabic and Noto Naskh
Arabic (Debian: fonts-noto-core) before taking them, or they will look like whatever Arabic font there is.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import click
from playwright.sync_api import sync_playwright

QUERY = "البحر"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
MOST_BYTES = 300_000
"""Largest picture; larger ones make a repository heavy for nothing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A window to photograph: its size in CSS pixels, and how many pixels of the picture one of them takes."""

    name: str
    width: int
    height: int
    scale: int


FRAMES = (Frame("page-1280", 1280, 860, 1), Frame("page-390", 390, 844, 2))


@contextmanager
def serving(index: Path) -> Iterator[str]:
    """Serve an index on a free port; gives the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"FIHRIS_INDEX": str(index.resolve()), "FIHRIS_PORT": str(port), "FIHRIS_WORKERS": "1"}
    command = [sys.executable, "-m", "web.commands", "serve"]
    server = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert server.stderr is not None  # noqa: S101 - it is a pipe
        if not any(b"Listening at" in line for line in server.stderr):
            raise click.ClickException(f"fihris serve ended with status {server.wait()}")
        address = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(f"{address}/readyz", timeout=60).close()  # noqa: S310 - our own address
        yield address
    finally:
        server.terminate()
        server.communicate()


def take(address: str, query: str, target: Path, prefix: str, chromium: str) -> list[Path]:
    """Photograph the results of a query in every frame; returns the pictures' paths."""
    pictures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for frame in FRAMES:
            page = browser.new_page(
                viewport={"width": frame.width, "height": frame.height},
                device_scale_factor=frame.scale,
                locale="ar",
                color_scheme="light",
            )
            page.goto(f"{address}/?{urlencode({'q': query})}")
            picture = target / f"{prefix}{frame.name}.png"
            page.screenshot(path=picture)
            pictures.append(picture)
        browser.close()
    return pictures


@click.command()
@click.argument("index", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--query", default=QUERY, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs"), show_default=True)
@click.option("--prefix", default="", help="Beginning of the pictures' names.")
def main(index: Path, query: str, out: Path, prefix: str) -> None:
    """Take the README's pictures of the results page of an index."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("no Chromium is installed")
    out.mkdir(parents=True, exist_ok=True)
    with serving(index) as address:
        for picture in take(address, query, out, prefix, chromium):
            size = picture.stat().st_size
            click.echo(f"{picture} {size:,} bytes{' TOO LARGE' if size > MOST_BYTES else ''}")


if __name__ == "__main__":
    main()
