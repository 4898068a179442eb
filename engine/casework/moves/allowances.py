"""What a county allows: reasons and lengths of pauses, how long a case can be reopened.

Presets, editable as the setting ``moves``: no law fixes them, and counties differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.models import Setting
from engine.worktime import Limit
from feel.text import Text

KEY = "moves"
REASONS: Mapping[str, Text] = {
    "evidence": Text("调查取证", "gathering evidence"),
    "expertise": Text("鉴定、检测、评估", "expert examination"),
    "party": Text("等待当事人", "waiting for a party"),
}


@dataclass(frozen=True)
class Allowances:
    """``pauses`` by reason, the longest each may last; ``reopen`` counts from the closing."""

    pauses: Mapping[str, Limit]
    reopen: Limit


PRESETS = Allowances(
    pauses={
        "evidence": Limit(10, "working_days"),
        "expertise": Limit(30, "days"),
        "party": Limit(5, "working_days"),
    },
    reopen=Limit(15, "days"),
)


def allowances(db: Session) -> Allowances:
    """The county's allowances: the presets, with what the setting says instead.

    The setting is ``{"pauses": {"evidence": [10, "working_days"]}, "reopen": [15, "days"]}``;
    a reason that it leaves out is not allowed.
    """
    row = db.get(Setting, KEY)
    return PRESETS if row is None else read(row.value)


def read(value: Mapping[str, Any]) -> Allowances:
    """Allowances from a setting's value. Raises ValueError for a limit that is none."""
    pauses, reopen = value.get("pauses"), value.get("reopen")
    given = {reason: Limit(*limit) for reason, limit in (pauses or {}).items() if reason in REASONS}
    return Allowances(
        pauses=PRESETS.pauses if pauses is None else given,
        reopen=PRESETS.reopen if reopen is None else Limit(*reopen),
    )
