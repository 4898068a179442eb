"""One worker of a simulated county, a process of its own: ``python -m bench.simulation.hand``.

Its database and secrets stand in the environment. Says ``ready``; each line on standard input is
then a moment and the ticks to run at it, each line on standard output what they reported.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime

import structlog
from flask import Flask

from engine import settings
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
            report = {name: ticks.tick(name, now) for name in told["ticks"]}
            print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
