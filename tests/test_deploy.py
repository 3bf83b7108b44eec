"""Fihris as docs/deploy.md puts it up: behind nginx, backed up and restored."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import REPOSITORY, _missing
from publications import FIRST, MEMORY, publish
from servers import free_port, served, wait_until
from stored_state import COMMON, make_article

from index import embedded
from index.generations import Generations
from index.lock import write_lock
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.request import SearchRequest

DEPLOY = REPOSITORY / "deploy"
GUIDE = (REPOSITORY / "docs" / "deploy.md").read_text("utf-8")
HOST = "search.example.org"


@contextmanager
def behind_nginx(address: str, folder: Path, user: str) -> Iterator[str]:
    """nginx by the configuration of deploy/, but for the certificate and the ports."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        _missing("nginx", "no nginx is installed")
    port = free_port()
    site = (DEPLOY / "nginx.conf").read_text().replace("127.0.0.1:8000", address.removeprefix("http://"))
    site = re.sub(r"ssl_certificate.*", "", site).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/errors;\nevents {{}}\n"
        f"http {{ access_log off;\n{paths}{site}}}\n"
    )
    process = subprocess.Popen([str(nginx), "-c", str(configuration), "-e", str(folder / "errors")])
    try:
        wait_until(lambda: process.poll() is not None or (folder / "pid").exists())
        assert process.poll() is None, (folder / "errors").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def asked(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={"Host": HOST} | headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_nginx_hands_on_what_it_knows_and_nothing_that_a_visitor_says(sample_index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "nginx"
    folder.mkdir()
    with (
        served(sample_index, PROXIES="1", ALLOWED_HOSTS=HOST) as serving,
        behind_nginx(serving.address, folder, "user root;\n" if tmp_path.owner() == "root" else "") as address,
    ):
        status, headers, body = asked(f"{address}/api/search?per_page=1")
        assert status == 200
        assert json.loads(body)["links"]["next"] == f"http://{HOST}/api/search?per_page=1&page=2"
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"])
        lying = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "https"}
        _, _, body = asked(f"{address}/api/search?per_page=1", **lying, **{"X-Request-ID": "mine"})
        assert json.loads(body)["links"]["self"] == f"http://{HOST}/api/search?per_page=1"
        assert asked(f"{address}/", Host="evil.example")[0] == 400
        assert asked(f"{address}/metrics")[0] == 404
        assert asked(f"{serving.address}/metrics")[0] == 200

        long = "%D8%A7" * 512
        assert asked(f"{address}/api/search?q={long}&source={long[:1800]}")[0] == 200
        _, headers, body = asked(f"{address}/", **{"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip"
        assert b"<html" in gzip.decompress(body)
        assert asked(f"{address}/", **{"If-None-Match": headers["ETag"]})[0] == 304
        status, headers, body = asked(f"{address}/api/search?format=jsonl")
        assert (status, len(body.splitlines())) == (200, int(headers["X-Total-Count"]))


def test_ids_with_slashes_go_through_nginx(tmp_path: Path) -> None:
    index, folder = tmp_path / "index", tmp_path / "nginx"
    folder.mkdir()
    identities = ["a/b", "/leading", "a//b", "odd id?x=1&y=100%#أ"]
    publish(index, {each: make_article(number).__class__(each, body=COMMON) for number, each in enumerate(identities)})
    with (
        served(index, PROXIES="1") as serving,
        behind_nginx(serving.address, folder, "user root;\n" if tmp_path.owner() == "root" else "") as address,
    ):
        page = asked(f"{address}/?q={urllib.request.quote(COMMON)}")[2].decode()
        links = {re.sub(r"\?.*", "", link) for link in re.findall(r'href="(/articles/[^"]+)"', page)}
        assert len(links) == len(identities)
        assert all(asked(address + link)[0] == 200 for link in links)


def commands(title: str) -> str:
    """The first shell block under a heading of the guide."""
    found = re.search(rf"^## {title}$.*?^```sh\n(.*?)^```", GUIDE, re.S | re.M)
    assert found is not None
    return found[1]


def run(script: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_backup_waits_for_writers_and_holds_one_state(tmp_path: Path) -> None:
    index = tmp_path / "index"
    publish(index, FIRST)
    script = commands("Backup").replace("/var/lib/fihris", str(tmp_path)).replace("/backup", str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    with write_lock(index, "test", 1.0):
        waiting = threading.Thread(target=run, args=(script, tmp_path))
        waiting.start()
        time.sleep(0.3)  # long enough for a copy that does not wait
        assert not list((tmp_path / "kept").iterdir())
        embedded.add(Generations(index), [make_article(50)], memory=MEMORY)
    waiting.join(60)
    (archive,) = (tmp_path / "kept").iterdir()
    publish(index, {}, force=True)

    restored = tmp_path / "restored"
    restored.mkdir()
    script = commands("Restore").replace("/var/lib/fihris", str(restored))
    script = re.sub(r"/backup/\S+", str(archive), script)
    assert str(len(FIRST) + 1) in run(script, restored)  # articles, by `fihris status`
    engine = EmbeddedEngine(Settings(index=restored / "index", time_budget=0.0))
    found = {hit.article.id for hit in engine.search(SearchRequest(COMMON, per_page=100)).hits}
    assert found == FIRST.keys() | {make_article(50).id}


def test_the_guide_names_the_files_that_there_are() -> None:
    named = set(re.findall(r"\(\.\./(deploy/\S+?)\)", GUIDE))
    assert named == {f"deploy/{path.name}" for path in DEPLOY.iterdir()}
    for path in DEPLOY.iterdir():
        for variable in re.findall(r"FIHRIS_[A-Z_]+", path.read_text()):
            assert variable.removeprefix("FIHRIS_").lower() in Settings.__dataclass_fields__, path
