"""Too many findings; only some are listed."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").info(
    "more-findings",
    Text("问题太多，只列出一部分", "Too many findings; only some are listed"),
    Text("先改正列出的问题，再检查一次。", "Mend what is listed, then check again."),
)
