"""How Lucene is run: a JDK that Lucene 10 takes is looked for, Maven fetches the jars, javac compiles our programs.

``LucenePeer`` is the peer of the speed benchmark, ``LuceneArabic`` the baseline of the relevance benchmark.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "lucene"
OLDEST_JAVA = 21
"""What Lucene 10 asks for."""

_RELEASE = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)


class MissingError(RuntimeError):
    """Something that the peer needs is not installed; the text says what."""


def _homes() -> Iterator[Path]:
    """The places where a JDK may be: JAVA_HOME, that of ``javac`` on the path, and where Linux systems put them."""
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    if compiler := shutil.which("javac"):
        yield Path(compiler).resolve().parent.parent
    for root in ("/usr/lib/jvm", "/usr/java", "/opt"):
        yield from sorted(Path(root).glob("*"))


def jdk() -> tuple[int, Path]:
    """The newest JDK's version and directory; raises MissingError where none is new enough."""
    found: dict[Path, int] = {}
    for home in _homes():
        release = home / "release"
        if (home / "bin" / "javac").exists() and release.exists() and (match := _RELEASE.search(release.read_text())):
            found[home] = int(match[1])
    newest = max(found, key=lambda home: found[home], default=None)
    if newest is None or found[newest] < OLDEST_JAVA:
        raise MissingError(f"there is no JDK of version {OLDEST_JAVA} or newer, which Lucene 10 and OpenSearch 3 need")
    return found[newest], newest


def prepare(home: Path) -> Path:
    """Fetch the jars and compile the programs into ``home``, where that is not done; return ``home``."""
    if shutil.which("mvn") is None:
        raise MissingError("Maven, which fetches Lucene's jars, is not installed")
    _, java = jdk()
    jars = home / "jars"
    if not jars.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        fetched = home / "fetched"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        _run(["mvn", "-q", "-B", "-f", str(SOURCES / "pom.xml"), *goal])
        fetched.rename(jars)
    programs = map(str, sorted(SOURCES.glob("*.java")))
    _run([str(java / "bin" / "javac"), "-d", str(home), "-cp", f"{jars}/*", *programs])
    return home


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def version(home: Path) -> str:
    """What was fetched and what runs it, as ``10.0.0, Java 21``."""
    (jar,) = (home / "jars").glob("lucene-core-*.jar")
    return f"{jar.stem.removeprefix('lucene-core-')}, Java {jdk()[0]}"


def command(home: Path, memory: int) -> list[str]:
    """The command line of the peer, once prepared; ``memory`` is its indexing buffer in MB."""
    return program(home, max(1024, 4 * memory), "LucenePeer", str(memory))


def program(home: Path, heap: int, name: str, *arguments: str) -> list[str]:
    """The command line of a program, once prepared; ``heap`` in MB."""
    _, java = jdk()
    quiet = ["--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"]
    return [str(java / "bin" / "java"), f"-Xmx{heap}m", *quiet, "-cp", f"{home}:{home}/jars/*", name, *arguments]
