"""What several test modules share: the shared data, a browser, and an index of the bundled sample."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import prometheus_client  # noqa: F401 - counts in memory unless a directory is named before this: some tests do
import pytest

from index.commands import build_sample
from index.settings import Settings
from search.engine import Engine
from search.engines import open_engine

# Modules with fixtures; named here rather than imported by those who use them, their assertions explain themselves.
pytest_plugins = ["clusters", "contract", "clustered", "readings", "visits", "website"]

REPOSITORY = Path(__file__).resolve().parent.parent
REQUIRED = frozenset(filter(None, os.environ.get("FIHRIS_REQUIRE", "").split(",")))


def _missing(what: str, sentence: str) -> None:
    """Skip with a sentence, or fail where FIHRIS_REQUIRE names what is missing."""
    if what in REQUIRED:
        pytest.fail(f"{sentence} (FIHRIS_REQUIRE names {what!r})")
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The corpora and judgements that lie beside the repository."""
    data = REPOSITORY.parent / "shared" / "data"
    if not data.is_dir():
        _missing("data", f"the shared data is not at {data}")
    return data


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        _missing("browser", "no Chromium is installed")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an index of the bundled sample; not to be written to."""
    directory = tmp_path_factory.mktemp("sample")
    build_sample(directory)
    return directory


@pytest.fixture(scope="session")
def sample_engine(sample_index: Path) -> Engine:
    return open_engine(Settings(index=sample_index, time_budget=0.0))
