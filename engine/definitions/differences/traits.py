"""What is said of one element of a diagram, and the values of the file that each trait says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from engine.bpmn.labels import ANSWERS, NOTHING, ROLES, word
from engine.bpmn.nodes import Node
from engine.definitions.differences import elements
from engine.definitions.differences.elements import Drawing, kind_of
from engine.definitions.differences.sentences import joined, limit, plain
from engine.terms.levels import NAMES as LEVELS
from feel.text import Text

OWN = "extensionElements/gov:"
LABEL = f"{OWN}label"
CLOCK = Text("答复时限", "reply deadline")
_MESSAGE = f"messageEventDefinition/{OWN}message"
_EVENTS = (
    *(f"timerEventDefinition/{one}" for one in ("timeDate", "timeDuration", "timeCycle")),
    *(f"{one}EventDefinition@{one}Ref" for one in ("message", "signal", "escalation", "error")),
    *(f"{one}EventDefinition" for one in ("message", "signal", "escalation", "error", "terminate")),
    "@messageRef",
)
_EACH = f"multiInstanceLoopCharacteristics/{OWN}each"


def task_places(*names: str) -> tuple[str, ...]:
    """Return where an attribute of the work stands: at a task or at a message that people send."""
    holders = (f"{OWN}task", f"{OWN}message", _MESSAGE)
    return tuple(f"{holder}@{name}" for holder in holders for name in names)


@dataclass(frozen=True)
class NodeTrait:
    """One thing that is said of a node, and the values of the file that it says."""

    topic: str
    what: Text
    parts: tuple[str, ...]
    wording: Callable[[Drawing, Node], Text]
    tells: tuple[str, ...]

    def of(self, node: Node) -> list[Any]:
        """Return the values that are compared, wherever in the file they stand."""
        return [_unplaced(getattr(node, part)) for part in self.parts]


TRAITS: tuple[NodeTrait, ...] = (
    NodeTrait("flow", Text("名称", "the name"), ("name",), lambda d, n: plain(n.name), ("@name",)),
    NodeTrait("flow", Text("英文名称", "the English name"), ("name_en",),
          lambda d, n: plain(n.name_en), (LABEL, f"{LABEL}@lang")),
    NodeTrait("flow", Text("类型", "the kind"), ("kind",), lambda d, n: kind_of(n), ("#kind",)),
    NodeTrait("flow", Text("角色", "the role"), ("role",),
          lambda d, n: word(ROLES, n.role), task_places("role")),
    NodeTrait("flow", Text("层级", "the level"), ("level",),
          lambda d, n: word(LEVELS, n.level), task_places("level")),
    NodeTrait("flow", Text("承办单位", "the unit"), ("unit",), elements.unit, task_places("unit")),
    NodeTrait("flow", Text("协办单位", "the helping units"), ("helpers",),
          lambda d, n: plain(n.helpers), task_places("helpers")),
    NodeTrait("flow", Text("办理次数", "how often it is done"), ("loop",), elements.loop,
          ("multiInstanceLoopCharacteristics@isSequential", f"{_EACH}@in", f"{_EACH}@as",
           f"{_EACH}@out", f"{_EACH}@from",
           "multiInstanceLoopCharacteristics/loopCardinality",
           "multiInstanceLoopCharacteristics/completionCondition",
           "standardLoopCharacteristics@testBefore", "standardLoopCharacteristics@loopMaximum",
           "standardLoopCharacteristics/loopCondition")),
    NodeTrait("forms", Text("表单", "the form"), ("form",), elements.form, task_places("form")),
    NodeTrait("limits", Text("办理时限", "the limit"), ("limit", "limit_unit"),
          lambda d, n: limit(n.limit, n.limit_unit), task_places("limit", "limitUnit")),
    NodeTrait("limits", Text("时限的起算日", "the day from which the limit counts"),
          ("limit_from",), lambda d, n: plain(n.limit_from), task_places("limitFrom")),
    NodeTrait("limits", Text("时限能否停", "whether the limit stands firm"),
          ("limit_firm",), lambda d, n: plain(n.limit_firm), task_places("limitFirm")),
    NodeTrait("limits", Text("签收时限", "the sign-for limit"), ("sign_limit", "sign_limit_unit"),
          lambda d, n: limit(n.sign_limit, n.sign_limit_unit),
          task_places("signLimit", "signLimitUnit")),
    NodeTrait("limits", Text("预警提前量", "the warning"), ("warn",),
          lambda d, n: joined([str(span) for span in n.warn]), task_places("warn")),
    NodeTrait("flow", Text("可以撤回", "whether it may be recalled"), ("recall",),
          lambda d, n: plain(n.recall), task_places("recall")),
    NodeTrait("flow", Text("可退回到", "where it may be returned to"), ("return_to",),
          lambda d, n: _names(d, n.return_to), task_places("returnTo")),
    NodeTrait("flow", Text("接着办的人", "whose doer goes on with it"), ("assign",),
          lambda d, n: _names(d, n.assign), task_places("assign")),
    NodeTrait("flow", Text("文书", "its papers"), ("papers",),
          lambda d, n: joined(list(n.papers)), (f"{OWN}document@template",)),
    NodeTrait("flow", Text("动作", "the action"), ("action",),
          lambda d, n: elements.action(n), (f"{OWN}action@name", f"{OWN}action/gov:param*")),
    NodeTrait("tables", Text("决策表", "the decision"), ("decision",), elements.decision,
          (f"{OWN}decision@ref", f"{OWN}decision@result", f"{OWN}decision@sets")),
    NodeTrait("flow", Text("脚本", "the script"), ("script",), lambda d, n: plain(n.script),
          ("script",)),
    NodeTrait("flow", Text("调用的流程", "the called process"), ("called_element",),
          lambda d, n: plain(n.called_element), ("@calledElement",)),
    NodeTrait("flow", Text("等待或发出的事件", "the event"), ("events",), elements.events,
          _EVENTS),
    NodeTrait("flow", Text("所附的环节", "the task it is attached to"), ("attached_to",),
          lambda d, n: d.name_at(n.attached_to) if n.attached_to else NOTHING,
          ("@attachedToRef",)),
    NodeTrait("flow", Text("是否打断所在的环节", "whether it interrupts"), ("interrupting",),
          lambda d, n: plain(n.interrupting), ("@cancelActivity", "@isInterrupting")),
    NodeTrait("flow", Text("是否由事件触发", "whether an event starts it"), ("triggered",),
          lambda d, n: plain(n.triggered), ("@triggeredByEvent",)),
    NodeTrait("flow", Text("默认分支", "the default"), ("default",),
          lambda d, n: d.target(n.default) if n.default else NOTHING, ("@default",)),
    NodeTrait("flow", Text("给群众看的说明", "the words for the citizen"), ("citizen",),
          lambda d, n: plain(n.citizen), task_places("citizen")),
    NodeTrait("limits", CLOCK, ("answer",),
          lambda d, n: word(ANSWERS, n.answer), (f"{OWN}answered", f"{OWN}reopened")),
    NodeTrait("flow", Text("说明", "the description"), ("documentation",),
          lambda d, n: plain(n.documentation), ("documentation",)),
)  # fmt: skip


def _names(drawn: Drawing, keys: tuple[str, ...]) -> Text:
    known = [drawn.nodes.get(key) for key in keys]
    chinese = [one.name if one else key for one, key in zip(known, keys, strict=True)]
    english = [
        one.name_en or one.name if one else key for one, key in zip(known, keys, strict=True)
    ]
    return Text(joined(chinese).zh, joined(english).en)


def _unplaced(value: Any) -> Any:
    """Return a value without the line that it stands on."""
    if isinstance(value, tuple):
        return tuple(_unplaced(one) for one in value)
    return replace(value, line=None) if hasattr(value, "line") else value
