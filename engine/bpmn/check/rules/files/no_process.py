"""The file holds no process."""

from __future__ import annotations

from engine.bpmn.check.examples import HEAD, RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "no-process",
    Text("文件里没有流程", "The file holds no process"),
    Text(
        "在设计器里画出流程（至少一个开始事件和一个任务）再导出；只有泳池没有内容的图不能运行。",
        "Draw a process (at least a start event and a task) and export again; a pool without "
        "content cannot run.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"p.bpmn": (HEAD + "</definitions>").encode()}, right=simple())
