"""The OpenAPI document: what it says is so, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = 60
SEED = 1364


def test_schemathesis_finds_no_request_that_disproves_the_document(site: str, tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{site}/openapi.json"]
    options = ["--checks=all", "--mode=all", "--phases=examples,coverage,fuzzing,stateful", f"--seed={SEED}"]
    options += [f"--max-examples={EXAMPLES}", "--generation-deterministic", "--no-color", "--workers=1"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
