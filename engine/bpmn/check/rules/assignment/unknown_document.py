"""A task or event names a paper that there is no template of."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, extended, node, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-document",
    Text("文书模板不存在", "The template of a paper does not exist"),
    Text(
        "gov:document 的 template 填文书的代码，可用的写在提示里。",
        "gov:document takes the key of a paper as template; the finding lists them.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    wrong, right = (_task(key) for key in ("letter", "agreement"))
    return RuleExamples(
        wrong=simple(wrong, keys=("second",)), right=simple(right, keys=("second",))
    )


def _task(template: str) -> str:
    own = '<gov:task form="f/x" role="handler"/>'
    return node("userTask", "second", extended(f'{own}<gov:document template="{template}"/>'))
