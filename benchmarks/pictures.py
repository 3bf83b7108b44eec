"""The pictures of the pages: in both languages and themes, on a desk and on a phone.

``python -m benchmarks.pictures INDEX_DIR`` serves the index with ``fihris serve`` and photographs it with Chromium.
Pictures that go into the repository are taken of the bundled sample: what other corpora hold may not be shipped.
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
from typing import Literal
from urllib.parse import urlencode

import click
from playwright.sync_api import sync_playwright

QUERY = "البحر"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
MOST_BYTES = 300_000
"""Largest picture; larger ones make a repository heavy for nothing."""


DESK = (1280, 860, 1)
PHONE = (390, 844, 2)
"""Width and height in CSS pixels, and how many pixels of the picture one of them takes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page to photograph: ``view`` is the front page, the results of the query or their second article."""

    name: str
    view: Literal["front", "results", "article"]
    window: tuple[int, int, int]
    scheme: Literal["light", "dark"] = "light"
    language: str = "ar"


PICTURES = (
    Picture("page-1280", "results", DESK),
    Picture("page-dark", "results", DESK, "dark"),
    Picture("page-english", "results", DESK, language="en"),
    Picture("page-390", "results", PHONE),
    Picture("page-front", "front", DESK),
    Picture("page-article", "article", DESK),
)


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
    """Photograph the pages; returns the pictures' paths."""
    pictures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for wanted in PICTURES:
            width, height, scale = wanted.window
            page = browser.new_page(
                viewport={"width": width, "height": height},
                device_scale_factor=scale,
                locale=wanted.language,
                color_scheme=wanted.scheme,
            )
            language = {} if wanted.language == "ar" else {"lang": wanted.language}
            question = {} if wanted.view == "front" else {"q": query}
            page.goto(f"{address}/?{urlencode(question | language)}")
            if wanted.view == "article":
                page.locator(".hit-title a").nth(1).click()
            # A page is never set anew when its fonts arrive: the second one has them.
            page.evaluate("document.fonts.ready")
            page.reload()
            page.evaluate("document.activeElement.blur()")
            picture = target / f"{prefix}{wanted.name}.png"
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
    """Take the pictures of the pages over an index."""
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
