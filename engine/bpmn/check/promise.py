"""Do the limits on the way to the answer add up to more than the citizen was promised?

Each way from the opening to the first answer is walked as if every task were signed for and done
at the last moment, in a week without holidays. Messages, timers, borders and the inside of
subprocesses are no part of the usual way and count nothing. A loop is walked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from engine.bpmn.check import durations
from engine.bpmn.check.rules.assignment import late_on_time
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph, is_manual
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import ANSWERED, CASE_LIMIT, Node
from engine.worktime import Calendar, Limit, deadline
from feel import FeelError, compile_expression
from feel.text import Text

LATE: Final = late_on_time.RULE
# A Monday morning, at the opening of the office.
BEGUN: Final = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
_OFFICE: Final = Calendar()


@dataclass(frozen=True)
class ArrivalTime:
    """When a case comes to a node at the latest, and the tasks done on its way, with when."""

    at: datetime
    tasks: tuple[tuple[Node, datetime], ...] = ()

    def after(self, node: Node, at: datetime) -> ArrivalTime:
        """Return the way with one more task on it, done at ``at``."""
        return ArrivalTime(at, (*self.tasks, (node, at)))


@dataclass(frozen=True)
class KindOfCase:
    """What a row of the process's table says of cases of its kind; nothing where it has none."""

    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def limit(self) -> Limit | None:
        """Return the limit of the steps that go by that of the case."""
        return self.span("limit", "limit_unit")

    def span(self, amount: str, unit: str) -> Limit | None:
        """Return a limit that the row says as a number with its unit."""
        found, unit = self.outputs.get(amount), str(self.outputs.get(unit))
        return Limit(int(found), unit) if found is not None and unit in durations.UNITS else None


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check a process that promises a time and says where the citizen has the answer."""
    info, graph = process.info, process.top
    if info.limit is None or info.limit_unit not in durations.UNITS or not _answers(graph):
        return
    usual = Limit(info.limit, info.limit_unit)
    later = _answered_before(graph, info.opens)
    latest: tuple[timedelta, ArrivalTime, Limit] | None = None
    for kind in [*_kinds(scene, process, later)] or [KindOfCase()]:
        slowest = _slowest(scene, graph, info.opens, kind)
        promise = kind.span("promise", "promise_unit") or usual
        over = slowest.at - deadline(BEGUN, promise, _OFFICE)
        if over > timedelta(0) and (latest is None or over > latest[0]):
            latest = (over, slowest, promise)
    if latest is not None:
        _find(scene, latest[1], latest[2])


def _find(scene: CheckSubject, slowest: ArrivalTime, promise: Limit) -> None:
    days = (_OFFICE.local(slowest.at).date() - _OFFICE.local(BEGUN).date()).days
    names = [called_name(one) for one, at in slowest.tasks if at > BEGUN]
    said = durations.words(promise.amount, promise.unit)
    text = Text(
        f"每个环节都按时办完，最长的一条路也要 {days} 天才答复，超过承诺的{said.zh}："
        f"{'→'.join(names)}。",
        f"With everybody on time the longest way to the answer takes {days} days, more than the "
        f"{said.en} that are promised: {' → '.join(names)}.",
    )
    scene.find(LATE, slowest.tasks[-1][0], text)


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


def _kinds(scene: CheckSubject, process: CheckedProcess, later: set[str]) -> Iterator[KindOfCase]:
    """Yield what the process's tables say of each kind of case before its answer."""
    for node in process.nodes:
        ref = node.decision if node.id not in later else None
        decision = scene.decisions.get(ref.ref) if ref and "limit" in ref.sets else None
        table = decision.table if decision is not None else None
        outputs = [one.name for one in table.outputs] if table is not None else []
        if ref is None or table is None or not {"limit", "limit_unit"} <= set(outputs):
            continue
        for rule in table.rules:
            said = dict(zip(outputs, (_constant(one) for one in rule.outputs), strict=True))
            kept = {name for name in said if not name.startswith("promise") or name in ref.sets}
            kind = KindOfCase({name: said[name] for name in kept if said[name] is not None})
            if kind.limit is not None:
                yield kind


def _constant(cell: Any) -> Any:
    """Return the number or text that a cell holds; None of what depends on the case."""
    source = str(getattr(cell, "source", cell)).strip()
    if source.isdigit():
        return int(source)
    return source.strip('"') if source.startswith('"') and source.count('"') == 2 else None


def _slowest(scene: CheckSubject, graph: Graph, opens: str, kind: KindOfCase) -> ArrivalTime:
    """Return the latest answer of all ways."""
    first = [opens] if opens else [flow.target for key in _starts(graph) for flow in graph.out[key]]
    best: dict[str, ArrivalTime] = {key: ArrivalTime(BEGUN) for key in first if key in graph.nodes}
    answers = [ArrivalTime(BEGUN)]
    for key in _in_order(graph, list(best)):
        node, came = graph.nodes[key], best.get(key)
        if came is None or node.event is not None:
            continue
        left = came.after(node, BEGUN) if key in first else _completion(scene, node, came, kind)
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


def _completion(
    scene: CheckSubject, node: Node, came: ArrivalTime, kind: KindOfCase
) -> ArrivalTime:
    """Return when a task is done at the latest: signed for, then handled.

    A limit that counts from a date ends by that date, and not before the task is signed for.
    """
    if not is_manual(node):
        return came
    own = kind.limit if node.limit == CASE_LIMIT else _limit(node.limit, node.limit_unit)
    sign = _limit(node.sign_limit, node.sign_limit_unit)
    signed = deadline(came.at, sign, _OFFICE) if sign is not None else came.at
    if own is None:
        return came.after(node, signed)
    since = _counts_from(scene, node, came, kind)
    if since is None:
        return came.after(node, deadline(signed, own, _OFFICE))
    return came.after(node, max(signed, deadline(since, own, _OFFICE)))


def _counts_from(
    scene: CheckSubject, node: Node, came: ArrivalTime, kind: KindOfCase
) -> datetime | None:
    """Return the date from which a limit counts: the day on which it was asked for at the latest.

    None where it counts from signing, or where no step on the way asks for such a date.
    """
    if not node.limit_from:
        return None
    known: dict[str, Any] = dict(kind.outputs)
    for task, at in came.tasks:
        form = scene.forms.get(task.form)
        for name, asked in form.kinds.items() if form is not None else ():
            if asked.names == {"date"}:
                known[name] = _OFFICE.local(at).date()
    try:
        formula = compile_expression(node.limit_from, names=known)
        day = formula.evaluate({**dict.fromkeys(formula.variables), **known})
    except FeelError:
        return None
    return _OFFICE.moment(day, time()) if isinstance(day, date) else None


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
