"""Do the limits on the way to the answer add up to more than the citizen was promised?

Each way from the opening to the first answer is walked as if every task were signed for and done
at the last moment, in a week without holidays. Messages, timers, borders and the inside of
subprocesses are no part of the usual way and count nothing. A loop is walked once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from engine.bpmn.check import durations
from engine.bpmn.check.rules.assignment import late_on_time
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph, is_manual
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import ANSWERED, CASE_LIMIT, Node
from engine.worktime import Calendar, Limit, deadline
from feel.text import Text

LATE: Final = late_on_time.RULE
# A Monday morning, at the opening of the office.
BEGUN: Final = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
_OFFICE: Final = Calendar()


@dataclass(frozen=True)
class ArrivalTime:
    """When a case comes to a node at the latest, and the tasks on its way."""

    at: datetime
    tasks: tuple[Node, ...] = ()


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check a process that promises a time and says where the citizen has the answer."""
    info, graph = process.info, process.top
    if info.limit is None or info.limit_unit not in durations.UNITS or not _answers(graph):
        return
    promised = deadline(BEGUN, Limit(info.limit, info.limit_unit), _OFFICE)
    later = _answered_before(graph, info.opens)
    given: list[Limit | None] = [*_table_limits(scene, process, later)] or [None]
    slowest = max((_slowest(graph, info.opens, one) for one in given), key=lambda way: way.at)
    if slowest.at <= promised:
        return
    days = (_OFFICE.local(slowest.at).date() - _OFFICE.local(BEGUN).date()).days
    names = [called_name(one) for one in slowest.tasks]
    promise = durations.words(info.limit, info.limit_unit)
    text = Text(
        f"每个环节都按时办完，最长的一条路也要 {days} 天才答复，超过承诺的{promise.zh}："
        f"{'→'.join(names)}。",
        f"With everybody on time the longest way to the answer takes {days} days, more than the "
        f"{promise.en} that are promised: {' → '.join(names)}.",
    )
    scene.find(LATE, slowest.tasks[-1], text)


def _answers(graph: Graph) -> bool:
    return any(one.answer == ANSWERED for one in graph.nodes.values()) or any(
        one.answer == ANSWERED for one in graph.flows
    )


def _answered_before(graph: Graph, opens: str) -> set[str]:
    """Return the nodes that a case reaches only once the citizen has an answer."""
    stack = [opens] if opens else _starts(graph)
    seen = set(stack)
    while stack:
        key = stack.pop()
        if graph.nodes[key].answer == ANSWERED:
            continue
        new = {one.target for one in graph.out[key] if one.answer != ANSWERED} - seen
        seen |= new
        stack += new
    return graph.nodes.keys() - seen


def _table_limits(scene: CheckSubject, process: CheckedProcess, later: set[str]) -> Iterator[Limit]:
    """Yield the limits that the process's tables give cases before their answer."""
    for node in process.nodes:
        ref = node.decision if node.id not in later else None
        decision = scene.decisions.get(ref.ref) if ref and "limit" in ref.sets else None
        table = decision.table if decision is not None else None
        outputs = [one.name for one in table.outputs] if table is not None else []
        if table is None or not {"limit", "limit_unit"} <= set(outputs):
            continue
        for rule in table.rules:
            found = dict(zip(outputs, (_constant(one) for one in rule.outputs), strict=True))
            if str(found["limit"]).isdigit() and found["limit_unit"] in durations.UNITS:
                yield Limit(int(found["limit"]), found["limit_unit"])


def _constant(cell: Any) -> str:
    return str(getattr(cell, "source", cell)).strip().strip('"')


def _slowest(graph: Graph, opens: str, given: Limit | None) -> ArrivalTime:
    """Return the latest answer of all ways."""
    first = [opens] if opens else [flow.target for key in _starts(graph) for flow in graph.out[key]]
    best: dict[str, ArrivalTime] = {key: ArrivalTime(BEGUN) for key in first if key in graph.nodes}
    answers = [ArrivalTime(BEGUN)]
    for key in _in_order(graph, list(best)):
        node, came = graph.nodes[key], best.get(key)
        if came is None or node.event is not None:
            continue
        left = came if key in first else _completion(node, came, given)
        if node.answer == ANSWERED:
            answers.append(left)
            continue
        for flow in graph.out[key]:
            if flow.answer == ANSWERED:
                answers.append(left)
            elif left.at >= best.get(flow.target, left).at:
                best[flow.target] = left
    return max(answers, key=lambda way: way.at)


def _starts(graph: Graph) -> list[str]:
    return [key for key, node in graph.nodes.items() if node.kind == "startEvent"]


def _completion(node: Node, came: ArrivalTime, given: Limit | None) -> ArrivalTime:
    """Return when a task is done at the latest: signed for, then handled."""
    if not is_manual(node):
        return came
    own = given if node.limit == CASE_LIMIT else _limit(node.limit, node.limit_unit)
    at = came.at
    for limit in (_limit(node.sign_limit, node.sign_limit_unit), own):
        at = deadline(at, limit, _OFFICE) if limit is not None else at
    return ArrivalTime(at, (*came.tasks, node))


def _limit(amount: int | str | None, unit: str) -> Limit | None:
    return Limit(amount, unit) if isinstance(amount, int) and unit in durations.UNITS else None


def _in_order(graph: Graph, first: list[str]) -> list[str]:
    """Return the nodes so that each stands before what follows it, loops cut where they close."""
    done: list[str] = []
    seen: set[str] = set(first)
    stack = [(key, iter(graph.out[key])) for key in first]
    while stack:
        key, flows = stack[-1]
        after = next((f.target for f in flows if f.target not in seen), None)
        if after is None:
            done.append(key)
            stack.pop()
        else:
            seen.add(after)
            stack.append((after, iter(graph.out[after])))
    return done[::-1]
