"""The web service as a visitor meets it: ``fihris serve`` in processes of its own, asked over HTTP on this machine."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from benchmarks.measure import spread
from benchmarks.peers.protocol import Question
from benchmarks.process import REPOSITORY, family, memory_line
from benchmarks.record import Serving, Spread

HOST = "127.0.0.1"
WORKERS = 2
CONNECTIONS = 8
WRK_SECONDS = 10
_WRK_PATIENCE = 60
"""Seconds until wrk gives an answer up."""

_READY_SECONDS = 120.0
_STOP_SECONDS = 30.0
_SCRIPT = """
local paths = {}
local next_path = 0
function init(arguments)
  for line in io.lines(arguments[1]) do paths[#paths + 1] = line end
end
function request()
  next_path = next_path % #paths + 1
  return wrk.format("GET", paths[next_path])
end
function done(summary, latency)
  io.write(string.format("FAILED %d\\n", summary.errors.status + summary.errors.read + summary.errors.timeout))
  for _, share in ipairs({50, 95, 99}) do io.write(string.format("LATENCY %d\\n", latency:percentile(share))) end
end
"""


class ServingError(RuntimeError):
    """The service did not start, or answered something else than 200."""


@contextmanager
def service(
    index: Path, workers: int, log: Path, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """Run the service on a free port until the block ends; yield its process id and the port. It writes to ``log``.

    ``settings``: variables of its environment, by name.
    """
    port = _free_port()
    command = [sys.executable, "-m", "web.commands", "serve", "--index", str(index)]
    more = ["--host", HOST, "--port", str(port), "--workers", str(workers)]
    environment = {**os.environ, **(settings or {})}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, *more], cwd=REPOSITORY, stdout=written, stderr=subprocess.STDOUT, env=environment
        )
    try:
        _wait(process, port, log)
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == http.client.OK:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise ServingError(f"the service did not become ready: {log.read_text('utf-8')[-500:]}")


def paths(questions: Sequence[Question]) -> list[str]:
    """The questions as requests to the endpoint, with all it does by default: facets, fragments, families of words."""
    return [f"/api/search?q={quote(' '.join(question.words))}" for question in questions]


def latencies(port: int, asked: Sequence[str], rounds: int) -> Spread:
    """Ask one by one over one lasting connection, once unmeasured: seconds at the client, medians over rounds."""
    times: list[list[float]] = []
    with closing(http.client.HTTPConnection(HOST, port, timeout=60)) as connection:
        for _ in range(rounds + 1):
            times.append([_get(connection, path) for path in asked])
    return spread([sorted(column)[len(column) // 2] for column in zip(*times[1:], strict=True)])


def _get(connection: http.client.HTTPConnection, path: str) -> float:
    begin = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    elapsed = time.perf_counter() - begin
    if response.status != http.client.OK:
        raise ServingError(f"{path} was answered with {response.status}")
    return elapsed


def rate(port: int, asked: Sequence[str], home: Path) -> tuple[float, Spread] | None:
    """Requests a second, and their percentiles, as wrk measures them; None where it is not installed."""
    program = shutil.which("wrk")
    if program is None:
        return None
    script, listed = home / "wrk.lua", home / "paths.txt"
    script.write_text(_SCRIPT, "utf-8")
    listed.write_text("".join(f"{path}\n" for path in asked), "utf-8")
    load = [
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{WRK_SECONDS}s",
        f"--timeout={_WRK_PATIENCE}s",
        "-s",
        str(script),
        f"http://{HOST}:{port}",
    ]
    done = subprocess.run([program, *load, "--", str(listed)], capture_output=True, text=True, check=True)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    failed = re.search(r"FAILED (\d+)", done.stdout)
    if found is None or failed is None or int(failed[1]):
        raise ServingError(f"wrk: {done.stdout}{done.stderr}")
    p50, p95, p99 = (int(value) / 1e6 for value in re.findall(r"LATENCY (\d+)", done.stdout))
    return float(found[1]), Spread(p50, p95, p99)


def _memory(master: int) -> tuple[int, int]:
    """Private and resident bytes of the worker that has most of its own."""
    workers = family(master)[1:]
    if not workers:
        raise ServingError("the service has no workers")
    return max(
        (
            memory_line(pid, "smaps_rollup", "Private_Clean") + memory_line(pid, "smaps_rollup", "Private_Dirty"),
            memory_line(pid, "smaps_rollup", "Rss"),
        )
        for pid in workers
    )


def measure(index: Path, questions: Sequence[Question], rounds: int, home: Path) -> Serving:
    """Measure the service on an index: one worker and one client, then two workers under load."""
    asked = paths(questions)
    log = home / "service.log"
    with service(index, 1, log) as (_, port):
        one = latencies(port, asked, rounds)
    workers = min(WORKERS, os.cpu_count() or 1)
    with service(index, workers, log) as (master, port):
        started, _ = _memory(master)
        latencies(port, asked, 1)
        load = rate(port, asked, home)
        private, resident = _memory(master)
    requests, wrk = load or (None, None)
    return Serving(one, workers, requests, wrk, private, resident, started)
