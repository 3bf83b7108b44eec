"""The examples of the README and of docs/endpoint.md, run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, _missing
from servers import Serving, served

TEXTS = [(REPOSITORY / name).read_text("utf-8") for name in ("README.md", "docs/endpoint.md")]
EXAMPLES = [
    example
    for text in TEXTS
    for example in re.findall(r"^```sh\n((?:curl [^`]*))```\n\n```\n(.*?)^```", text, re.S | re.M)
]


@pytest.fixture(scope="module")
def serving(sample_index: Path) -> Iterator[Serving]:
    with served(sample_index) as running:
        yield running


def test_there_are_examples() -> None:
    run = sum(len(re.findall("^curl ", commands, re.M)) for commands, _ in EXAMPLES)
    readme, endpoint = (len(re.findall("^curl ", text, re.M)) for text in TEXTS)
    assert run == readme + endpoint
    assert readme >= 5
    assert endpoint >= 9


@pytest.mark.parametrize(("commands", "answers"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_curl_answers_as_it_says(commands: str, answers: str, serving: Serving, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        _missing("curl", "no curl is installed")
    # The commands are run as they stand: where curl is to connect is said in its own settings.
    port = serving.address.rpartition(":")[2]
    (tmp_path / ".curlrc").write_text(f'connect-to = "127.0.0.1:8000:127.0.0.1:{port}"\nno-progress-meter\n')
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env=os.environ | {"CURL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    expected = ".*".join(map(re.escape, re.sub(r"\s", "", answers).split("…")))
    assert re.fullmatch(expected, re.sub(r"\s", "", done.stdout)), done.stdout
