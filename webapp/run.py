"""``fengqiao run``: the database brought up to date, then web and worker until Ctrl-C.

For a demo or a developer. In production each of the two is a service of its own.
"""

from __future__ import annotations

import os
import socket
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import select

from engine import settings as configuration
from engine.intake.demo.people import LOGINS, VILLAGE
from engine.intake.demo.places import COUNTY
from engine.roles import AT_WORK
from engine.settings import Settings
from webapp.supervisor import HOST, SupervisedProgram, claim, supervise

# Half of a demo's cases are where its logins work, many are open, and hardly a desk is empty.
DEMO: dict[str, Any] = {
    "busy": VILLAGE,
    "open_share": 0.3,
    "plays": 28,
    "history": timedelta(days=75),
    "desks": [(unit, role) for _login, unit, role in LOGINS if role in AT_WORK],
    "shares": {"ticket": 0.47, "hotline": 0.28, "dispute": 0.18, "centre": 0.07},
}


def main() -> int:
    """Serve on the settings' port; return 0 when web and worker have ended as asked.

    The port is taken first, so that nothing is prepared or started in vain.
    Raises PortTaken, ChildEnded and whatever keeps the database from being used.
    """
    settings = configuration.current()
    # Whoever reads this screen wants the address and the logins, not a line for every request.
    os.environ.setdefault("FENGQIAO_LOG_LEVEL", "WARNING")
    with claim(settings.port) as listener:
        logins = prepare(settings)
        supervise([web(listener), worker()], lambda: announce(settings.port, logins))
    click.echo("已停止。 Stopped.")
    return 0


def prepare(settings: Settings) -> dict[str, Any] | None:
    """Migrate, publish what ships, fill a new demo database; return the demo's logins."""
    from engine.intake import demo
    from engine.models import Setting, Unit
    from engine.storage.db import reading, transaction
    from webapp import create_app
    from webapp.cli.benchmarks import invent
    from webapp.cli.setting_up import init

    click.echo("正在准备数据库… Preparing the database ...")
    init.main([], standalone_mode=False)
    with create_app(settings).app_context():
        with reading() as db:
            empty = db.scalar(select(Unit.id).limit(1)) is None
        if empty and not settings.production:
            click.echo("正在载入演示县… Loading the demo county ...")
            with transaction() as db:
                demo.load(db, datetime.now(UTC))
            if settings.demo_cases:
                click.echo("正在演绎一些事项… Playing some cases ...")
                number = settings.demo_cases
                chosen = {**DEMO, "plays": min(DEMO["plays"], number)}
                invent(number, 1, [COUNTY], now=datetime.now(UTC), **chosen)
        with reading() as db:
            kept = db.get(Setting, "demo")
            return None if kept is None or settings.production else kept.value


def web(listener: socket.socket) -> SupervisedProgram:
    """gunicorn on a socket that already listens."""
    descriptor = listener.fileno()
    options = f"--bind fd://{descriptor} --workers 2 --graceful-timeout 5"
    # Loading the program once for both processes makes the first page come sooner.
    command = [sys.executable, "-m", "gunicorn", "-c", "python:deploy.serving", "--preload"]
    return SupervisedProgram("web", [*command, *options.split()], (descriptor,))


def worker() -> SupervisedProgram:
    """``fengqiao worker`` with this Python."""
    start = "from webapp.cli import main; main()"
    return SupervisedProgram("worker", [sys.executable, "-c", start, "worker"])


def announce(port: int, logins: dict[str, Any] | None) -> bool:
    """Print the address and the demo's logins once a page is answered; return False until then."""
    address = f"http://{HOST}:{port}/"
    try:
        # Our own address, made above.
        urllib.request.urlopen(f"{address}healthz", timeout=1).close()  # noqa: S310
    except (urllib.error.URLError, OSError):
        return False
    for person in (logins or {}).get("logins", ()):
        click.echo(f"  {person['login']:<22} {person.get('role', '')}  {person.get('unit', '')}")
    if logins:
        click.echo(f"演示账号如上，密码都是 {logins['password']}  (the password of all of these)")
    click.echo(f"枫桥已启动 Fengqiao is ready: {address}  (Ctrl-C 结束 ends it)")
    return True
