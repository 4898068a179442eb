"""A scenario fails."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("scenarios").error(
    "scenario-fails",
    Text("演练没有通过", "A scenario fails"),
    Text(
        "核对这次修改是否有意改变了这条路：有意的，按现在的结果重新保存演练；无意的，改回流程。",
        "Was it meant to change this way? If so, save the scenario with what happens now; if "
        "not, mend the process.",
    ),
)
