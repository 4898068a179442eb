"""Each rule has a file with two examples: one breaks this rule alone, the other breaks none."""

from __future__ import annotations

from types import ModuleType

import pytest

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER
from engine.bpmn.check.page import page
from engine.bpmn.check.rules import modules
from tests.engine.bpmn.check.drawing import look

MODULES = {module.RULE.id: module for module in modules()}
# What no file shows for certain: limits of the child process, and faults that nobody knows of yet.
WITHOUT = {"too-heavy", "engine-refused"}
# That forms and units are not known is told of every file that is checked alone.
ALONE = {"form-not-seen", "unit-not-seen"}


def broken(module: ModuleType, files: object, example: RuleExamples) -> set[str]:
    found = look(files, example.context)  # type: ignore[arg-type]
    return {finding.rule for finding in found} - (ALONE - {module.RULE.id}) - example.also


def test_it_keeps_each_rule_in_a_file_of_its_own():
    assert MODULES.keys() == REGISTER.rules.keys()
    for rule, module in MODULES.items():
        group, name = module.__name__.split(".")[-2:]
        assert (name, group) == (rule.replace("-", "_"), module.RULE.group)


def test_it_shows_each_rule_broken_and_kept():
    assert {rule for rule, one in MODULES.items() if not hasattr(one, "example")} == WITHOUT


def test_it_says_why_a_rule_has_no_example():
    explained = {
        rule: one.NO_EXAMPLE for rule, one in MODULES.items() if hasattr(one, "NO_EXAMPLE")
    }

    assert explained.keys() == WITHOUT
    assert all(why.zh in page("zh_CN") and why.en in page("en") for why in explained.values())


@pytest.mark.parametrize("rule", sorted(MODULES.keys() - WITHOUT))
def test_the_wrong_one_breaks_this_rule_alone_and_the_right_one_none(rule):
    module = MODULES[rule]
    example = module.example()

    assert broken(module, example.wrong, example) == {rule}
    assert broken(module, example.right, example) == set()


@pytest.mark.parametrize(
    ("kind", "value"),
    [("date", '@"2026-12-01"'), ("datetime", '@"2026-12-01T09:00:00"')],
)
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "="])
def test_a_branch_on_a_moment_can_be_taken(kind, value, sign):
    """What lies before and after a constant counts, not the constant alone."""
    files = choice(f"begun {sign} {value}", begun={"kind": kind})

    assert [finding.rule for finding in look(files)] == []
