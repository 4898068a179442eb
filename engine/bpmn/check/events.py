"""Messages, errors, escalations: does anybody send them, does anything catch them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.check.engine_rules import UNSUPPORTED_EVENT
from engine.bpmn.check.findings import REGISTER, shown
from engine.bpmn.check.subject import CheckSubject, Process, called_name
from engine.bpmn.nodes import ACTIVITY_KINDS, EventDefinition, Node, ParsedFile
from feel.text import Text

_GROUP = REGISTER.group("events")

HOST = _GROUP.error(
    "boundary-on-wrong-element",
    Text("边界事件不在环节上", "A boundary event that is not on an activity"),
    Text(
        "把事件拖到任务或子流程的边上；网关和事件不能有边界事件。",
        "Drag the event onto the border of a task or subprocess; gateways and events have none.",
    ),
)
NAMELESS = _GROUP.error(
    "message-without-name",
    Text("等待的消息没有名称", "A message without a name"),
    Text(
        "在属性面板里新建或选择消息；按钮和外部系统靠名称找到它。",
        "Create or choose a message in the properties panel; buttons and other systems find it "
        "by its name.",
    ),
)
NOBODY_SENDS = _GROUP.warning(
    "message-nobody-sends",
    Text("没有人能发出这条消息", "Nobody can send this message"),
    Text(
        "在属性面板里选择谁可以点这个按钮（角色、级别）；由其他系统发来的不用管。",
        "Choose in the properties panel who may press its button (role, level); leave it if "
        "another system sends it.",
    ),
)
UNCAUGHT_ERROR = _GROUP.error(
    "error-not-caught",
    Text("抛出的错误没有人接", "An error that nothing catches"),
    Text(
        "在外层子流程或调用活动的边上放一个错误边界事件；只想结束事项的，改用终止结束事件。",
        "Put an error boundary event on the subprocess or call activity around it; to end the "
        "case use a terminate end event.",
    ),
)
UNCAUGHT_ESCALATION = _GROUP.warning(
    "escalation-not-caught",
    Text("抛出的升级没有人接", "An escalation that nothing catches"),
    Text(
        "在外层子流程的边上放一个升级边界事件，或加一个升级事件子流程；否则什么也不会发生。",
        "Put an escalation boundary event around it or add an event subprocess; otherwise "
        "nothing happens.",
    ),
)
IDLE_START = _GROUP.warning(
    "start-event-ignored",
    Text("流程不会因为这个开始事件自动开始", "A start event that starts nothing by itself"),
    Text(
        "到点、收到信号或条件成立时自动立案，要等以后的版本；现在事项由人或接口登记时开始，请改用普通开始事件。"
        "登记以后要等待的，在后面放定时事件。",
        "Cases that begin by themselves, at a time, on a signal or when something becomes true, "
        "come with a later version; today a case begins when a person or the API opens it. Use a "
        "plain start event, and a timer event after it if it is to wait.",
    ),
)
SENDS_NOTHING = _GROUP.warning(
    "sends-nothing",
    Text("发送任务什么也不发", "A send task that sends nothing"),
    Text(
        "给它选择消息或动作（如 notify 通知）。",
        "Choose a message or an action (such as notify) for it.",
    ),
)

_STARTS: Mapping[str, Text] = {
    "timer": Text("定时", "timer"),
    "signal": Text("信号", "signal"),
    "conditional": Text("条件", "condition"),
    "error": Text("错误事件", "error event"),
    "escalation": Text("升级事件", "escalation event"),
}
_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
THROWING = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})


def check(scene: CheckSubject, process: Process) -> None:
    """Look at every event, and at tasks that send or receive."""
    for graph in process.graphs:
        for node in graph.nodes.values():
            _host(scene, node, graph.nodes)
            _node(scene, process, node)
            if any(event.kind == "conditional" for event in node.events):
                _conditional(scene, node)


def _host(scene: CheckSubject, node: Node, nodes: Mapping[str, Node]) -> None:
    host = nodes.get(node.attached_to) if node.kind == "boundaryEvent" else None
    if host is not None and host.kind not in ACTIVITY_KINDS:
        text = Text(
            f"边界事件“{called_name(node)}”放在了“{called_name(host)}”上，它不是环节。",
            f"The boundary event “{called_name(node)}” sits on “{called_name(host)}”, which is no "
            "activity.",
        )
        scene.find(HOST, node, text)


def _conditional(scene: CheckSubject, node: Node) -> None:
    name = called_name(node)
    text = Text(
        f"“{name}”是条件事件，现在的版本还不能运行，以后的版本支持。",
        f"“{name}” is a conditional event, which does not run yet; a later version runs it.",
    )
    scene.find(UNSUPPORTED_EVENT, node, text)


def _node(scene: CheckSubject, process: Process, node: Node) -> None:
    if node.kind == "sendTask" and not node.events and node.action is None:
        text = Text(f"“{called_name(node)}”什么也不发。", f"“{called_name(node)}” sends nothing.")
        scene.find(SENDS_NOTHING, node, text)
    if node.kind == "startEvent" and node.scope == process.info.key:
        _start(scene, node)
        return
    events = node.events
    if node.kind == "receiveTask" and not events:
        events = (EventDefinition("message", node.name),)
    for event in events:
        if event.kind == "message" and node.kind in _CATCHING:
            _message(scene, node, event)
        elif event.kind in ("error", "escalation") and node.kind in THROWING:
            _thrown(scene, process, node, event)


def _start(scene: CheckSubject, node: Node) -> None:
    """A case is opened by somebody; a message start is how many people draw just that."""
    for event in node.events:
        if event.kind != "message":
            name, kind = called_name(node), _STARTS.get(event.kind, Text(event.kind, event.kind))
            text = Text(
                f"开始事件“{name}”的{kind.zh}还不会让事项自动开始，以后的版本支持。",
                f"The {kind.en} of the start event “{name}” does not open cases by itself yet; a "
                "later version does.",
            )
            scene.find(IDLE_START, node, text, line=event.line)


def _message(scene: CheckSubject, node: Node, event: EventDefinition) -> None:
    name = called_name(node)
    if not event.name.strip():
        text = Text(
            f"“{name}”等待的消息没有名称。", f"The message that “{name}” waits for has no name."
        )
        scene.find(NAMELESS, node, text, line=event.line)
    elif not node.role and not _sent(scene, event.name):
        text = Text(
            f"“{name}”等待消息“{shown(event.name)}”，但没有角色可以发它，图里也没有发它的环节。",
            f"“{name}” waits for the message “{shown(event.name)}”, but no role may send it and no "
            "element does.",
        )
        scene.find(NOBODY_SENDS, node, text, line=event.line)


def _sent(scene: CheckSubject, name: str) -> bool:
    return any(
        event.kind == "message" and event.name == name
        for source in scene.files.sources
        for node in source.nodes.values()
        if node.kind in THROWING
        for event in node.events
    )


def _thrown(scene: CheckSubject, process: Process, node: Node, event: EventDefinition) -> None:
    if _caught(scene, process.source, process.info.key, node.scope, event):
        return
    name, code = called_name(node), shown(event.code or event.name or "?")
    if event.kind == "error":
        text = Text(
            f"“{name}”抛出错误“{code}”，但没有事件接住它。",
            f"“{name}” throws the error “{code}”, but no event catches it.",
        )
        scene.find(UNCAUGHT_ERROR, node, text, line=event.line)
    else:
        text = Text(
            f"“{name}”抛出升级“{code}”，但没有事件接住它。",
            f"“{name}” throws the escalation “{code}”, but no event catches it.",
        )
        scene.find(UNCAUGHT_ESCALATION, node, text, line=event.line)


def _caught(
    scene: CheckSubject, source: ParsedFile, process: str, scope: str, event: EventDefinition
) -> bool:
    """Does anything around a scope catch an event, in this process or in one that calls it?"""
    seen: set[tuple[str, str]] = set()
    stack = [(source, process, scope)]
    while stack:
        place, key, inner = stack.pop()
        if (key, inner) in seen:
            continue
        seen.add((key, inner))
        catches = [*_event_subprocesses(place, inner), *_on_border(place, inner)]
        parent = place.scopes[inner].parent
        if parent:
            stack.append((place, key, parent))
        else:
            for caller, node in _callers(scene, key):
                catches += _on_border(caller, node.id)
                stack.append((caller, caller.scopes[node.scope].process, node.scope))
        if any(_takes(catch, event) for catch in catches):
            return True
    return False


def _event_subprocesses(source: ParsedFile, scope: str) -> Iterator[EventDefinition]:
    """Give what the event subprocesses that stand in a scope begin with."""
    for key in source.scopes[scope].nodes:
        if source.nodes[key].triggered:
            for inner in source.scopes[key].nodes:
                if source.nodes[inner].kind == "startEvent":
                    yield from source.nodes[inner].events


def _on_border(source: ParsedFile, host: str) -> Iterator[EventDefinition]:
    for node in source.nodes.values():
        if node.kind == "boundaryEvent" and node.attached_to == host:
            yield from node.events


def _callers(scene: CheckSubject, process: str) -> Iterator[tuple[ParsedFile, Node]]:
    for source in scene.files.sources:
        for node in source.nodes.values():
            if node.kind == "callActivity" and node.called == process:
                yield source, node


def _takes(catch: EventDefinition, event: EventDefinition) -> bool:
    return catch.kind == event.kind and (not catch.code or catch.code == event.code)
