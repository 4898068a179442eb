"""One worker of a simulated county, a process of its own: ``python -m bench.simulation.hand``.

Its database and secrets stand in the environment. Says ``ready``; each line on standard input is
then a moment, the ticks to run at it and whether they heed a clock that jumps, each line on
standard output what they reported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from flask import Flask

from engine import settings
from engine.operations import clock_guard
from engine.storage.db import db
from engine.worker import ticks


def main() -> None:
    """Work until nobody says what time it is any more."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    app = Flask("fengqiao-hand")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.current().database_url
    db.init_app(app)
    with app.app_context():
        print("ready", flush=True)
        for line in sys.stdin:
            told = json.loads(line)
            now = datetime.fromisoformat(told["now"])
            print(json.dumps(run(now, told["ticks"], heeds=told["heeds"])), flush=True)


def run(now: datetime, names: Sequence[str], *, heeds: bool) -> dict[str, Any]:
    """Run ticks and return their reports; ``heeds``: only if the clock is not held, as always
    outside of simulations.
    """
    if heeds and clock_guard.holds(now):
        return dict.fromkeys(names, {"held": 1})
    return {name: ticks.tick(name, now) for name in names}


if __name__ == "__main__":
    main()
