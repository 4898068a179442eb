"""Expressions, scripts, variables and decision tables: each rule broken and kept."""

from __future__ import annotations

import json

import pytest

from engine.bpmn.check.escalation import ACTS
from engine.bpmn.check.spelling import propose, propose_script
from engine.definitions import escalation_table
from engine.worktime import Limit
from feel import compile_expression
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


def choosing(condition: str, script: str = "amount = 1") -> bytes:
    body = START + task("first") + node("scriptTask", "set", f"<script>{script}</script>")
    body += node("exclusiveGateway", "g", default="g-b") + task("a") + task("b") + END
    flows = line("start", "first", "set", "g") + flow("g", "a", condition) + flow("g", "b")
    return diagram(body + flows + line("a", "end") + line("b", "end"))


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("amount == 5", "amount = 5"),
        ("${amount > 5}", "amount > 5"),
        ("#{amount > 5 && ok}", "amount > 5 and ok"),
        ("${!ok}", "not(ok)"),
        ("not ok", "not(ok)"),
        ("ok == True", "ok = true"),
        ("x is None", "x = null"),
        ("x is not None", "x != null"),
        ("level == 'major' || urgent", 'level = "major" or urgent'),
        ("amount ≥ 5 and （ok）", "amount >= 5 and (ok)"),
        ("类别 = “土地”", '类别 = "土地"'),
        ("amount <> 5", "amount != 5"),
        ("${vacationApproved == 'true'}", 'vacationApproved = "true"'),
        ("empty x", "x = null"),
        ("amount gt 5", "amount > 5"),
        ("a > 5 ? 1 : 2", "if a > 5 then 1 else 2"),
        ("text == 'a == b'", 'text = "a == b"'),
        ("kind.equals('x')", 'kind = "x"'),
        ("=amount > 5", "amount > 5"),
    ],
)
def test_it_proposes_the_feel_spelling(foreign, ours):
    assert propose(foreign) == ours
    compile_expression(ours)


@pytest.mark.parametrize(
    "text", ["", "((", "import os", "lambda: 1", "__import__('os')", "a b c (("]
)
def test_it_proposes_nothing_where_it_cannot_tell(text):
    assert propose(text) == ""


def test_it_proposes_lines_for_a_script():
    assert propose_script("x += 1;\nok == True") == ""
    assert propose_script("x += 1;\nok = True") == "x = x + 1\nok = true"
    assert propose_script("import os") == ""


def test_it_says_once_at_the_flow_what_is_wrong_and_how_to_write_it():
    found = look(choosing("amount == 5"))

    assert brief(found) == [("bad-expression", "g-a")]
    finding = only(found, "bad-expression")
    assert finding.severity == "error"
    assert finding.remedy.zh == "改成：amount = 5"
    assert finding.line


@pytest.mark.parametrize(
    "attack",
    [
        "import os",
        "__import__('os').system('id')",
        "().__class__.__mro__",
        "amount.__class__",
        "exec('1')",
        "open('/etc/passwd')",
        "lambda: 0",
        "[x for x in (1,)]",
        "(" * 3000 + "1" + ")" * 3000,
        "9" * 5000 + " > 1",
        '"' + "a" * 30_000 + '" = amount',
    ],
)
def test_it_refuses_code_in_conditions_and_scripts(attack):
    condition = look(choosing(attack))
    script = look(choosing("amount > 1", script="amount = 1\n" + attack.replace("<", "&lt;")))

    assert {finding.rule for finding in condition if finding.severity == "error"} <= {
        "bad-expression", "unknown-function",
    }  # fmt: skip
    assert {f.element for f in condition if f.severity == "error"} == {"g-a"}
    assert {f.element for f in script if f.severity == "error"} == {"set"}


@pytest.mark.parametrize(
    "code", ['os.system("id")', "execution.getVariable(1) = 1", "amount.of(1) = 1"]
)
def test_it_names_what_is_called_by_a_path(code):
    """A case's variables are data: nothing of them can be called."""
    assert brief(look(choosing(code)), quiet=("info", "warning")) == [("unknown-function", "g-a")]
    assert propose(code.replace(" = ", " == ")) == ""


def test_it_names_functions_that_do_not_exist():
    assert brief(look(choosing("get_group(amount) = 1"))) == [("unknown-function", "g-a")]


def test_it_names_values_that_a_case_does_not_have():
    assert brief(look(choosing('case.colour = "red"'))) == [("unknown-case-value", "g-a")]
    assert brief(look(choosing('case.priority = "red"'))) == []


def test_it_refuses_a_variable_that_no_form_sets_where_all_forms_are_known():
    files = {"p.bpmn": choosing("amuont > 5"), "f.json": form("f/x", "people")}

    found = look(files)

    assert brief(found) == [("variable-never-set", "g-a")]
    finding = only(found, "variable-never-set")
    assert finding.severity == "error"
    assert "“amount”" in finding.remedy.zh


def test_it_finds_a_variable_in_a_form():
    files = {"p.bpmn": choosing("people > 5 and amount > 1"), "f.json": form("f/x", "people")}

    assert brief(look(files)) == []


def test_it_says_nothing_of_variables_where_forms_are_not_known():
    assert brief(look(choosing("people > 5"))) == []


def test_it_only_warns_where_answers_may_come_from_outside():
    bare = choosing("people > 5").replace(b'form="f/x"', b"")

    assert only(look(bare), "variable-never-set").severity == "warning"


def test_it_knows_the_variables_of_a_process_that_calls():
    called = diagram(
        START + task("ask") + node("exclusiveGateway", "g2", default="g2-end") + task("more") + END
        + line("start", "ask", "g2", "end") + flow("g2", "more", "amount > 5")
        + line("more", "end"),
        key="q",
    )  # fmt: skip
    body = START + task("first") + node("callActivity", "call", calledElement="q") + END
    caller = diagram(body + line("start", "first", "call", "end"))
    asked, plain = form("f/x", "amount"), form("f/x", "people")

    assert brief(look({"q.bpmn": called, "p.bpmn": caller, "f.json": asked})) == []
    assert brief(look({"q.bpmn": called, "p.bpmn": caller, "f.json": plain})) == [
        ("variable-never-set", "g2-more")
    ]


def test_it_warns_of_an_empty_script():
    assert brief(look(simple(node("scriptTask", "s"), keys=("s",)))) == [("empty-script", "s")]


def deciding(ref: str = "t", **attributes: str) -> bytes:
    own = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inner = extended(f'<gov:decision ref="{ref}"{own}/>')
    return simple(node("businessRuleTask", "rule", inner), keys=("rule",))


GOOD = table(rule("< 5", '"a"') + rule(">= 5", '"b"'))
ASKED = form("f/x", "x")


def test_it_accepts_a_table_that_answers_everything_once():
    files = {"p.bpmn": deciding(result="y"), "t.dmn": GOOD, "f.json": ASKED}

    assert brief(look(files)) == []


def test_it_names_a_decision_that_is_missing_but_not_one_that_cannot_be_read():
    assert brief(look(deciding("gone", result="y"))) == [("missing-decision", "rule")]
    files = {"p.bpmn": deciding(result="y"), "t.dmn": GOOD.replace(b"&lt; 5", b"== 5")}
    assert [f.rule for f in look(files) if f.severity == "error"] == ["bad-decision"]


def test_it_names_what_a_decision_cannot_set():
    tables = {"t.dmn": GOOD, "f.json": ASKED}

    assert brief(look({"p.bpmn": deciding(sets="colour"), **tables})) == [
        ("unknown-setting", "rule")
    ]
    assert brief(look({"p.bpmn": deciding(), **tables})) == [("result-lost", "rule")]
    assert brief(look({"p.bpmn": deciding(sets="priority"), **tables})) == []


def test_it_names_an_output_that_the_table_does_not_have():
    two = GOOD.replace(b'<output id="o" name="y"/>', b'<output name="y"/><output name="risk"/>')
    two = two.replace(b"</outputEntry>", b"</outputEntry><outputEntry><text>1</text></outputEntry>")
    files = {"t.dmn": two, "f.json": ASKED}

    assert brief(look({"p.bpmn": deciding(sets="limit"), **files})) == [
        ("setting-without-output", "rule")
    ]
    assert brief(look({"p.bpmn": deciding(sets="risk"), **files})) == []


def test_it_names_two_rules_that_match_at_once_with_an_example():
    found = look({"t.dmn": table(rule("< 5", "1") + rule("> 3", "2"))})

    finding = only(found, "table-overlap")
    assert (finding.element, finding.severity) == ("t", "error")
    assert "规则 1 和 2" in finding.message.zh and "x = 4" in finding.message.zh


def test_it_names_an_input_that_no_rule_covers():
    found = look({"t.dmn": table(rule("< 5", "1") + rule("> 5", "2"))})

    finding = only(found, "table-gap")
    assert finding.severity == "warning"
    assert "x = 5" in finding.message.zh


def test_it_names_a_text_without_quotes_in_a_cell():
    found = look({"t.dmn": table(rule("5", "town") + rule("not(5)", "x"))})

    finding = only(found, "cell-without-quotes")
    assert finding.severity == "warning"
    assert finding.remedy.en.startswith('If it is a text, write "town".')


def test_it_lets_a_cell_name_a_field_of_a_form_beside_it():
    """A case's earlier answers are at hand in every table that its diagram asks."""
    field = {"name": "town", "kind": "text", "label": {"zh_CN": "镇", "en": "Town"}}
    title = {"zh_CN": "甲", "en": "A"}
    form = {"key": "f/town", "title": title, "groups": [{"title": title, "fields": [field]}]}
    given = {
        "t.dmn": table(rule("5", "town") + rule("not(5)", "1")),
        "forms/f/town.json": json.dumps(form),
    }

    assert "cell-without-quotes" not in [finding.rule for finding in look(given)]


def test_it_names_a_cell_of_another_type_than_its_column():
    found = look({"t.dmn": table(rule('"5"', "1") + rule("-", "2"), policy="FIRST")})

    assert "rule 1" in only(found, "cell-never-matches").message.en


def test_it_names_rules_that_are_never_reached_and_tables_without_any():
    hidden = table(rule("-", "1") + rule("> 5", "2"), policy="FIRST")

    assert brief(look({"t.dmn": hidden})) == [("rule-never-reached", "t")]
    assert brief(look({"t.dmn": table("")})) == [("table-without-rules", "t")]


def test_it_reads_the_variables_of_a_table():
    files = {"p.bpmn": deciding(result="y"), "t.dmn": GOOD, "f.json": form("f/x", "other")}

    assert brief(look(files)) == [("variable-never-set", "rule")]


def test_it_names_conditions_that_depend_on_nothing():
    assert brief(look(choosing("1 = 1"))) == [("condition-never-changes", "g-a")]
    assert brief(look(choosing('"yes"'))) == [("not-a-condition", "g-a")]
    assert brief(look(choosing("count(for i in 1..1000000000 return i) > 1"))) == [
        ("expression-too-heavy", "g-a")
    ]


def test_it_names_functions_of_other_languages_in_a_table():
    assert ("unknown-function", "t") in brief(look({"t.dmn": table(rule("globals()", "1"))}))


def test_it_warns_of_a_table_file_without_a_table():
    empty = GOOD[: GOOD.index(b"<decision ")] + b"</definitions>"

    assert brief(look({"t.dmn": empty})) == [("no-decision", "")]


def test_it_refuses_to_set_what_is_read_only():
    script = "<script>case = 1</script>"

    assert brief(look(simple(node("scriptTask", "s", script), keys=("s",)))) == [
        ("reserved-name", "s")
    ]


STEP = (
    '<input id="i" label="step"><inputExpression typeRef="string"><text>step</text>'
    "</inputExpression></input>"
)


def escalating(rungs: str, policy: str = "COLLECT") -> bytes:
    outputs = "".join(f'<output name="{name}"/>' for name in ("unit", "levels_up", "role", "act"))
    made = table(rungs, policy=policy, inputs=STEP)
    return made.replace(b'name="y"/>', b'name="after"/>' + outputs.encode())


def with_limits(rows: str, policy: str = "FIRST", inputs: str = "") -> bytes:
    """An escalation table with a table of limits beside it."""
    good = escalating(rung("1", '"working_days"', "1", '"leader"', '"notify"')).decode()
    limits = table(rows, policy=policy, inputs=inputs or STEP, key="limits").decode()
    begins, ends = limits.index("<decision "), limits.index("</definitions>")
    limits = limits[begins:ends].replace('id="dt"', 'id="dl"').replace('id="i"', 'id="il"')
    limits = limits.replace(
        'id="o" name="y"/>', 'id="ol" name="limit"/><output name="limit_unit"/>'
    )
    return good.replace("</definitions>", f"{limits}</definitions>").encode()


def limit(amount: str, unit: str) -> str:
    cells = f"<outputEntry><text>{amount}</text></outputEntry>"
    cells += f"<outputEntry><text>{unit}</text></outputEntry>"
    return f'<rule><inputEntry><text>"handle"</text></inputEntry>{cells}</rule>'


def rung(after: str, unit: str, up: str, role: str, act: str) -> str:
    cells = "".join(
        f"<outputEntry><text>{cell}</text></outputEntry>" for cell in (after, unit, up, role, act)
    )
    return f"<rule><inputEntry><text>-</text></inputEntry>{cells}</rule>"


def test_it_holds_the_escalation_table_to_what_the_clocks_can_do():
    good = rung("1", '"working_days"', "1", '"leader"', '"notify"')
    bad = rung("-1", '"fortnights"', "1", '"mayor"', '"fire"')

    assert brief(look({"escalation.dmn": escalating(good)})) == []
    assert [f.rule for f in look({"escalation.dmn": escalating(good + bad)})] == (
        ["escalation-rung"] * 4
    )
    assert brief(look({"escalation.dmn": GOOD})) == [("escalation-table", "t")]
    assert brief(look({"other.dmn": GOOD})) == []


def test_it_accepts_a_table_of_limits_beside_the_ladder():
    good = limit("2", '"working_days"')
    bad = limit("-1", '"fortnights"')

    assert brief(look({"escalation.dmn": with_limits(good)})) == []
    assert [f.rule for f in look({"escalation.dmn": with_limits(good + bad)})] == (
        ["escalation-limit"] * 2
    )
    collected = look({"escalation.dmn": with_limits(good, policy="COLLECT")})
    assert ("escalation-table", "limits") in brief(collected)
    asked = with_limits(good, inputs=STEP.replace("<text>step</text>", "<text>weather</text>"))
    assert ("escalation-input", "limits") in brief(look({"escalation.dmn": asked}))


def test_a_checked_table_of_limits_is_one_that_the_clocks_can_use():
    """What the check accepts gives the limit and the row."""
    loaded = escalation_table.RungTable.load(with_limits(limit("2", '"working_days"')), 1, 1)
    known = {
        "process": "ticket",
        "level": "county",
        "category": None,
        "risk": "高",
        "priority": "x",
    }
    assert loaded.limit(step="handle", **known) == (Limit(2, "working_days"), 1)
    assert loaded.limit(step="accept", **known) is None


def test_it_knows_the_same_acts_as_the_clocks():
    assert ACTS == escalation_table.ACTS


def test_it_only_warns_where_another_system_may_send_the_answer():
    catch = node("intermediateCatchEvent", "wait", '<messageEventDefinition messageRef="m"/>')
    gate = node("exclusiveGateway", "g", default="g-end") + task("a")
    body = START + task("first") + catch + gate + END + line("start", "first", "wait", "g")
    body += flow("g", "a", "level > 5") + flow("g", "end") + line("a", "end")
    files = {"p.bpmn": diagram(body, before='<message id="m" name="m"/>'), "f.json": form()}

    assert only(look(files), "variable-never-set").severity == "warning"
