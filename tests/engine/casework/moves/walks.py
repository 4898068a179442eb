"""Random walks over real cases, each on its own copy of a database that was prepared once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy import select

from engine.models import Unit
from engine.storage.db import db as database_object
from engine.storage.db import reading
from tests import applications
from tests.databases import bare_app
from tests.engine.casework.world import World

# `HYPOTHESIS_PROFILE=explore` takes many more walks, and makes a failing one shorter: that takes
# minutes, so whoever looks into a failure asks for it.
EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"


class Walk(RuleBasedStateMachine):
    """Begins where every other of its kind began, or it could not be walked again."""

    origin: World
    units: dict[str, int]
    anew: Callable[[], AbstractContextManager[None]]

    def __init__(self) -> None:
        super().__init__()
        self.place = ExitStack()
        self.place.enter_context(self.anew())
        self.world = World(dict(self.origin.logins), self.origin.now)

    def teardown(self) -> None:
        self.place.close()


AWalk = TypeVar("AWalk", bound=Walk)


def on_copies(walk: type[AWalk], world: World, maker: Any, database: str) -> type[AWalk]:
    """The walk, begun in ``world`` and over copies of ``database`` as it is now."""
    with reading() as db:
        codes = {unit.code: unit.id for unit in db.scalars(select(Unit))}
    database_object.engine.dispose()

    @contextmanager
    def anew() -> Iterator[None]:
        url = maker.lend(like=database)
        with applications.bare(url, bare_app).app_context():
            yield
        maker.take_back(url)

    begun = {"origin": world, "units": codes, "anew": staticmethod(anew)}
    return type(walk.__name__, (walk,), begun)


def take(walk: type[Walk], examples: int, steps: int) -> None:
    """Walk ``examples`` times, so many steps each."""
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=list(Phase) if EXPLORING else [Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
