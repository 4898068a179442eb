"""Build the engine's specs from plain data: one spec a node, ways for flows, groups for borders.

SpiffWorkflow's own parser recurses along the flows (300 tasks in a row exhaust the stack),
leaks lanes between files and hangs on some data references; its specs are built here instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn import rules
from engine.bpmn.assignment import DEPARTMENT
from engine.bpmn.dependencies import Closure
from engine.bpmn.elements import event_subprocess
from engine.bpmn.elements.behaviour import OutgoingFlow
from engine.bpmn.elements.boundary_event import BoundarySplit
from engine.bpmn.elements.event_subprocess import EventSubprocess
from engine.bpmn.elements.join import Join
from engine.bpmn.elements.registry import ELEMENTS, UNCONDITIONAL_KINDS
from engine.bpmn.elements.repeat import Repeat
from engine.bpmn.errors import BpmnFault
from engine.bpmn.expressions import NOTHING as NO_READERS
from engine.bpmn.expressions import ExpressionCompiler, Readers
from engine.bpmn.nodes import EventDefinition, Flow, Node, Scope
from engine.bpmn.reach import backward, graph_of
from engine.bpmn.schedule import schedule
from feel.text import Text

_CONDITION = Text("分支条件", "condition")
_UNIT = Text("承办单位", "unit")


class ProcessSpec(BpmnProcessSpec):
    """A process or subprocess: ``first`` is its start event's spec."""

    first: str
    event_subprocesses: tuple[str, ...] = ()
    join_names: frozenset[str] = frozenset()
    back: Mapping[str, list[str]]  # the graph with every edge turned round
    entries: Mapping[str, str]  # by node id, the spec that a flow to the node leads to


class ProcessBuilder:
    """Builds every scope of a version and collects what cannot run."""

    def __init__(self, closure: Closure, readers: Readers = NO_READERS) -> None:
        self.closure = closure
        names = rules.odd_names(closure.all_nodes())
        self.compiler = ExpressionCompiler(names, readers)
        self.messages: set[str] = set()
        self.has_inclusive = False
        self.kept_names: set[str] = set()

    @property
    def faults(self) -> list[BpmnFault]:
        """What is wrong, in the order of the diagram."""
        return self.compiler.faults

    @property
    def variables(self) -> set[str]:
        """The names that the version's expressions refer to."""
        return self.compiler.variables | self.kept_names

    def build(self) -> dict[str, ProcessSpec]:
        """Return the specs by process or subprocess id."""
        return {key: self._scope(scope) for key, scope in self.closure.scopes.items()}

    def _scope(self, scope: Scope) -> ProcessSpec:
        spec = ProcessSpec(name=scope.id)
        nodes = self.closure.nodes[scope.id]
        flows = self.closure.flows[scope.id]
        rules.check_scope(scope, nodes, flows, self.closure, self.compiler)
        usable = [node for node in nodes if rules.check_node(node, self.compiler)]
        made = {node.id: self._node(spec, node) for node in usable}
        spec.entries = self._borders(spec, usable)
        self._flows(spec, flows, made)
        spec.event_subprocesses = tuple(node.id for node in usable if node.triggered)
        spec.first = rules.first_start(nodes)
        self._joins(spec, flows)
        for node in usable:
            ELEMENTS[node.kind].connect(spec.task_specs[node.id], node, self)
        spec.back = backward(graph_of(spec))
        return spec

    def _node(self, spec: ProcessSpec, node: Node) -> Any:
        """Make the spec of a node; give the one that its flows leave from."""
        if node.loop is None:
            return self._activity(spec, node, node.id)
        inner = self._activity(spec, node, f"{node.id} [child]")
        inner.inner, inner.shown = True, False
        outer = self._make(Repeat, spec, node, node.id)
        outer.loop, outer.inner_name = node.loop, inner.name
        loop, formula = node.loop, self.compiler.formula
        outer.items = formula(node, Text("多实例集合", "collection"), loop.items, loop.line)
        outer.cardinality = formula(
            node, Text("实例数", "cardinality"), loop.cardinality, loop.line
        )
        outer.until = formula(node, Text("完成条件", "completion condition"), loop.until, loop.line)
        outer.condition = formula(
            node, Text("循环条件", "loop condition"), loop.condition, loop.line
        )
        self.kept_names |= {name for name in (loop.out, loop.of) if name}
        return outer

    def _make(self, kind: Any, spec: ProcessSpec, node: Node, name: str, **more: Any) -> Any:
        made = kind(spec, name, bpmn_name=node.name, **more)
        made.node, made.bpmn_id = node, node.id
        return made

    def _activity(self, spec: ProcessSpec, node: Node, name: str) -> Any:
        if node.triggered:
            return self._event_subprocess(spec, node, name)
        element = ELEMENTS[node.kind]
        made = self._make(element.behaviour, spec, node, name, **element.options(node))
        element.complete(made, node, self)
        return made

    def _event_subprocess(self, spec: ProcessSpec, node: Node, name: str) -> Any:
        options = event_subprocess.ELEMENT.options(node)
        made = self._make(EventSubprocess, spec, node, name, **options)
        start = rules.event_start(self.closure.nodes[node.id])
        if start is not None:
            made.start_node, made.interrupting = start, start.interrupting
            self.waits(made, start, start.event)
            made.unit = self.unit(start)
        return made

    def waits(self, made: Any, node: Node, event: EventDefinition | None) -> None:
        """Make a spec wait for an event."""
        made.event = event
        if event is None:
            return
        if event.kind == "timer":
            made.schedule = schedule(node, event, self.compiler)
        elif event.kind == "message":
            self.messages.add(event.name)

    def unit(self, node: Node) -> Any:
        """Compile the expression of the unit that a node names."""
        # A plain "department" may also be an instance's own variable; both are compiled.
        if node.unit in ("", DEPARTMENT):
            source = node.unit if node.unit and rules.is_item(node.unit, self.closure) else ""
            return self.compiler.formula(node, _UNIT, source)
        return self.compiler.formula(node, _UNIT, node.unit)

    def _borders(self, spec: ProcessSpec, nodes: list[Node]) -> dict[str, str]:
        """Tie events to their activities; a flow to such an activity leads to the tie."""
        entries = {node.id: node.id for node in nodes}
        borders: dict[str, list[Node]] = defaultdict(list)
        for node in nodes:
            if node.kind == "boundaryEvent" and node.attached_to in spec.task_specs:
                borders[node.attached_to].append(node)
        for host, events in borders.items():
            split = BoundarySplit(spec, f"{host}.border")
            split.bpmn_id, split.node = host, spec.task_specs[host].node
            split.members = (*(event.id for event in events), host)
            entries[host] = split.name
        return entries

    def _flows(self, spec: ProcessSpec, flows: tuple[Flow, ...], made: dict[str, Any]) -> None:
        ways: dict[str, list[OutgoingFlow]] = defaultdict(list)
        for flow in flows:
            if flow.source not in made or flow.target not in made:
                continue
            node: Node = made[flow.source].node
            condition = None
            default = node.default == flow.id
            if not default and node.kind not in UNCONDITIONAL_KINDS:
                condition = self.compiler.formula(node, _CONDITION, flow.condition, flow.line)
            ways[flow.source].append(
                OutgoingFlow(flow.id, spec.entries[flow.target], condition, default, flow.answer)
            )
        for source, found in ways.items():
            made[source].ways = tuple(found)

    def _joins(self, spec: ProcessSpec, flows: tuple[Flow, ...]) -> None:
        incoming: dict[str, list[Flow]] = defaultdict(list)
        for flow in flows:
            incoming[flow.target].append(flow)
        joins = [made for made in spec.task_specs.values() if isinstance(made, Join)]
        spec.join_names = frozenset(made.name for made in joins)
        for made in spec.task_specs.values():
            if isinstance(made, Join):
                made.incoming = tuple(flow.id for flow in incoming[made.name])
                made.sources = tuple(flow.source for flow in incoming[made.name])
