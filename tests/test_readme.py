"""The README's examples, run as they stand."""

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

README = (REPOSITORY / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```sh\n((?:curl [^`]*))```\n\n```\n(.*?)^```", README, re.S | re.M)


@pytest.fixture(scope="module")
def serving(sample_index: Path) -> Iterator[Serving]:
    with served(sample_index) as running:
        yield running


def test_there_are_examples() -> None:
    run = sum(len(re.findall("^curl ", commands, re.M)) for commands, _ in EXAMPLES)
    assert run == len(re.findall("^curl ", README, re.M)) >= 10


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
