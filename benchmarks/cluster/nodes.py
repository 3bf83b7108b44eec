"""OpenSearch nodes on loopback, one process each, so that one can be killed and brought back.

The nodes are put together from OpenSearch's own jars, which Maven fetches; nothing of OpenSearch is in the repository.
A node is the engine with its HTTP and transport layer and no other module: Fihris asks for none.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.cluster.guard import Guard
from benchmarks.peers.lucene import MissingError, jdk

SOURCES = Path(__file__).resolve().parent
HEAP_MB = 768
"""Of each node: three of them and the tests fit on a machine of 8 GB."""

START_SECONDS = 300
"""How long a cluster may take to be green: seconds, and minutes where a machine has far more to do than it can."""

_STATE = "cluster.json"


class ClusterError(RuntimeError):
    """A node did not start, or the cluster did not become green; the text names the log."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its name, its ports on loopback, and the process it ran as last."""

    name: str
    http: int
    transport: int
    pid: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where the node answers."""
        return f"{self.scheme}://127.0.0.1:{self.http}"

    def alive(self) -> bool:
        """Whether its process runs."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state != "Z"


class Cluster:
    """The nodes under a directory. Their state is kept in a file there, so that another command can stop them.

    ``heap``: of each node, in MB. ``leashed``: whether the nodes end with this process, however it ends. ``guard``:
    what they ask of whoever comes; none: nothing. ``program``: where the jars and classes lie that clusters may share;
    none: in ``home``. ``options``: further ones of the JVMs.
    """

    def __init__(
        self, home: Path, *, heap: int = HEAP_MB, leashed: bool = False, guard: Guard | None = None,
        program: Path | None = None, options: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._home = home.resolve()
        self._program = (program or home).resolve()
        self._options = options
        self._heap = heap
        self._leashed = leashed
        self._guard = guard
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def nodes(self) -> Sequence[Node]:
        """Every node that was started, running or not."""
        try:
            found = json.loads((self._home / _STATE).read_text())
        except FileNotFoundError:
            return ()
        return tuple(Node(**each) for each in found)

    def urls(self) -> Sequence[str]:
        """Where the running nodes answer."""
        return tuple(node.url for node in self.nodes if node.alive())

    def certificate(self) -> str:
        """Return the file by which the nodes' certificates are checked; empty where they have none."""
        return str(self._guard.certificate) if self._guard else ""

    def start(self, count: int) -> Sequence[Node]:
        """Start ``count`` new nodes and wait until the cluster is green; ends those that a former start left.

        Raises MissingError without a JDK of version 21 or Maven, ClusterError where it does not become green.
        """
        self.stop()
        for left in self._home.glob("node-*/"):
            shutil.rmtree(left)
        self._prepare()
        ports = _free_ports(2 * count)
        scheme = "https" if self._guard else "http"
        planned = [Node(f"node-{at + 1}", ports[2 * at], ports[2 * at + 1], 0, scheme) for at in range(count)]
        started = []
        for node in planned:
            started.append(self._launch(node, planned))
            self._keep(started)
        self.wait(count)
        return started

    def kill(self, name: str) -> None:
        """End a node at once, as ``kill -9`` does: it has no time to tell the others."""
        (node,) = (node for node in self.nodes if node.name == name)
        self._end(node, signal.SIGKILL)

    def revive(self, name: str) -> None:
        """Start a node that was killed again, on its ports and its data; does not wait for it."""
        nodes = list(self.nodes)
        (at,) = (at for at, node in enumerate(nodes) if node.name == name)
        nodes[at] = self._launch(nodes[at], nodes)
        self._keep(nodes)

    def wait(self, count: int, seconds: float = START_SECONDS) -> None:
        """Wait until ``count`` nodes form a green cluster, as each of them says.

        One alone may not have noticed yet that another was killed, and that its successor is not part of it.
        """
        limit = time.monotonic() + seconds
        health: Mapping[str, Any] = {}
        while time.monotonic() < limit and len(urls := self.urls()) == count:
            for url in urls:
                health = ask(f"{url}/_cluster/health", 5, self._guard)
                if health.get("number_of_nodes") != count or health.get("status") != "green":
                    break
            else:
                return
            time.sleep(0.3)
        raise ClusterError(f"no green cluster of {count} nodes ({dict(health) or 'no answer'}): see {self._home}/*.log")

    def stop(self) -> None:
        """End every node."""
        for node in self.nodes:
            self._end(node, signal.SIGTERM)
        (self._home / _STATE).unlink(missing_ok=True)

    def _prepare(self) -> None:
        if shutil.which("mvn") is None:
            raise MissingError("Maven, which fetches OpenSearch's jars, is not installed")
        _, java = jdk()
        self._home.mkdir(parents=True, exist_ok=True)
        self._program.mkdir(parents=True, exist_ok=True)
        jars = self._program / "jars"
        if not jars.is_dir():
            fetched = self._program / "fetched"
            _run(
                "mvn",
                "-q",
                "-B",
                "-f",
                SOURCES / "pom.xml",
                "dependency:copy-dependencies",
                f"-DoutputDirectory={fetched}",
            )
            fetched.rename(jars)
        sources, compiled = sorted(SOURCES.glob("*.java")), self._program / "ClusterNode.class"
        if not compiled.exists() or compiled.stat().st_mtime < max(source.stat().st_mtime for source in sources):
            _run(java / "bin" / "javac", "-d", self._program, "-cp", f"{jars}/*", *sources)

    def _launch(self, node: Node, nodes: Sequence[Node]) -> Node:
        _, java = jdk()
        home = self._home / node.name
        (home / "config").mkdir(parents=True, exist_ok=True)
        settings = {
            "cluster.name": "fihris",
            "node.name": node.name,
            "network.host": "127.0.0.1",
            "http.port": node.http,
            "transport.port": node.transport,
            "discovery.seed_hosts": ",".join(f"127.0.0.1:{each.transport}" for each in nodes),
            "cluster.initial_cluster_manager_nodes": ",".join(each.name for each in nodes),
            # The disk of a developer's machine may be nearly full: these nodes hold little.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            **({"http.type": "netty4-secure"} if self._guard else {}),
        }
        command = [
            f"{java}/bin/java", f"-Xms{self._heap}m", f"-Xmx{self._heap}m", "--add-modules", "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED", *self._options,
            "-cp", f"{self._program}:{self._program}/jars/*", "ClusterNode", str(home),
            *(f"{name}={value}" for name, value in settings.items()),
        ]  # fmt: skip
        with open(self._home / f"{node.name}.log", "ab") as log:
            # A session of its own: what ends the terminal's processes does not end the cluster.
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.PIPE if self._leashed else subprocess.DEVNULL,
                start_new_session=True,
                env={
                    **os.environ,
                    **({"LEASHED": "1"} if self._leashed else {}),
                    **(self._guard.environment() if self._guard else {}),
                },
            )
        self._processes[node.name] = process
        return replace(node, pid=process.pid)

    def _end(self, node: Node, how: signal.Signals) -> None:
        limit = time.monotonic() + 30
        while node.alive():
            os.kill(node.pid, how if time.monotonic() < limit else signal.SIGKILL)
            if node.name in self._processes:
                self._processes[node.name].poll()
            time.sleep(0.2)
        ended = self._processes.pop(node.name, None)
        if ended is not None:
            ended.wait()
            if ended.stdin is not None:
                ended.stdin.close()

    def _keep(self, nodes: Sequence[Node]) -> None:
        (self._home / _STATE).write_text(json.dumps([asdict(node) for node in nodes]))


def ask(url: str, timeout: float, guard: Guard | None = None) -> Mapping[str, Any]:
    """Return a node's JSON answer, empty where it gives none."""
    headers = {"Authorization": guard.admitted[0]} if guard else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback, and our own
    context = guard.context() if guard else None
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:  # noqa: S310
            found: Mapping[str, Any] = json.load(answer)
            return found
    except (OSError, urllib.error.URLError, ValueError):
        return {}


def _free_ports(count: int) -> Sequence[int]:
    """Ports that nothing listens on now; all are held while they are chosen, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _run(*command: str | Path) -> None:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-500:]}")
