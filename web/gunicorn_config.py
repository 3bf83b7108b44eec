"""How gunicorn serves the application: ``gunicorn -c python:web.gunicorn_config``.

Every value comes from the ``FIHRIS_…`` settings; a command-line option of gunicorn's own wins over it.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from typing import Any

from index.settings import Settings
from search.engine import EngineUnavailableError
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

accesslog = None
errorlog = "-"

# No socket for gunicorn's own control program: it would be one for all services of a user.
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Keep what is loaded in memory that all workers share: a collector's marks would make every page private."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Open the index before the first visitor asks: columns of a large one take a moment to load."""
    with suppress(EngineUnavailableError):  # there may be none yet
        worker.wsgi.extensions[NAME].generation()
