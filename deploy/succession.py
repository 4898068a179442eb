"""How new processes take over from old ones at a HUP: a process goes when another has answered.

gunicorn itself ends the old processes while the new ones still load the program. Whoever opens a
page in between waits for that, half a minute on a busy machine; and a program that does not start
ends the whole service. Here a HUP only starts more processes. Each of them answers a page to itself
before it listens, then asks the first process to end the oldest of those from before the HUP. One
that does not come so far is not started again, and what it was to replace stays.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Answered from the database and through the templates, to anybody.
FIRST_PAGE = "/login"


class Successor(ThreadWorker):
    """A process that answers with threads, and knows whether it replaces another.

    ``succeeds`` is set in the process itself, ``answered`` where the first process counts.
    """

    succeeds = False

    def load_wsgi(self) -> None:
        """Load the program; a process that replaces another tries it before it takes over."""
        if not self.succeeds:
            super().load_wsgi()
            return
        try:
            super().load_wsgi()
            _try(self.wsgi)
        except Exception:
            self.log.exception("The new program does not start; the old processes stay.")
            # Another code than gunicorn's own, at which it would end the whole service.
            sys.exit(1)
        os.kill(self.ppid, signal.SIGTTOU)


def take_over(server: Any) -> None:
    """Handle a HUP, and what the new processes say, in this way from now on."""
    server.succession = _Succession(server)
    server.handle_hup = server.succession.start
    server.handle_ttou = server.succession.retire


def begin(server: Any, worker: Any) -> None:
    """Tell a process that has just been forked whether it replaces another."""
    worker.succeeds = server.num_workers > server.cfg.workers


def end(server: Any, worker: Any) -> None:
    """Give up on a process that ended before it could replace another."""
    server.succession.give_up(worker)


class _Succession:
    """The first process's view: which processes are from before the last HUP."""

    def __init__(self, server: Any) -> None:
        self.server, self.last_age = server, 0

    def start(self) -> None:
        """Start as many processes more as there should be; the others go on."""
        server = self.server
        server.log.info("Hang up: new processes take over")
        server.log.reopen_files()
        self.last_age = server.worker_age
        server.num_workers = len(server.WORKERS) + server.cfg.workers
        server.manage_workers()

    def retire(self) -> None:
        """A new process has answered: end the oldest of those from before."""
        server = self.server
        if server.num_workers > server.cfg.workers:
            server.num_workers -= 1
            server.manage_workers()

    def give_up(self, worker: Any) -> None:
        """A process ended: if it is a new one, nothing is replaced by it."""
        server = self.server
        if worker.age > self.last_age and server.num_workers > server.cfg.workers:
            server.num_workers -= 1


def _try(wsgi: Any) -> None:
    """Answer one page, as the first one is the slowest. Raises RuntimeError without an answer."""
    from werkzeug.test import Client

    status = Client(wsgi).get(FIRST_PAGE).status_code
    if status != 200:
        raise RuntimeError(f"{FIRST_PAGE} is answered with {status}")
