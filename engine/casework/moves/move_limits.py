"""What a county allows: reasons and lengths of pauses, how long a case can be reopened.

Presets, editable as the setting ``moves``: no law fixes them, and counties differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.models import Setting
from engine.records import audit
from engine.worktime import Limit
from feel.text import Text

KEY = "moves"
REASONS: Mapping[str, Text] = {
    "evidence": Text("调查取证", "gathering evidence"),
    "expertise": Text("鉴定、检测、评估", "expert examination"),
    "party": Text("等待当事人", "waiting for a party"),
}
UNITS = ("working_days", "days", "working_hours", "hours")
REOPEN = "reopen"
NO_LIMIT = Text("请填写 1 以上的整数和单位。", "Give a whole number from 1 and a unit.")


@dataclass(frozen=True)
class MoveLimits:
    """``pauses`` by reason, the longest each may last; ``reopen`` counts from the closing."""

    pauses: Mapping[str, Limit]
    reopen: Limit


PRESETS = MoveLimits(
    pauses={
        "evidence": Limit(10, "working_days"),
        "expertise": Limit(30, "days"),
        "party": Limit(5, "working_days"),
    },
    reopen=Limit(15, "days"),
)


def move_limits(db: Session) -> MoveLimits:
    """Return the county's allowances: the presets, with what the setting says instead.

    The setting is ``{"pauses": {"evidence": [10, "working_days"]}, "reopen": [15, "days"]}``;
    a reason that it leaves out is not allowed.
    """
    row = db.get(Setting, KEY)
    return PRESETS if row is None else parse(row.value)


def parse(value: Mapping[str, Any]) -> MoveLimits:
    """Allowances from a setting's value. Raises ValueError for a limit that is not one."""
    pauses, reopen = value.get("pauses"), value.get("reopen")
    given = {reason: Limit(*limit) for reason, limit in (pauses or {}).items() if reason in REASONS}
    return MoveLimits(
        pauses=PRESETS.pauses if pauses is None else given,
        reopen=PRESETS.reopen if reopen is None else Limit(*reopen),
    )


def set_move_limits(
    db: Session, actor_id: int, typed: Mapping[str, str], *, now: datetime
) -> MoveLimits:
    """Keep what an administrator typed: ``evidence`` and ``evidence_unit``, ``reopen`` ...

    An amount left empty takes that reason for pauses away. Raises InvalidInput, with a text for
    each field that is no limit.
    """
    limits: dict[str, list[Any]] = {}
    wrong: dict[str, Text] = {}
    for key in (*REASONS, REOPEN):
        amount, unit = typed.get(key, "").strip(), typed.get(f"{key}_unit", "")
        if not amount and key != REOPEN:
            continue
        try:
            limits[key] = _limit(amount, unit)
        except ValueError:
            wrong[key] = NO_LIMIT
    if wrong:
        raise InvalidInput(wrong)
    value = {"reopen": limits.pop(REOPEN), "pauses": limits}
    db.merge(Setting(key=KEY, value=value, changed_at=now))
    audit.record_admin(db, "moves.allowances", actor_id, value, at=now)
    return parse(value)


def _limit(amount: str, unit: str) -> list[Any]:
    if not amount.isdecimal() or unit not in UNITS or int(amount) < 1:
        raise ValueError(amount)
    limit = Limit(int(amount), unit)
    return [limit.amount, limit.unit]
