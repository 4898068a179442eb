"""Pictures about which the check was once silent or wrong, each with what it must say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.bpmn.check.drawing import look


def said(shared: Path, name: str) -> list[tuple[str, str, str]]:
    """Severity, rule and words of the findings of a file."""
    data = (shared / "cases/policy" / name).read_bytes()
    found = look({name: data})
    return [(one.severity, one.rule, one.message.zh) for one in found]


@pytest.mark.parametrize("name", ["two.bpmn", "two_p.bpmn"])
def test_two_ways_out_of_a_task_are_a_warning(shared: Path, name: str) -> None:
    """Another id than the definition's is none of the check's: the editor mends it."""
    found = said(shared, name)
    assert ("warning", "both-ways-taken") in [one[:2] for one in found]
    assert not [one for one in found if one[0] == "error"]


def test_a_timer_without_a_time_is_named(shared: Path) -> None:
    found = said(shared, "unnamed_empty_timer_named.bpmn")
    assert ("error", "timer-without-time", "定时“等七天”还没有填时间。") in found


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("timer_start.bpmn", "start-event-ignored"),
        ("conditional_boundary.bpmn", "unsupported-event"),
        ("signal_start.bpmn", "start-event-ignored"),
    ],
)
def test_what_comes_later_is_said_to_come_later(shared: Path, name: str, rule: str) -> None:
    (words,) = [words for _severity, found, words in said(shared, name) if found == rule]
    assert "以后的版本支持" in words
