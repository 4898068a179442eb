"""What all commands share: one way to print, one way to fail."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from engine import settings as configuration
from engine.errors import DomainError
from feel.text import Text

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
Command = Callable[..., Any]
LANGUAGES = ("zh_CN", "en")
UNUSABLE = Text(
    "数据库无法使用，请先运行 fengqiao init",
    "The database cannot be used; has fengqiao init been run?",
)


def language() -> str:
    """Return the language of what is printed: that of ``--lang``, of the environment, Chinese."""
    context = click.get_current_context(silent=True)
    asked = context.find_root().obj if context is not None else None
    if asked in LANGUAGES:
        return str(asked)
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if named.startswith("en") else "zh_CN"


def in_app(command: Command) -> Command:
    """Run a command inside the application, and say what went wrong in one line."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from webapp import create_app

        with plainly(), create_app().app_context():
            return command(*args, **kwargs)

    return run


class plainly:
    """Domain errors and an unusable database end a command with one line and exit code 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DomainError):
            click.echo(error.text.to(language()), err=True)
            sys.exit(1)
        if isinstance(error, (OperationalError, ProgrammingError)):
            # Its own first line alone: what follows are statements and the server's details.
            reason = str(error.orig).splitlines()[0]
            click.echo(f"{UNUSABLE.to(language())} ({reason})", err=True)
            sys.exit(1)


def show(document: Any, as_json: bool, text: str) -> None:
    """Print a result for a program or for a person."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str) if as_json else text)


def moment_of(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    if configuration.current().production:
        raise click.UsageError("--now is refused in production")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--now is no ISO 8601 time: {text}") from error
    if moment.tzinfo is None:
        raise click.UsageError("--now needs a time zone, such as 2026-11-22T16:00+08:00")
    return moment
