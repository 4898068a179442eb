"""gunicorn's settings in production: ``python -m gunicorn -c python:deploy.serving``.

The program is loaded in each process and not before: then a HUP starts processes with the new
program, and each of the old ones finishes what it has begun once a new one has answered. So nothing
of the program is imported here either: what gunicorn's first process has loaded stays as it is
until it ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from deploy import succession

# Where the processes put their counts together; before any of them loads the library.
METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"
if METRICS_DIR not in os.environ:
    os.environ[METRICS_DIR] = tempfile.mkdtemp(prefix="fengqiao-metrics-")
_made_here = os.environ[METRICS_DIR]
os.makedirs(_made_here, mode=0o700, exist_ok=True)

wsgi_app = "webapp:create_app()"
bind = f"127.0.0.1:{os.environ.get('FENGQIAO_PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "deploy.succession.Successor"
# Two may be held by checks of definitions and three by those that wait for one.
threads = 8
# A request has as long to end as a page may take at worst; then systemd would insist anyway.
graceful_timeout = 30
timeout = 60
keepalive = 5
loglevel = "warning"
control_socket_disable = True
# Only headers that we ourselves believe: see FENGQIAO_PROXIES.
forwarded_allow_ips = ""


def when_ready(server: Any) -> None:
    """Replace the processes one by one on HUP instead of ending them all at once."""
    succession.take_over(server)


def post_fork(server: Any, worker: Any) -> None:
    """Tell a process whether it is to replace another."""
    succession.begin(server, worker)


def child_exit(server: Any, worker: Any) -> None:
    """A process is gone: what it measured of itself goes with it, its counts stay."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
    succession.end(server, worker)


def on_exit(_server: Any) -> None:
    """Leave nothing behind in the temporary folder."""
    shutil.rmtree(_made_here, ignore_errors=True)
