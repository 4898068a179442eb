"""The levels of the tree of units, highest first: their keys, names, and spellings in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from feel.text import Text


@dataclass(frozen=True)
class Level:
    """One level. ``spellings`` are what tables from outside write for it."""

    key: str
    name: Text
    spellings: tuple[str, ...] = ()


_ALL: Final = (
    Level("province", Text("省级", "province"), ("省",)),
    Level("city", Text("市级", "city"), ("市", "prefecture")),
    Level("county", Text("县级", "county"), ("县", "区")),
    Level("township", Text("乡镇级", "township"), ("乡镇", "街道")),
    Level("village", Text("村级", "village"), ("村", "社区")),
    Level("grid", Text("网格", "grid"), ("网格",)),
)
LEVELS: Final = tuple(level.key for level in _ALL)
# Where a deployment names none of its own: the levels at which cases are handled.
HANDLED: Final = ("county", "township", "village", "grid")
# In a diagram: the level that handles the case now, whichever it is.
HANDLING: Final = "handling"
NAMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **{level.key: level.name for level in _ALL},
        HANDLING: Text("当前办理层级", "the level that handles the case"),
    }
)
# From what a table writes to the level: the keys themselves, and what people write.
SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {word: level.key for level in _ALL for word in (level.key, *level.spellings)}
)


def handling_above(level: str | None, handling: Sequence[str]) -> int:
    """Return how many of the handling levels are above a level, which need not be one itself.

    A grid under a city whose lowest handling level is the village has all of them above; a level
    that is none has no other above.
    """
    if level not in LEVELS:
        return 0
    return sum(LEVELS.index(one) < LEVELS.index(level) for one in handling)


def height(level: str | None, handling: Sequence[str]) -> int:
    """Return how high a level is among the handling levels: 1 is the lowest, or below it."""
    return max(len(handling) - handling_above(level, handling), 1)
