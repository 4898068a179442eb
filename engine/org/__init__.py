"""Units, users, posts and deputies: the tree of government and who sits where in it.

Reading (``tree``, ``seats``) is what every case asks; changing (``units``, ``people``,
``posts``) is what administrators do. Every change leaves an event in the chain of
administration, a change of a unit also a row of its history.
"""

from engine.org.deputies import create_deputy, end_deputy
from engine.org.escalation_path import (
    Climb,
    ClimbRequest,
    Lateness,
    Skip,
    climb,
    climb_all,
    stands_over,
)
from engine.org.handover import OpenWork, open_work
from engine.org.merging import merge_unit, split_off
from engine.org.moves import SETTLE, pending_moves, restamp
from engine.org.number_series import SeriesRow, series_of, set_series, unset_counties
from engine.org.people import create_user, end_user, rename_user, set_password
from engine.org.posts import (
    create_post,
    end_post,
    fill_post,
    vacate_post,
)
from engine.org.recoding import recode_unit, recoded_from
from engine.org.seats import Holder, holders, work_unit
from engine.org.tree import (
    ancestors,
    name_at,
    subtree_ids,
    successor,
    unit_at,
    unit_by_code,
    unit_named,
)
from engine.org.units import (
    create_unit,
    end_unit,
    move_unit,
    rename_unit,
    revive_unit,
)

__all__ = [
    "SETTLE",
    "Climb",
    "Holder",
    "Lateness",
    "OpenWork",
    "SeriesRow",
    "Skip",
    "ClimbRequest",
    "ancestors",
    "climb",
    "climb_all",
    "create_deputy",
    "create_post",
    "create_unit",
    "create_user",
    "end_deputy",
    "end_post",
    "end_unit",
    "end_user",
    "fill_post",
    "holders",
    "merge_unit",
    "move_unit",
    "name_at",
    "open_work",
    "pending_moves",
    "recode_unit",
    "recoded_from",
    "rename_unit",
    "rename_user",
    "restamp",
    "revive_unit",
    "series_of",
    "set_password",
    "set_series",
    "split_off",
    "stands_over",
    "subtree_ids",
    "successor",
    "unit_at",
    "unit_by_code",
    "unit_named",
    "unset_counties",
    "vacate_post",
    "work_unit",
]
