"""Forms that no task asks, and fields that no answer ever brings up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.check.answers import CHOOSING
from engine.bpmn.check.fixes import ElementChange, Fix
from engine.bpmn.check.literals import comparisons
from engine.bpmn.check.rules.assignment import field_never_asked, form_not_used
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.labels import quoted
from feel.syntax import Compare
from feel.text import Text

if TYPE_CHECKING:
    from forms import Form


UNUSED_FORM = form_not_used.RULE
NEVER_ASKED = field_never_asked.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Forms in the process's own folder that no diagram here names, and fields never shown."""
    used = {node.form for source in scene.files.sources for node in source.nodes.values()}
    own = f"{process.info.key}/"
    for read in scene.files.readings.values():
        form = read.form
        if form is None or not form.key.startswith(own):
            continue
        _never_asked(scene, read.file, form)
        if form.key not in used:
            text = Text(
                f"表单“{quoted(form.title.zh)}”（{quoted(form.key)}）没有环节使用。",
                f"No task asks the form “{quoted(form.title.en)}” ({quoted(form.key)}).",
            )
            label = Text("删除这张表单", "Delete the form")
            mend = [Fix(label, (ElementChange("delete", read.file),))]
            scene.findings.append(UNUSED_FORM.finding(read.file, text, fixes=mend))


def _never_asked(scene: CheckSubject, file: str, form: Form) -> None:
    """A field that waits for a choice which is not offered beside it."""
    offered = {
        field.name: frozenset(choice.value for choice in field.choices)
        for field in form.fields
        if field.kind in CHOOSING
    }
    for field in form.fields:
        if field.show_when is None:
            continue
        node = field.show_when.expression.node
        # A condition of several parts may hold by another part.
        alone = isinstance(node, Compare) and node.op == "="
        for name, value in comparisons(node) if alone else ():
            if name in offered and value not in offered[name]:
                text = Text(
                    f"字段“{quoted(field.label.zh)}”要等“{quoted(name)}”为“{quoted(value)}”才显示，没有这个选项。",
                    f"The field “{quoted(field.label.en)}” waits for “{quoted(name)}” to be "
                    f"“{quoted(value)}”, which is not offered.",
                )
                scene.findings.append(NEVER_ASKED.finding(file, text, element=field.name))
