"""The floor over HTTP: the bare completion behind the same gunicorn, for the same browsers.

No session, no token, no page: a request names the case and its task, the answer where to go on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from bench.floor import OnPostgres, StockEngine

URL = "FENGQIAO_BENCH_FLOOR"
_own = threading.local()


def create() -> Callable[..., Iterable[bytes]]:
    """Return the application; the diagram is parsed once, each thread has a connection of its
    own.
    """
    stock = StockEngine()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            start_response("200 OK", [("Content-Length", "0")])
            return []
        if not hasattr(_own, "floor"):
            _own.floor = OnPostgres(os.environ[URL], stock, create=False)
        number, task = environ["PATH_INFO"].strip("/").split("/")
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        following = _own.floor.complete(int(number), task, dict(parse_qsl(body.decode())))
        leads = ("Location", f"/{number}/{following or ''}")
        start_response("303 See Other", [leads, ("Content-Length", "0")])
        return []

    return application
