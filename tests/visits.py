"""Visits to the real site: its server, a browser, and what a visitor does and sees on a page."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, sync_playwright

ROOT = Path(__file__).parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run"]
WAIT = 10_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

# A letter, vowel sign or digit right before or after a mark: it would cover a part of a word.
CUT_MARKS = r"""() => {
  const part = /[\p{L}\p{M}\p{Nd}\u0640]/u, cut = [];
  for (const block of document.querySelectorAll('.hit-title, .fragment, .article h1, .body p')) {
    for (const mark of block.querySelectorAll('mark')) {
      const before = document.createRange(), after = document.createRange();
      before.setStart(block, 0); before.setEndBefore(mark);
      after.setStartAfter(mark); after.setEnd(block, block.childNodes.length);
      const last = before.toString().slice(-1), first = after.toString().slice(0, 1);
      if (part.test(last) || part.test(first)) cut.push(last + '[' + mark.textContent + ']' + first);
    }
  }
  return cut;
}"""


@pytest.fixture(scope="session")
def site(sample_index: Path) -> Iterator[str]:
    """The address of ``fihris serve`` over the bundled sample."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"FIHRIS_INDEX": str(sample_index), "FIHRIS_PORT": str(port), "FIHRIS_WORKERS": "1"}
    server = subprocess.Popen(
        [sys.executable, "-m", "web.commands", "serve"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("FIHRIS_")} | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        # From here on connections are taken; the request waits until there is a worker.
        assert any("Listening at" in line for line in server.stderr), "the server ended at once"
        address = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{address}/readyz", timeout=60) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
        yield address
    finally:
        server.terminate()
        _, told = server.communicate(timeout=60)
    assert "Traceback" not in told


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield running
        running.close()


Opener = Callable[..., Page]


@pytest.fixture
def faults() -> list[str]:
    """What browsers complained about; every test ends with none."""
    return []


@pytest.fixture
def visit(browser: Browser, site: str, faults: list[str]) -> Iterator[Opener]:
    """Opens a path of the site in a browser of its own, whose complaints become ``faults``."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", scripts: bool = True, size: dict[str, int] = DESK, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=site, viewport=size, color_scheme=scheme, java_script_enabled=scripts, locale="ar"
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("requestfailed", lambda request: _check_failure(request, faults))
        context.on("request", lambda request: _check_origin(request.url, site, faults))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def _check_origin(url: str, site: str, faults: list[str]) -> None:
    if not url.startswith(f"{site}/"):
        faults.append(f"elsewhere: {url}")


def _check_failure(request: Request, faults: list[str]) -> None:
    # What was still on its way when the visitor went on is given up by the browser itself.
    if request.failure != "net::ERR_ABORTED":
        faults.append(f"failed: {request.url} {request.failure}")


def search_box(page: Page) -> Locator:
    """The search box: one that suggests, or a plain one where no script runs."""
    return page.get_by_role("combobox").or_(page.get_by_role("searchbox"))


def ask(page: Page, words: str) -> None:
    search_box(page).fill(words)
    with page.expect_navigation():
        search_box(page).press("Enter")


def total(page: Page) -> int:
    """How many articles the page says that it found."""
    text = page.get_by_role("status").inner_text()
    words = {"لا نتائج": 0, "نتيجة واحدة": 1, "نتيجتان": 2}
    return words[text] if text in words else int(re.sub(r"\D", "", text))


def titles(page: Page) -> list[str]:
    return page.locator(".hit-title").all_inner_texts()


def choice(page: Page, value: str) -> Locator:
    return page.locator(".filters .choice").filter(has=page.get_by_text(value, exact=True))


def wideness(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def tab_to(page: Page, selector: str, most: int) -> None:
    """Press Tab until the element has the focus, visibly so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} was not reached by {most} tabs")
