"""A process of its own that opens tickets and completes their tasks until it is told to stop.

``python -m tests.webapp.completing``: the county's logins come as JSON on the first line of
stdin; whoever closes stdin ends it. It prints the ids of its cases as JSON.
"""

from __future__ import annotations

import json
import select
import sys
import time

from tests.engine.casework.world import ACCEPT, DISPATCH, World
from webapp import create_app

LEAST = 3
# SQLite has one writer and does not queue those who wait: people pause, and so does this.
PAUSE = 0.1


def main() -> None:
    app = create_app()
    logins = json.loads(sys.stdin.readline())
    with app.app_context():
        world = World(logins)
        print("ready", flush=True)
        sys.stdin.readline()
        cases: list[int] = []
        while len(cases) < LEAST or not _told_to_stop():
            cases.append(_case(world))
    print(json.dumps(cases), flush=True)


def _case(world: World) -> int:
    """Three completions: the report, the village's word, the way to a department."""
    case_id = world.open()
    for login, answers in (("grid_leader", ACCEPT), ("dispatcher", DISPATCH)):
        time.sleep(PAUSE)
        world.complete(login, case_id, answers)
    time.sleep(PAUSE)
    return case_id


def _told_to_stop() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


if __name__ == "__main__":
    main()
