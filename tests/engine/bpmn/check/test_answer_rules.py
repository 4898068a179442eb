"""Choices, fields and forms: each rule broken and kept."""

from __future__ import annotations

import pytest

from engine.bpmn.check.check_context import CheckContext, RoleGap
from engine.bpmn.check.fixes import Fix, apply
from tests.engine.bpmn.check.drawing import (
    END,
    START,
    brief,
    diagram,
    extended,
    flow,
    form,
    line,
    look,
    node,
    only,
    rule,
    simple,
    table,
    task,
)  # fmt: skip


def mend(files: dict[str, bytes], fix: Fix) -> dict[str, bytes]:
    """Press the button."""
    return apply(files, fix.as_json()["changes"])


def choice(*values: str, kind: str = "choice", **more: object) -> dict[str, object]:
    choices = [{"value": value, "label": {"zh_CN": value, "en": value}} for value in values]
    return {"kind": kind, "choices": choices, **more}


def branching(*conditions: str, default: bool = True, form_key: str = "f/x") -> bytes:
    """start, first, a gateway with a task behind each branch, end."""
    keys = [f"t{number}" for number, _ in enumerate(conditions)]
    body = START + task("first", form=form_key) + END
    body += "".join(task(key, form="f/note") for key in [*keys, "rest"])
    body += node("exclusiveGateway", "gate", default="gate-rest")
    body += line("start", "first", "gate") + flow("gate", "rest") + flow("rest", "end")
    for key, condition in zip(keys, conditions, strict=True):
        body += flow("gate", key, condition) + flow(key, "end")
    return diagram(body)


def files(*conditions: str, **fields: object) -> dict[str, bytes]:
    return {
        "p.bpmn": branching(*conditions),
        "f.json": form("f/x", "amount", **fields),
        "note.json": form("f/note", "words"),
    }


OFFERED = {"kind_of": choice("土地", "水利", required=True)}


@pytest.mark.parametrize(
    "condition",
    [
        'kind_of = "土地纠纷"',
        'kind_of in ("水利", "土地纠纷")',
        'kind_of in ["土地纠纷"]',
        'amount > 5 and kind_of = "土地纠纷"',
        'not(kind_of = "土地纠纷")',
        '"土地纠纷" = kind_of',
    ],
)
def test_it_names_a_choice_that_no_form_offers(condition: str) -> None:
    found = only(look(files(condition, **OFFERED)), "choice-not-offered")
    assert (found.severity, found.element) == ("error", "gate-t0")
    assert "土地纠纷" in found.message.zh and "水利" in found.remedy.zh


def test_it_offers_the_choice_that_was_meant() -> None:
    given = files('kind_of = "土地纠纷"', **OFFERED)
    (fix,) = only(look(given), "choice-not-offered").fixes
    mended = mend(given, fix)
    assert 'kind_of = "土地"' in mended["p.bpmn"].decode()
    assert brief(look(mended)) == []


@pytest.mark.parametrize(
    "condition",
    [
        'kind_of = "土地"',
        'kind_of in ("水利", "土地")',
        'some kind_of in ["a"] satisfies kind_of = "a"',
        'amount > 5 or kind_of = "水利"',
    ],
)
def test_it_leaves_choices_that_are_offered(condition: str) -> None:
    assert "choice-not-offered" not in dict(brief(look(files(condition, **OFFERED))))


def test_it_leaves_a_field_that_a_script_fills_as_well() -> None:
    body = (
        START + task("first") + node("scriptTask", "s", '<script>kind_of = "别的"</script>') + END
    )
    body += node("exclusiveGateway", "gate", default="gate-end")
    body += task("x", form="f/note") + line("start", "first", "s", "gate", "end")
    body += flow("gate", "x", 'kind_of = "别的"') + flow("x", "end")
    found = look({**files(**OFFERED), "p.bpmn": diagram(body)})
    assert brief(found) == []


def test_it_only_warns_where_answers_come_from_other_systems() -> None:
    wait = node("receiveTask", "wait", messageRef="m")
    body = START + task("first") + wait + END + node("exclusiveGateway", "gate", default="gate-end")
    body += task("x", form="f/note") + line("start", "first", "wait", "gate", "end")
    body += flow("gate", "x", 'kind_of = "别的"') + flow("x", "end")
    drawn = diagram(body, before='<message id="m" name="m"/>')
    found = only(look({**files(**OFFERED), "p.bpmn": drawn}), "choice-not-offered")
    assert found.severity == "warning"


def test_it_looks_into_lists_of_choices() -> None:
    several = {"kinds": choice("土地", "水利", kind="choices")}
    wrong = files('list contains(kinds, "房屋")', **several)
    assert only(look(wrong), "choice-not-offered").element == "gate-t0"
    assert brief(look(files('list contains(kinds, "水利")', **several))) == []


def decided(cell: str) -> dict[str, bytes]:
    """A table that reads the choice."""
    column = (
        '<input id="i" label="种类"><inputExpression typeRef="string"><text>kind_of</text>'
        "</inputExpression></input>"
    )
    rules = rule(cell, '"甲"') + rule("-", '"乙"')
    own = extended('<gov:decision ref="t" result="y"/>')
    return {
        **files(**OFFERED),
        "p.bpmn": simple(node("businessRuleTask", "d", own), keys=("d",)),
        "t.dmn": table(rules, policy="FIRST", inputs=column),
    }


def test_it_names_a_row_that_waits_for_what_no_form_offers() -> None:
    found = only(look(decided('"房屋"')), "choice-not-offered")
    assert (found.file, found.severity) == ("t.dmn", "warning")
    assert "规则 1" in found.message.zh
    for fine in ('"土地"', '"土地", "水利"', 'not("房屋")'):
        assert "choice-not-offered" not in dict(brief(look(decided(fine))))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"kind": "text"}, True),
        (choice("土地", "房屋"), True),
        (choice("水利", "土地"), False),
    ],
)
def test_it_names_a_field_that_two_tasks_ask_differently(
    other: dict[str, object], told: bool
) -> None:
    given = {
        "p.bpmn": simple(task("second", form="f/y"), keys=("second",)),
        "x.json": form("f/x", "amount", kind_of=choice("土地", "水利")),
        "y.json": form("f/y", "words", kind_of=other),
    }
    expected = [("field-asked-differently", "second")] if told else []
    assert brief(look(given)) == expected


def test_it_asks_one_form_twice_without_a_word() -> None:
    given = {"p.bpmn": simple(task("again"), keys=("again",)), "x.json": form(kind_of=choice("a"))}
    assert brief(look(given)) == []


def test_it_names_a_form_that_no_task_asks() -> None:
    given = {"p.bpmn": simple(), "x.json": form(), "old.json": form("p/old")}
    found = only(look(given), "form-not-used")
    assert found.file == "old.json"
    (fix,) = found.fixes
    assert [(change.op, change.file) for change in fix.changes] == [("delete", "old.json")]
    # A form of another process is none of this diagram's business.
    assert brief(look({**given, "old.json": form("q/other")})) == []


def shown_when(condition: str) -> dict[str, bytes]:
    why = {"kind": "text", "show_when": condition}
    asked = form("p/x", kind_of=choice("土地", "水利"), why=why)
    return {"p.bpmn": simple().replace(b"f/x", b"p/x"), "x.json": asked}


def test_it_names_a_field_that_is_never_shown() -> None:
    found = only(look(shown_when('kind_of = "房屋"')), "field-never-asked")
    assert (found.file, found.element) == ("x.json", "why")
    assert brief(look(shown_when('kind_of = "土地"'))) == []
    assert brief(look(shown_when('kind_of = "房屋" or kind_of = "土地"'))) == []


@pytest.mark.parametrize(
    ("conditions", "lost"),
    [
        (("amount > 5 and amount < 3",), ["gate-t0"]),
        (("amount > 3", "amount > 5"), ["gate-t1"]),
        (('kind_of = "土地" and kind_of = "水利"',), ["gate-t0"]),
        (('kind_of = "土地"', "amount >= 0", 'kind_of = "土地"'), ["gate-t2"]),
        (("amount > 5", "amount > 3"), []),
        (("amount > 3 and amount < 4",), []),
        (('kind_of = "土地"', 'kind_of = "水利"'), []),
        (("kind_of = null",), []),
        (("amount + 1 > 5", "amount + 1 > 6"), []),
    ],
)
def test_it_names_a_branch_that_is_never_taken(
    conditions: tuple[str, ...], lost: list[str]
) -> None:
    found = brief(look(files(*conditions, **OFFERED)))
    assert [key for name, key in found if name == "branch-never-taken"] == lost


def test_it_deletes_a_branch_that_is_never_taken() -> None:
    given = files("amount > 3", "amount > 5", **OFFERED)
    (fix,) = only(look(given), "branch-never-taken").fixes
    mended = mend(given, fix)["p.bpmn"]
    assert b'"gate-t1"' not in mended and b'"gate-t0"' in mended


@pytest.mark.parametrize(
    ("task_limit", "whole", "told"),
    [
        (("16", "working_days"), ("15", "working_days"), True),
        (("15", "working_days"), ("15", "working_days"), False),
        (("3", "months"), ("60", "days"), True),
        (("2", "months"), ("60", "days"), False),
        (("30", "days"), ("15", "working_days"), False),
        (("90", "days"), ("15", "working_days"), True),
        (("10", "years"), ("15", "working_days"), True),
        (("72", "hours"), ("2", "days"), True),
    ],
)
def test_it_names_a_limit_longer_than_the_process(
    task_limit: tuple[str, str], whole: tuple[str, str], told: bool
) -> None:
    own = f'<gov:process limit="{whole[0]}" limitUnit="{whole[1]}"/>'
    work = task("work", limit=task_limit[0], limitUnit=task_limit[1])
    drawn = diagram(extended(own) + START + work + END + line("start", "work", "end"))
    found = look(drawn)
    assert brief(found) == ([("limit-beyond-process", "work")] if told else [])
    if told:
        (fix,) = only(found, "limit-beyond-process").fixes
        assert brief(look(mend({"p.bpmn": drawn}, fix))) == []


def seats(lacking: int, total: int, *names: str) -> CheckContext:
    return CheckContext(
        gaps={"handler": {"township": RoleGap(lacking, total, names), "grid": RoleGap(4, 4)}}
    )


def at(level: str, **more: str) -> bytes:
    return simple(task("t", level=level, **more), keys=("t",))


def test_it_names_a_role_that_nobody_holds() -> None:
    found = only(look(at("grid"), seats(0, 6)), "role-nobody-holds")
    assert (found.severity, found.element) == ("warning", "t")
    some = only(look(at("township"), seats(2, 6, "清泉镇", "位奇镇")), "role-nobody-holds")
    assert some.severity == "info" and "清泉镇" in some.message.zh and "2 of 6" in some.message.en


def test_it_says_nothing_of_seats_that_are_filled_or_not_known() -> None:
    assert not [f for f in look(at("township"), seats(0, 6)) if f.rule == "role-nobody-holds"]
    assert not [f for f in look(at("grid")) if f.rule == "role-nobody-holds"]
    # A triage table names the unit, so that nobody knows it beforehand.
    table_names = at("grid", unit="department")
    assert not [f for f in look(table_names, seats(0, 6)) if f.rule == "role-nobody-holds"]


def test_where_the_level_moves_it_asks_for_anybody_at_all() -> None:
    assert not [f for f in look(at("handling"), seats(0, 6)) if f.rule == "role-nobody-holds"]
    found = look(at("handling"), seats(6, 6))
    # The first task is handled anywhere, too.
    assert {f.element for f in found if f.rule == "role-nobody-holds"} == {"first", "t"}
