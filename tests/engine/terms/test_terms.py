"""Levels, lamps, priorities and channels stand once; what they are named in both languages."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

import pytest

from engine.models.base import STAMPED_LEVELS
from engine.models.people import Unit
from engine.terms import channels, lamps, levels, priorities
from feel.text import Text
from tests.test_architecture import nodes, offenders, python_files, relative

NOW = datetime(2026, 11, 30, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
# A literal with so many of a registry's keys repeats it.
REGISTRIES = {
    "levels": (set(levels.LEVELS), 4),
    "lamps": (set(lamps.LAMPS), 3),
    "priorities": (set(priorities.NAMES) - {"一般"}, 2),
    "channels of the outbox": (set(channels.OUTBOX_CHANNELS), 5),
}


@pytest.mark.parametrize("registry", REGISTRIES)
def test_it_repeats_no_registry_anywhere_else(registry):
    keys, most = REGISTRIES[registry]

    def repeats(path):
        for node in nodes(path):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                parts = node.elts
            elif isinstance(node, ast.Dict):
                parts = [key for key in node.keys if key is not None]
            else:
                continue
            said = {part.value for part in parts if isinstance(part, ast.Constant)}
            if len(said & keys) >= most:
                yield f"line {node.lineno}"

    found = {
        relative(path): list(repeats(path))
        for path in python_files("engine", "webapp", "forms")
        if not relative(path).startswith("engine/terms/")
    }
    assert not offenders(found)


@pytest.mark.parametrize(
    "names",
    [levels.NAMES, lamps.NAMES, priorities.NAMES, channels.CASE_CHANNELS, channels.OUTBOX_CHANNELS],
)
def test_it_names_each_in_both_languages(names):
    assert all(isinstance(name, Text) and name.zh and name.en for name in names.values())


def test_rows_carry_a_column_for_each_level_below_the_province():
    columns = {
        name for name in (column.key for column in Unit.__table__.c) if name.startswith("at_")
    }

    assert columns == {f"at_{level}" for level in STAMPED_LEVELS}
    assert (levels.LEVELS[0], *STAMPED_LEVELS) == levels.LEVELS


def test_a_lamp_turns_at_its_moments():
    warn, end = NOW + HOUR, NOW + 2 * HOUR

    assert lamps.lamp(end, warn, NOW) == lamps.GREEN
    assert lamps.lamp(end, warn, warn) == lamps.YELLOW
    assert lamps.lamp(end, None, warn) == lamps.GREEN
    assert lamps.lamp(end, warn, end) == lamps.RED
    assert lamps.lamp(None, None, NOW) == lamps.GREEN
    assert lamps.lamp(None, None, NOW, paused=True) == lamps.GREY


def test_what_is_pressing_stands_above_the_rest():
    ranks = priorities.RANKS
    calm = [rank for key, rank in ranks.items() if key not in priorities.PRESSING]

    assert min(ranks[key] for key in priorities.PRESSING) > max(*calm, priorities.OTHER_RANK)
    assert ranks[priorities.NORMAL] == priorities.OTHER_RANK


@pytest.mark.parametrize(
    ("level", "handling", "above", "height"),
    [
        ("grid", levels.HANDLED, 3, 1),
        ("county", levels.HANDLED, 0, 4),
        ("city", levels.HANDLED, 0, 4),
        ("grid", ("city", "county", "township", "village"), 4, 1),
        ("village", ("city", "county", "township", "village"), 3, 1),
        ("city", ("city", "county", "township", "village"), 0, 4),
        (None, levels.HANDLED, 0, 4),
    ],
)
def test_a_level_has_handling_levels_above_it_whether_it_is_one_or_not(
    level, handling, above, height
):
    assert levels.handling_above(level, handling) == above
    assert levels.height(level, handling) == height
