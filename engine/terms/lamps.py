"""The lamp of a running clock: its colours, their names, and when each shines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from feel.text import Text

RED: Final = "red"
YELLOW: Final = "yellow"
GREEN: Final = "green"
GREY: Final = "grey"
# The most urgent first, as filters offer them.
NAMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        RED: Text("已超期", "Overdue"),
        YELLOW: Text("将到期", "Due soon"),
        GREEN: Text("正常", "On time"),
        GREY: Text("暂停", "Paused"),
    }
)
LAMPS: Final = tuple(NAMES)
# Those that say that something must be done.
LATE: Final = (RED, YELLOW)


def lamp(
    deadline: datetime | None, warn: datetime | None, now: datetime, *, paused: bool = False
) -> str:
    """Return the lamp of a clock that ends at ``deadline`` and turns yellow at ``warn``.

    Without a deadline nothing runs: green, or grey where it is paused.
    """
    if deadline is None:
        return GREY if paused else GREEN
    if deadline <= now:
        return RED
    return YELLOW if warn is not None and warn <= now else GREEN
