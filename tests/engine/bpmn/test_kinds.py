"""Dates, times and durations stay what they are, from the form to whatever reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import bpmn
from engine.bpmn.errors import EngineFault
from feel.kinds import parse_kind
from tests.engine.bpmn.diagrams import CONTEXT, HEAD, flows
from tests.feel.tables import column, decision, model, result, table, text

ASKED = {
    "open": {
        name: parse_kind(kind)
        for name, kind in {
            "begun": "date",
            "at": "date and time",
            "note": "string",
            "amount": "number",
            "visits": "list<context<on: date, who: string>>",
        }.items()
    }
}
ANSWERS = {
    "begun": "2026-11-30",
    "at": "2026-11-30T23:30",
    "note": "2026-11-30",
    "amount": 5,
    "visits": [{"on": "2026-12-03", "who": "甲"}, {"on": "2026-12-01", "who": "乙"}],
}
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def drawn(body: str, lines: str) -> bytes:
    """A process whose first task asks the form of above, then whatever is given."""
    first = (
        '<userTask id="open"><extensionElements><gov:task form="open"/></extensionElements>'
        "</userTask>"
    )
    return (
        f'{HEAD}<process id="p" isExecutable="true"><startEvent id="s"/>{first}'
        f"{flows('s > open > ' + lines.strip())}{body}</process></definitions>"
    ).encode()


def user(*names: str) -> str:
    return "".join(f'<userTask id="{name}" name="{name}"/>' for name in names)


class Run:
    """One case, driven by hand."""

    def __init__(self, diagram: bytes, *tables: bytes, **more: Any) -> None:
        files = {"p.bpmn": diagram, **{f"t{n}.dmn": data for n, data in enumerate(tables)}}
        self.definition = bpmn.parse(files, "p", **{"asked": ASKED, **more})
        self.context = replace(CONTEXT, now=NOW)
        self.step = bpmn.start(self.definition, {}, self.context)

    def answer(self, **answers: Any) -> Run:
        return self.do("open", **{**ANSWERS, **answers})

    def do(self, node: str, **answers: Any) -> Run:
        tasks = bpmn.open_tasks(self.definition, self.step.state)
        task = next(one for one in tasks if one.node_id == node)
        self.step = bpmn.complete(
            self.definition, self.step.state, task.engine_id, answers, self.context
        )
        return self

    @property
    def open(self) -> list[str]:
        return [t.node_id for t in bpmn.open_tasks(self.definition, self.step.state)]

    @property
    def variables(self) -> Any:
        return json.loads(self.step.state)["variables"]


def gateway(condition: str) -> bytes:
    return drawn(
        user("yes", "no") + '<exclusiveGateway id="g" default="g_no"/>',
        f"g\ng > yes : {condition}\ng >> no",
    )


HOLDS = [
    'begun < @"2026-12-01"',
    'begun + duration("P1M") <= date("2026-12-31")',
    "begun.month = 11",
    'day of week(begun) = "Monday"',
    "at > date and time(begun, time(8, 0, 0))",
    'time(at) > @"23:00:00"',
    "date(at) = begun",
    'at - date and time("2026-11-30T20:00:00") = duration("PT3H30M")',
    'begun in [@"2026-11-01"..@"2026-11-30"]',
    'note = "2026-11-30"',
    "visits[1].on > begun",
    'some v in visits satisfies v.on = @"2026-12-01"',
    'count(visits[on > @"2026-12-02"]) = 1',
    'max(visits.on) = @"2026-12-03"',
    'string(begun) = "2026-11-30"',
    "begun != null and amount > 4",
]


@pytest.mark.parametrize("condition", HOLDS)
def test_a_condition_gets_dates_where_a_form_asked_for_dates(condition: str) -> None:
    case = Run(gateway(condition)).answer()

    assert case.open == ["yes"]
    assert all(not isinstance(value, date) for value in case.variables.values())


def test_what_was_not_answered_is_null_and_no_wrong_date() -> None:
    assert Run(gateway('begun < @"2026-12-01"')).answer(begun=None).open == ["no"]


@pytest.mark.parametrize("value", ["soon", "2026-02-30", "2026-11-30T08:00:00", 20261130, True])
@pytest.mark.parametrize("condition", ["begun.month = 11", 'begun != @"2026-11-30"'])
def test_what_is_no_date_is_an_incident_and_never_the_other_branch(
    condition: str, value: Any
) -> None:
    with pytest.raises(EngineFault) as caught:
        Run(gateway(condition)).answer(begun=value)

    assert caught.value.node_id == "g"
    assert "begun" in caught.value.text.zh + str(caught.value.variables)


def test_a_script_computes_with_dates_and_what_it_sets_keeps_its_kind() -> None:
    lines = "\n".join(
        [
            'until = begun + duration("P1M")',
            "waited = at - date and time(begun, time(0, 0, 0))",
            "days = for v in visits return v.on",
            'label = "since " + string(begun)',
        ]
    )
    conditions = (
        'until > @"2026-12-29" and waited > @"PT23H" and days[1].day = 3 and '
        'contains(label, "2026")'
    )
    body = user("yes", "no") + '<exclusiveGateway id="g" default="g_no"/>'
    body += f'<scriptTask id="x"><script>{escape(lines)}</script></scriptTask>'
    case = Run(drawn(body, f"x > g\ng > yes : {conditions}\ng >> no"))

    assert case.definition.kinds == {
        "at": "date and time",
        "begun": "date",
        "days": "list<date>",
        "until": "date",
        "visits": "list<context<on: date, who: string>>",
        "waited": "days and time duration",
    }
    assert case.answer().open == ["yes"]
    assert case.variables["until"] == "2026-12-30"
    assert case.variables["waited"] == "PT23H30M"


@pytest.mark.parametrize(
    ("expression", "local"),
    [
        ("begun", "2026-11-30 00:00"),
        ("at", "2026-11-30 23:30"),
        ('at + duration("PT1H")', "2026-12-01 00:30"),
        ('begun + duration("P1M")', "2026-12-30 00:00"),
        ("visits[2].on", "2026-12-01 00:00"),
        ('date and time(begun, time("09:00:00"))', "2026-11-30 09:00"),
    ],
)
def test_a_timer_waits_for_a_date_of_a_form(expression: str, local: str) -> None:
    timer = f"<timeDate>{escape(expression)}</timeDate>"
    body = user("after") + (
        f'<intermediateCatchEvent id="t"><timerEventDefinition>{timer}</timerEventDefinition>'
        "</intermediateCatchEvent>"
    )
    case = Run(drawn(body, "t > after")).answer()

    (due,) = case.step.timers
    there = due.fire_at.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"{there:%Y-%m-%d %H:%M}" == local


def test_an_instance_of_a_list_of_dates_has_a_date() -> None:
    each = (
        '<multiInstanceLoopCharacteristics><extensionElements><gov:each in="visits.on" as="day"/>'
        "</extensionElements></multiInstanceLoopCharacteristics>"
    )
    ways = flows("s2 > g\ng > yes : day.month = 12 and day.day > 2\ng >> no")
    inner = f'<exclusiveGateway id="g" default="g_no"/>{user("yes", "no")}{ways}'
    inner = f'<subProcess id="sub">{each}<startEvent id="s2"/>{inner}</subProcess>'
    case = Run(drawn(inner, "sub")).answer()

    assert case.definition.kinds["day"] == "date"
    assert sorted(case.open) == ["no", "yes"]


def test_a_loop_goes_on_until_a_date() -> None:
    until = escape('next < @"2026-12-02"')
    loop = (
        '<userTask id="again"><standardLoopCharacteristics testBefore="true"><loopCondition>'
        f"{until}</loopCondition></standardLoopCharacteristics></userTask>"
    )
    script = escape("next = if next = null then begun else next")
    body = f'{loop}{user("after")}<scriptTask id="x"><script>{script}</script></scriptTask>'
    asked = {"open": {**ASKED["open"], "next": parse_kind("date")}}
    case = Run(drawn(body, "x > again > after"), asked=asked).answer(next=None)

    assert case.open == ["again"]
    assert case.do("again", next="2026-12-01").open == ["again"]
    assert case.do("again", next="2026-12-02").open == ["after"]


def ruled(rows: list[Any], kind: str = "", name: str = "begun") -> tuple[bytes, bytes]:
    rule = '<gov:decision ref="d" result="found"/>'
    body = user("yes", "no") + '<exclusiveGateway id="g" default="g_no"/>'
    body += (
        f'<businessRuleTask id="r"><extensionElements>{rule}</extensionElements></businessRuleTask>'
    )
    dmn = model(decision(table([column(name, kind)], [result()], rows, "FIRST"), "d"))
    return drawn(body, 'r > g\ng > yes : found = "early"\ng >> no'), dmn


@pytest.mark.parametrize("kind", ["", "date"])
def test_a_table_gets_dates(kind: str) -> None:
    rows = [(('< @"2026-12-01"',), ('"early"',)), (("-",), ('"late"',))]

    assert Run(*ruled(rows, kind)).answer().open == ["yes"]
    assert Run(*ruled(rows, kind)).answer(begun="2026-12-01").open == ["no"]
    assert Run(*ruled(rows, kind)).answer(begun=None).open == ["no"]


@pytest.mark.parametrize("value", ["soon", 5])
def test_a_table_never_takes_the_row_for_the_rest_because_of_a_wrong_type(value: Any) -> None:
    rows = [(('< @"2026-12-01"',), ('"early"',)), (("-",), ('"late"',))]

    with pytest.raises(EngineFault):
        Run(*ruled(rows)).answer(begun=value)


def test_a_date_that_a_table_gives_stays_one() -> None:
    rows = [(("-",), ('begun + @"P7D"',))]
    diagram, dmn = ruled(rows)
    found = 'found > @"2026-12-06" and found.weekday = 1'
    diagram = diagram.replace(escape('found = "early"').encode(), escape(found).encode())
    case = Run(diagram, dmn)

    assert case.definition.kinds["found"] == "date"
    assert case.answer().open == ["yes"]


def test_a_decision_of_one_expression_keeps_its_kind_too() -> None:
    dmn = model(decision(text("literalExpression", 'begun + @"P1D"'), "d"))
    diagram, _ = ruled([])
    diagram = diagram.replace(
        escape('found = "early"').encode(), escape('found = @"2026-12-01"').encode()
    )

    assert Run(diagram, dmn).answer().open == ["yes"]


def test_a_version_of_before_goes_on_with_texts() -> None:
    """What was published when dates were texts runs as it was written then."""
    old = gateway('begun < "2026-12-01" and date(begun).month = 11')
    case = Run(old, kept={})

    assert case.definition.kinds == {}
    assert case.answer().open == ["yes"]


def test_a_case_that_waits_goes_on_in_a_version_that_knows_kinds() -> None:
    body = user("wait", "yes", "no") + '<exclusiveGateway id="g" default="g_no"/>'
    lines = "wait > g\ng > yes : begun.month = 11\ng >> no"
    old = Run(drawn(body, lines), kept={}).answer()
    state = old.step.state
    fresh = Run(drawn(body, lines))
    fresh.step = replace(fresh.step, state=state)

    assert fresh.do("wait").open == ["yes"]


def test_a_name_that_is_a_date_here_and_a_text_there_stays_a_text() -> None:
    asked = {"open": ASKED["open"], "wait": {"begun": parse_kind("string")}}
    wait = (
        '<userTask id="wait"><extensionElements><gov:task form="wait"/></extensionElements>'
        "</userTask>"
    )
    body = user("yes", "no") + wait + '<exclusiveGateway id="g" default="g_no"/>'
    case = Run(drawn(body, 'wait > g\ng > yes : begun = "2026-11-30"\ng >> no'), asked=asked)

    assert "begun" not in case.definition.kinds
    assert case.answer().do("wait", begun="2026-11-30").open == ["yes"]


def test_the_state_holds_nothing_but_json() -> None:
    case = Run(gateway("begun.month = 11")).answer()

    assert case.variables["begun"] == "2026-11-30"
    assert timedelta not in map(type, case.variables.values())
