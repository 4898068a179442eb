"""How pressing a case is: the words of the shipped triage tables, and those of other sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from feel.text import Text


@dataclass(frozen=True)
class Priority:
    """One priority. The higher its rank, the further up it stands; ``pressing``: lists say so."""

    key: str
    name: Text
    rank: int
    pressing: bool = False


# What a case has before any table or person said more.
NORMAL: Final = "normal"
_ALL: Final = (
    Priority("紧急", Text("紧急", "High"), 3, pressing=True),
    Priority("重要", Text("重要", "Elevated"), 2, pressing=True),
    Priority("一般", Text("一般", "Normal"), 1),
    # As imports and other programs may say it.
    Priority("urgent", Text("特急", "Critical"), 3, pressing=True),
    Priority("high", Text("紧急", "High"), 2, pressing=True),
    Priority(NORMAL, Text("一般", "Normal"), 1),
    Priority("low", Text("不急", "Low"), 0),
)
# Those that people choose from, the most pressing first.
OFFERED: Final = tuple(one.key for one in _ALL[:3])
NAMES: Final[Mapping[str, Text]] = MappingProxyType({one.key: one.name for one in _ALL})
PRESSING: Final = frozenset(one.key for one in _ALL if one.pressing)
# Those that wait for nobody, not even for the office to open.
FOREMOST: Final = frozenset(
    one.key for one in _ALL if one.rank == max(other.rank for other in _ALL)
)
RANKS: Final[Mapping[str, int]] = MappingProxyType({one.key: one.rank for one in _ALL})
# Of what no list here knows.
OTHER_RANK: Final = 1
