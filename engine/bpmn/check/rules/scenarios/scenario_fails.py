"""A scenario fails."""

from __future__ import annotations

import json

from engine.bpmn.check.examples import RuleExamples, form, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("scenarios").error(
    "scenario-fails",
    Text("用例未通过", "A scenario fails"),
    Text(
        "核对这次修改是否有意改变了这条路：有意的，按现在的结果重新保存用例；无意的，改回流程。",
        "Was it meant to change this way? If so, save the scenario with what happens now; if "
        "not, fix the process.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=_with_end("another_end"), right=_with_end("end"))


def _with_end(expected: str) -> dict[str, bytes]:
    scenario = {
        "process": "p",
        "name": {"zh_CN": "一步办结", "en": "Done in one step"},
        "level": "village",
        "start": "2026-03-02T09:00:00+08:00",
        "moves": [
            {"do": "answer", "node": "first", "answers": {}, "expect": {"end": expected}},
        ],
    }
    text = json.dumps(scenario, ensure_ascii=False, indent=2)
    return {"p.bpmn": simple(), "f.json": form("f/x"), "scenarios/one.json": text.encode()}
