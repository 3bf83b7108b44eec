"""The real server over an index, as an operator starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0


@dataclass(frozen=True)
class Serving:
    """A server that runs: its address, its process, and the file that its standard output goes to."""

    address: str
    process: subprocess.Popen[str]
    output: Path

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status and the text of an answer."""
        request = urllib.request.Request(self.address + path, headers=headers)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(index: Path, workers: int = 1, **settings: str) -> Iterator[Serving]:
    """``fihris serve`` over an index until the block ends; settings are FIHRIS_ variables by their short names."""
    port = free_port()
    given = {"INDEX": str(index), "PORT": str(port), "WORKERS": str(workers), **settings}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FIHRIS_", "PROMETHEUS_"))}
    with tempfile.TemporaryDirectory(prefix="fihris-serving-") as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        with output.open("w") as out, errors.open("w") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "web.commands", "serve"],
                cwd=ROOT,
                env=environment | {f"FIHRIS_{name}": value for name, value in given.items()},
                stdout=out,
                stderr=err,
                text=True,
            )
            try:
                serving = Serving(f"http://127.0.0.1:{port}", process, output)
                wait_until(lambda: process.poll() is not None or "Listening at" in errors.read_text())
                assert process.poll() is None, errors.read_text()
                wait_until(lambda: len(serving.workers()) == workers)
                assert serving.get("/healthz")[0] == 200
                yield serving
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE)
        assert "Traceback" not in errors.read_text()


def wait_until(condition: object, patience: float = PATIENCE) -> None:
    """Wait until a condition holds; fails where it never does."""
    assert callable(condition)
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.05)
