"""Which SQL each test sends: a plug-in of pytest for ``tools/alone.py``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

# However many values a list has, it is the same statement.
VALUES = re.compile(r"\(\s*\?(?:,\s*\?)*\s*\)")
FAILED = "failed"


def pytest_configure() -> None:
    """Listen to every engine."""
    event.listen(Engine, "before_cursor_execute", _note)
    event.listen(Engine, "handle_error", _fail)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Write a line for each test: its name, its statements, whether one of them failed."""
    _sent.clear()
    answer = yield
    with open(os.environ["FENGQIAO_STATEMENTS"], "a", encoding="utf-8") as file:
        file.write(json.dumps([item.nodeid, sorted(_sent)]) + "\n")
    return answer


_sent: set[str] = set()


def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    _sent.add(VALUES.sub("(?)", statement))


def _fail(_context: Any) -> None:
    _sent.add(FAILED)
