"""Timers: can the time be read, can it be, and does it do what the picture says?"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from engine.bpmn.check import iso_times
from engine.bpmn.check.engine_rules import BAD_TIMER
from engine.bpmn.check.findings import name_list
from engine.bpmn.check.rules.events import (
    cycle_fires_once,
    event_gateway_timers,
    timer_too_far,
    timer_too_often,
    timer_without_time,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph
from engine.bpmn.check.time_spelling import has_end, is_cron, propose
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.recurrence import CalendarSpan
from engine.bpmn.schedule import Cycle, parse_time
from feel import FeelError, Months, compile_expression
from feel.text import Text

OFTEN = timer_too_often.RULE
FAR = timer_too_far.RULE
ONCE = cycle_fires_once.RULE
NO_TIME = timer_without_time.RULE
TWO_TIMERS = event_gateway_timers.RULE

_DURATION = re.compile(r"[\"'“”]?\s*-?\s*[Pp]\s*[Tt]?(\s*-?\d[\dA-Za-z.\s]*)?[\"'“”]?")
_WORKING = re.compile(r"working (days|hours)\s*\(.*\)", re.DOTALL)
_FAR = 20 * 12
_CRON = Text(
    "这是 cron 的写法，这里不用。按固定间隔重复的写循环，例如 R/2026-01-05T09:00/P7D"
    "（从这个星期一起每周一9点）；只在工作日做的，用每天的循环，后面接网关判断。",
    "This is written for cron, which is not used here. Write a cycle, such as "
    "R/2026-01-05T09:00/P7D (every Monday at 9 from that one on); for working days only use a "
    "daily cycle and a gateway after it.",
)
_NO_END = Text(
    "循环写成“R次数/开始/间隔”，例如 R3/2026-12-01T09:00/PT1H；没有“到某时为止”的写法，按次数写，"
    "或者由后面的环节结束它。",
    "Write a cycle as R, rounds, start and interval, such as R3/2026-12-01T09:00/PT1H. It cannot "
    "name its end: give the number of rounds, or let a later step end it.",
)


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every timer event, and at event-based gateways."""
    for graph in process.graphs:
        for node in graph.nodes.values():
            for event in node.events:
                if event.kind == "timer" and not _idle(process, node, event):
                    _timer(scene, node, event)
            if node.kind == "eventBasedGateway":
                _gateway(scene, graph, node)


def _idle(process: CheckedProcess, node: Node, event: EventDefinition) -> bool:
    """Return whether it is a start without a time, which starts nothing anyway."""
    starts = node.kind == "startEvent" and node.scope == process.info.key
    return starts and not event.expression.strip()


def _gateway(scene: CheckSubject, graph: Graph, gateway: Node) -> None:
    targets = [graph.nodes[flow.target] for flow in graph.out.get(gateway.id, ())]
    timers = [node for node in targets if node.event is not None and node.event.kind == "timer"]
    if len(timers) > 1:
        names = name_list([called_name(node) for node in timers])
        name, count = called_name(gateway), len(timers)
        text = Text(
            f"事件网关“{name}”后面有{count}个定时：{names.zh}。",
            f"{count} timers follow the event-based gateway “{name}”: {names.en}.",
        )
        scene.find(TWO_TIMERS, gateway, text)


def _timer(scene: CheckSubject, node: Node, event: EventDefinition) -> None:
    source = event.expression.strip()
    if not source:
        name = called_name(node)
        text = Text(f"定时“{name}”还没有填时间。", f"The timer “{name}” has no time yet.")
        scene.find(NO_TIME, node, text, line=event.line)
    if not source or _WORKING.fullmatch(source):
        return
    try:
        value = constant_time(source)
    except ValueError:
        _impossible(scene, node, event, source)
        return
    except _Variable:
        return
    _sensible(scene, node, event, value)


class _Variable(Exception):
    """The time depends on the case, or is not FEEL at all, which another rule tells."""


def constant_time(source: str) -> Any:
    """Return the time that a text without variables stands for; raises ValueError, _Variable."""
    plain = source.strip("\"'“” ")
    if re.match(r"P[\dT]|R-?\d*/|\d{4}-", plain):
        return parse_time(plain)
    if _DURATION.fullmatch(source):
        raise ValueError(source)
    try:
        expression = compile_expression(source)
        if expression.variables or expression.functions:
            if iso_times.spelled(source):
                raise ValueError(source)
            raise _Variable
        value = expression.evaluate({})
    except FeelError as error:
        if propose(source) or is_cron(source) or iso_times.reason(source):
            raise ValueError(source) from error
        raise _Variable from error
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, timedelta):
        value = CalendarSpan(rest=value)
    elif isinstance(value, Months):
        value = CalendarSpan(value.months)
    if not value or not isinstance(value, CalendarSpan | date | datetime):
        raise ValueError(source)
    return value


def _impossible(scene: CheckSubject, node: Node, event: EventDefinition, source: str) -> None:
    if re.search(r"PT0*\.\d+S", source):
        name = called_name(node)
        text = Text(f"“{name}”的时间不到一秒。", f"The time of “{name}” is less than a second.")
        scene.find(BAD_TIMER, node, text, line=event.line, remedy=OFTEN.remedy)
        return
    text = Text(
        f"“{called_name(node)}”的时间“{quoted(source)}”无法识别，或者不可能。",
        f"The time “{quoted(source)}” of “{called_name(node)}” cannot be read, or cannot be.",
    )
    remedy = _CRON if is_cron(source) else _NO_END if has_end(source) else _why_not(source)
    better = propose(source)
    if better:
        remedy = Text(
            f"改成 {better}。{BAD_TIMER.remedy.zh}", f"Write {better}. {BAD_TIMER.remedy.en}"
        )
    scene.find(BAD_TIMER, node, text, line=event.line, remedy=remedy)


def _why_not(source: str) -> Text | None:
    why = iso_times.reason(source)
    if why is None:
        return None
    return Text(f"{why.zh}{BAD_TIMER.remedy.zh}", f"{why.en} {BAD_TIMER.remedy.en}")


def _sensible(scene: CheckSubject, node: Node, event: EventDefinition, value: Any) -> None:
    name = called_name(node)
    every = value.every if isinstance(value, Cycle) else value
    repeats = isinstance(value, Cycle) and value.times != 1
    if isinstance(every, CalendarSpan) and _months(every) > _FAR:
        text = Text(f"“{name}”要等二十年以上。", f"“{name}” waits for more than twenty years.")
        scene.find(FAR, node, text, line=event.line)
    if not repeats:
        return
    if not (every.months or every.days) and every.rest < timedelta(minutes=1):
        text = Text(f"“{name}”不到一分钟就触发一次。", f"“{name}” fires more than once a minute.")
        scene.find(OFTEN, node, text, line=event.line)
    if node.kind == "intermediateCatchEvent" or (
        node.kind == "boundaryEvent" and node.interrupting
    ):
        text = Text(
            f"“{name}”写的是循环，但触发一次后就不再等了。",
            f"“{name}” is a cycle, but it waits no longer once it has fired.",
        )
        scene.find(ONCE, node, text, line=event.line)


def _months(span: CalendarSpan) -> float:
    return span.months + (span.days + span.rest.days) / 30
