"""Structured logs: one JSON line a request, with request and case ids and no personal data.

What people type never gets here: neither form values nor query strings nor the free part of an
address; an exception leaves its type and its lines of code, not its message.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
import uuid
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = structlog.get_logger("fengqiao")


class _Stderr:
    """Whatever stderr is when a line is written, not when logging was set up."""

    def write(self, text: str) -> int:
        """Write to stderr."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush stderr."""
        sys.stderr.flush()


def configure(level: str) -> None:
    """Send structlog and the standard loggers to stderr as JSON lines."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _Stderr())),
        cache_logger_on_first_use=False,
    )
    # The development server writes whole addresses, with what was searched for in them.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Assign every request an id, and log every answer."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """Return the id of this request, which error pages show and log lines carry."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    return g.request_id


def bind_case(case_id: int) -> None:
    """Name the case that this request is about."""
    structlog.contextvars.bind_contextvars(case_id=case_id)


def failure(error: BaseException) -> None:
    """Log an unforeseen error by its type and the lines it went through, without its words."""
    log.error("failed", error=type(error).__qualname__, lines=_lines(error.__traceback__))


def _lines(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def _begin() -> None:
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    known: dict[str, Any] = {"request_id": request_id()}
    case_id = (request.view_args or {}).get("case_id")
    if case_id is not None:
        known["case_id"] = case_id
    structlog.contextvars.bind_contextvars(**known)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    if request.endpoint != "static":
        log.info(
            "request",
            method=request.method,
            endpoint=request.endpoint or "-",
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            user_id=_user_id(),
        )
    return response


def _user_id() -> int | None:
    # Only a user who was loaded for the page: the log asks the database nothing.
    user = g.get("_login_user")
    if user is None or not user.is_authenticated:
        return None
    return int(current_user.id)
