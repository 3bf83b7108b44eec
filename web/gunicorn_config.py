"""How gunicorn serves the application: ``gunicorn -c python:web.gunicorn_config``.

Every value comes from the ``FIHRIS_…`` settings; a command-line option of gunicorn's own wins over it.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from contextlib import suppress
from typing import Any

from index.settings import Settings
from search.engine import EngineUnavailableError
from web import observation
from web.extension import NAME

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

wsgi_app = "web:create_app()"
bind = f"{_host}:{_settings.port}"
workers = _settings.workers or os.cpu_count() or 1
worker_class = "gthread"
threads = _settings.threads

# The application is loaded once and shared by the workers; it opens its index when asked, after the fork.
preload_app = True

# Silence after which a worker is replaced: far above what a query may take.
timeout = 30 + int(2 * _settings.time_budget)
graceful_timeout = 30
keepalive = 5

# The longest that gunicorn allows: 512 Arabic letters take 3 kB percent-encoded, and filters come on top.
limit_request_line = 8190

# Requests are logged by ``web.observation``.
accesslog = None
errorlog = "-"

# Where workers add up what they count. prometheus-client wants to be told by the environment, before it is imported;
# a directory that the operator gives must be empty at each start.
_METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_made = "" if os.environ.get(_METRICS_DIRECTORY) else tempfile.mkdtemp(prefix="fihris-metrics-")
if _made:
    os.environ[_METRICS_DIRECTORY] = _made

# No socket for gunicorn's own control program: it would be one for all services of a user.
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Log requests, and keep what is loaded in memory that all workers share.

    A collector's marks would make every page of it private.
    """
    observation.log_to_output()
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Open the index before the first visitor asks: columns of a large one take a moment to load."""
    with suppress(EngineUnavailableError):  # there may be none yet
        worker.wsgi.extensions[NAME].generation()


def child_exit(server: Any, worker: Any) -> None:
    """Forget what a dead worker was doing; what it did stays counted."""
    from prometheus_client import multiprocess  # not before the directory is named

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the directory that was made for this run."""
    if _made:
        shutil.rmtree(_made, ignore_errors=True)
