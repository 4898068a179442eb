"""What the case page says of the way ahead, for the shipped diagrams."""

from __future__ import annotations

from functools import cache

import pytest

from engine.definitions import route
from engine.definitions.route import Route
from tests.processes.walk import ROOT


@cache
def ahead_of(key: str) -> Route:
    """The outlook as the page has it."""
    path = ROOT / "processes" / key / f"{key}.bpmn"
    return route._parse(((path.name, path.read_bytes()),))


def next_steps(key: str, node: str) -> dict[str, str]:
    """Words on the way to each stop that may follow."""
    return {branch.node.id: branch.label.zh for branch in ahead_of(key).after(node)}


@pytest.mark.parametrize(
    ("key", "usual"),
    [
        (
            "dispute",
            "apply accept assign rights investigate mediate agreement seal visit dossier"
            " check_dossier",
        ),
        ("hotline", "intake dispatch handle check call_back"),
        ("ticket", "report accept dispatch handle track feedback rate"),
    ],
)
def test_it_expects_a_case_to_go_well(key: str, usual: str) -> None:
    """The strip above a case shows the way it usually takes, not the one where it fails."""
    first, *_rest = usual.split()
    assert [stop.node.id for stop in ahead_of(key).way([], [first])] == usual.split()


def test_it_names_no_button_among_the_next_steps() -> None:
    """What may happen at any time from now on does not follow from this step."""
    assert set(next_steps("dispute", "accept")) == {"inform_refusal", "assign"}
    after = {"end_answered", "end_refused_now", "dispatch"}
    assert set(next_steps("hotline", "intake")) == after


def test_it_says_what_is_chosen_and_what_it_depends_on() -> None:
    """Two gateways in a row: the words of the second alone would say nothing."""
    assert next_steps("ticket", "rate")["handle"] == "首次不满意 · 镇、县"
    assert next_steps("dispute", "mediate") == {
        "agreement": "达成",
        "mediate": "未达成 · 再次调解",
        "tell_routes": "未达成 · 调解不成",
    }
