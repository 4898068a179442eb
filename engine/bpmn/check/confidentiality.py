"""Whether a case may be opened in confidence: asked of the form that opens it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.bpmn.check.rules.assignment import confidentiality_not_asked
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.labels import quoted
from feel.text import Text

if TYPE_CHECKING:
    from forms import Form

# Kinds that are chosen; whatever else a form asks before is something typed or brought.
_CHOSEN = frozenset({"choice", "choices", "yes_no", "unit", "note"})

NOT_ASKED = confidentiality_not_asked.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check the opening form of a process that takes down who somebody is."""
    form = _opening_form(scene, process)
    if form is None or not form.personal:
        return
    for text in _missing(form):
        file = next(read.file for read in scene.files.readings.values() if read.form is form)
        scene.findings.append(NOT_ASKED.finding(file, text))


def _opening_form(scene: CheckSubject, process: CheckedProcess) -> Form | None:
    node = process.top.nodes.get(process.info.opens or _after_start(process))
    if node is None or not node.form:
        return None
    forms = (read.form for read in scene.files.readings.values())
    return next((form for form in forms if form is not None and form.key == node.form), None)


def _after_start(process: CheckedProcess) -> str:
    """Return the one task that follows the start, which opens cases unless another is named."""
    top = process.top
    starts = [node.id for node in top.nodes.values() if node.kind == "startEvent"]
    after = {flow.target for start in starts for flow in top.out.get(start, ())}
    return after.pop() if len(after) == 1 else ""


def _missing(form: Form) -> Iterator[Text]:
    title = Text(quoted(form.title.zh), quoted(form.title.en))
    condition = form.definition.confidential_when
    if condition is None:
        yield Text(
            f"登记表单“{title.zh}”要填个人信息，却不问是否保密：不愿让被反映的人知道的，没有办法登记。",
            f"“{title.en}” opens cases and asks who somebody is, but not whether it is "
            "confidential: whoever must not become known cannot be taken down.",
        )
        return
    if "against" not in form.sets:
        yield Text(
            f"登记表单“{title.zh}”问了是否保密，没有问反映的是哪个单位：保密件绕不开它。",
            f"“{title.en}” asks whether a case is confidential, but not about which unit it is: "
            "the case cannot go round it.",
        )
    needed = set(condition.expression.variables)
    for field in form.fields:
        needed.discard(field.name)
        if not needed:
            return
        if field.kind not in _CHOSEN:
            yield Text(
                f"登记表单“{title.zh}”先填“{quoted(field.label.zh)}”，后问是否保密。应当先问。",
                f"“{title.en}” asks for “{quoted(field.label.en)}” before it asks whether the case "
                "is confidential. That comes first.",
            )
            return
