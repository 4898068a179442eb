"""Cases that wait at given desks today, so that nobody who tries a demo finds an empty one."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from bench.generator.scratch import ScratchPlayer
from bench.generator.templates import Capture, Template
from engine.definitions import versions
from engine.storage.db import reading

# A unit's code and a role.
DeskKey = tuple[str, str]
# How often a case is started in the hope that it comes by a desk; some are seldom reached.
MOST_TRIES = 80
SHARES = {"ticket": 0.4, "hotline": 0.35, "dispute": 0.25}


def _process(roles: set[str], dice: random.Random, now: datetime) -> str:
    """Choose among the processes whose diagrams bring work to one of the roles."""
    with reading() as db:
        fitting = {
            process: share
            for process, share in SHARES.items()
            if roles
            & {node.role for node in versions.current(db, process, now).definition.nodes.values()}
        }
    chosen = fitting or SHARES
    return dice.choices(list(chosen), list(chosen.values()))[0]


def _roles(version: versions.PublishedVersion) -> set[str | None]:
    return {node.role for node in version.definition.nodes.values()}


def templates(
    here: ScratchPlayer,
    desks: Collection[DeskKey],
    dice: random.Random,
    now: datetime,
    say: Callable[[int], None],
) -> list[Template]:
    """Play cases of the last days briskly; each stops at the first of ``desks`` still empty."""
    left = {(here.units[code], role) for code, role in desks if code in here.units}
    found: list[Template] = []
    for _ in range(MOST_TRIES):
        if not left:
            break
        process = _process({role for _unit, role in left}, dice, now)
        began = now - timedelta(days=dice.uniform(2, 5))
        reached = here.play_to(process, dice, began, now, left)
        if reached is None:
            continue
        case_id, desk = reached
        left.discard(desk)
        with reading() as db:
            template = Capture(db, here, case_id).template()
        template.home = True
        found.append(template)
        say(len(found))
    return found
