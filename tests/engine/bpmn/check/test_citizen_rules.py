"""Every way to an end passes an answer: each way of missing it once, and of keeping it."""

from __future__ import annotations

import pytest

from engine.bpmn.check.fixes import apply
from tests.engine.bpmn.check.drawing import (
    END,
    START,
    diagram,
    extended,
    flow,
    line,
    look,
    node,
    only,
    task,
)  # fmt: skip

ANSWERED, REOPENED = extended("<gov:answered/>"), extended("<gov:reopened/>")
RULE = "end-without-answer"


def marked(source: str, target: str, mark: str, condition: str = "") -> str:
    return flow(source, target, condition).replace("</sequenceFlow>", f"{mark}</sequenceFlow>")


def told(drawn: bytes) -> list[str | None]:
    return [one.element for one in look(drawn) if one.rule == RULE]


def choice(*, left: str = "", right: str = "") -> bytes:
    """start, a gateway, one task on either side, an end of its own behind each."""
    body = START + node("exclusiveGateway", "gate", default="gate-b") + task("a") + task("b")
    body += node("endEvent", "end_a") + node("endEvent", "end_b") + line("start", "gate", "b")
    body += flow("gate", "a", "1 = 2")
    body += marked("a", "end_a", left) + marked("b", "end_b", right)
    return diagram(body)


def test_a_diagram_that_says_nothing_is_answered_at_its_end() -> None:
    assert told(choice()) == []


def test_it_names_the_end_of_the_way_that_was_forgotten() -> None:
    found = only(look(choice(left=ANSWERED)), RULE)
    assert (found.element, found.severity) == ("end_b", "warning")
    assert told(choice(left=ANSWERED, right=ANSWERED)) == []


def test_the_button_lets_the_end_be_the_answer() -> None:
    drawn = choice(left=ANSWERED)
    (fix,) = only(look(drawn), RULE).fixes
    mended = apply({"p.bpmn": drawn}, fix.as_json()["changes"])
    assert told(mended["p.bpmn"]) == []


@pytest.mark.parametrize(("again", "ends"), [("", []), (ANSWERED, []), (REOPENED, ["end"])])
def test_an_answer_that_does_not_hold_is_none(again: str, ends: list[str]) -> None:
    """Answered, reopened, and to the end without another answer."""
    body = START + task("first") + task("second") + END + line("start", "first")
    body += marked("first", "second", ANSWERED) + marked("second", "end", again)
    assert told(diagram(body)) == ends


def test_what_is_broken_off_has_not_answered() -> None:
    """The task that answers is interrupted: its event leads to the end without an answer."""
    work = node(
        "userTask", "work", extended('<gov:task form="f/x" role="handler"/><gov:answered/>')
    )
    event = node(
        "boundaryEvent",
        "late",
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
        attachedToRef="work",
    )
    beside = node("endEvent", "stopped")
    drawn = START + work + event + END + beside + line("start", "work", "end")
    assert told(diagram(drawn + flow("late", "stopped"))) == ["stopped"]
    open_end = event.replace("<boundaryEvent", '<boundaryEvent cancelActivity="false"')
    drawn = START + work + open_end + END + beside + line("start", "work", "end")
    assert told(diagram(drawn + flow("late", "stopped"))) == []


@pytest.mark.parametrize(("inside", "ends"), [(ANSWERED, []), ("", ["end"])])
def test_a_subprocess_answers_where_all_its_ways_do(inside: str, ends: list[str]) -> None:
    inner = node("startEvent", "s") + task("t") + node("endEvent", "e")
    inner += flow("s", "t") + marked("t", "e", inside)
    body = START + node("subProcess", "sub", inner) + END + line("start", "sub", "end")
    # A mark somewhere, so that the rule looks at all.
    lost = extended('<gov:task form="f/x" role="handler"/><gov:answered/>')
    assert told(diagram(body + node("userTask", "lost", lost))) == ends
