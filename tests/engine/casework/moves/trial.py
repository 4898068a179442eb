"""A small process with everything that the shipped ticket has not: branches, many units, buttons.

One branch is a task with a reminder beside it, then a task that can be sent back; the other asks
two departments at once. Both meet before the last task. Somebody may withdraw all of it, and an
answer from outside is waited for by a receive task of its own.
"""

from __future__ import annotations

from engine.definitions import versions
from engine.storage.db import transaction
from tests.acceptance import diagrams as d
from tests.engine.casework.world import World

KEY = "p"
CLOCKS = {
    "limit": "2", "limitUnit": "working_days", "warn": "1", "recall": "true",
    "signLimit": "4", "signLimitUnit": "working_hours",
}  # fmt: skip
TWO_UNITS = d.each(in_='["620725-ZJJ", "620725-SWJ"]', as_="department")


def files() -> dict[str, bytes]:
    """The definition, its forms included."""
    body = d.gateway("f", "parallel") + d.gateway("j", "parallel")
    body += d.user("a", **CLOCKS) + d.user("b", returnTo="a", **CLOCKS)
    body += d.user("ask", TWO_UNITS, role="handler", level="county", unit="department", **CLOCKS)
    body += d.border("t", "a", d.timer("R3/P1D", "timeCycle"), interrupting=False)
    body += d.user("remind") + d.user("z", returnTo="a b", **CLOCKS)
    body += f'<receiveTask id="r" name="等答复" messageRef="n">{d.button()}</receiveTask>'
    body += d.event_sub("k", d.message(), d.end("gone"), "gone")
    lines = "f > a > b > j; f > ask > j; f > r > j; j > z; t > remind"
    return d.build(body, lines, limit='limit="5" limitUnit="working_days"')


def publish(world: World) -> None:
    """Let cases of it be opened."""
    with transaction() as db:
        versions.publish(db, KEY, files(), now=world.now)
