"""Times that other programs write, and events that come later: what to write today."""

from __future__ import annotations

import pytest

from tests.engine.bpmn.check.drawing import (
    END,
    brief,
    diagram,
    line,
    look,
    node,
    only,
    simple,
    task,
    timer,
)  # fmt: skip


def waiting(text: str, kind: str = "timeDuration") -> bytes:
    return simple(node("intermediateCatchEvent", "wait", timer(text, kind)), keys=("wait",))


def border(inner: str, **attributes: str) -> str:
    event = node("boundaryEvent", "edge", inner, attachedToRef="first", **attributes)
    return event + task("chase") + line("edge", "chase", "end")


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("R3/PT1H/2026-12-01T12:00", "R3/2026-12-01T10:00/PT1H"),
        ("R3/P1M/2026-05-31", "R3/2026-03-31T00:00/P1M"),
        ("R2/P1D/2026-12-02T09:00+08:00", "R2/2026-12-01T09:00+08:00/P1D"),
        ("2026-12-01T09:00[Asia/Shanghai]", "2026-12-01T09:00"),
        ("2026-12-01T09:00+08:00[Asia/Shanghai]", "2026-12-01T09:00+08:00"),
        ("2026-12-01T09:00@Europe/Berlin", "2026-12-01T09:00+01:00"),
        ("R3/2026-12-01T09:00[Asia/Shanghai]/P1D", "R3/2026-12-01T09:00/P1D"),
        ("R3/2026-12-01T09:00@Asia/Shanghai/P1D", "R3/2026-12-01T09:00/P1D"),
        ("0 9 * * 1", "R/2026-01-05T09:00/P7D"),
        ("30 8 * * SUN", "R/2026-01-11T08:30/P7D"),
        ("0 9 * * 7", "R/2026-01-11T09:00/P7D"),
        ("0 0 9 ? * 2", "R/2026-01-05T09:00/P7D"),
        ("0 0 9 ? * MON", "R/2026-01-05T09:00/P7D"),
        ("0 9 * * *", "R/2026-01-05T09:00/P1D"),
        ("@daily", "R/2026-01-05T00:00/P1D"),
        ("*/15 * * * *", "R/2026-01-05T00:00/PT15M"),
        ("30 */4 * * *", "R/2026-01-05T00:30/PT4H"),
        ("0 * * * *", "R/2026-01-05T00:00/PT1H"),
        ("0 9 15 * *", "R/2026-01-15T09:00/P1M"),
        ("0 9 L * ?", "R/2026-01-31T09:00/P1M"),
        ("0 9 1 */3 *", "R/2026-01-01T09:00/P3M"),
        ("0 9 1 10 *", "R/2026-10-01T09:00/P1Y"),
    ],
)
def test_it_gives_the_spelling_of_what_other_programs_write(text, better):
    remind = border(timer(text, "timeCycle"), cancelActivity="false")
    found = only(look(simple(remind, keys=())), "bad-timer")

    assert found.element == "edge"
    assert f"改成 {better}。" in found.remedy.zh and f"Write {better}." in found.remedy.en
    assert "bad-timer" not in [
        rule for rule, _ in brief(look(simple(border(timer(better, "timeCycle")), keys=())))
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 9 * * MON-FRI", "cron"),
        ("0 0 9 ? * 2-6", "cron"),
        ("0 9 * * 1,3", "cron"),
        ("0 9 1 * 1", "cron"),
        ("R/PT1H/2026-12-01T12:00", "R3/2026-12-01T09:00/PT1H"),
    ],
)
def test_it_says_what_to_write_where_no_single_cycle_means_the_same(text, said):
    found = only(look(waiting(text, "timeCycle")), "bad-timer")

    assert said in found.remedy.zh and said in found.remedy.en


@pytest.mark.parametrize("kind", ["timer", "signal", "conditional"])
def test_a_start_that_nobody_makes_comes_with_a_later_version(kind):
    inner = timer("R/P7D", "timeCycle") if kind == "timer" else f"<{kind}EventDefinition/>"
    start = node("startEvent", "start", inner)
    found = only(look(diagram(start + task("first") + END + line("start", "first", "end"))),
                 "start-event-ignored")  # fmt: skip

    assert "以后的版本" in found.message.zh and "later version" in found.message.en
    assert "以后的版本" in found.remedy.zh


def test_a_conditional_event_comes_with_a_later_version():
    condition = '<condition>risk = "高"</condition>'
    inner = f"<conditionalEventDefinition>{condition}</conditionalEventDefinition>"
    found = only(look(simple(border(inner), keys=())), "unsupported-event")

    assert found.element == "edge" and "以后的版本" in found.message.zh
