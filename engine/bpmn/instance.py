"""A case in memory: the top workflow, the subprocesses in it, and the loop that runs them."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task

from engine.bpmn.context import Context
from engine.bpmn.errors import BudgetExceeded, EngineFault
from engine.bpmn.nodes import ANSWERED
from engine.bpmn.step import AnswerPlace, Effect
from engine.bpmn.tokens import COMPLETED, FINISHED, READY, WAITING, Token
from feel.text import Text

if TYPE_CHECKING:
    from engine.bpmn.definition import ProcessDefinition

# Automatic steps in one transaction. A county's diagram runs a dozen; an endless loop any number.
BUDGET: Final = 5_000


class NoScripts(PythonScriptEngine):
    """Stands where SpiffWorkflow keeps its evaluator of Python: there is none."""

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> Any:
        """Refuse."""
        raise EngineFault(task.task_spec.bpmn_id, _NO_PYTHON)

    def execute(self, task: Task, script: str, external_context: Any = None) -> Any:
        """Refuse."""
        raise EngineFault(task.task_spec.bpmn_id, _NO_PYTHON)


_NO_PYTHON = Text("流程中的表达式只能用 FEEL 书写。", "Only FEEL is evaluated in a diagram.")
_NO_SCRIPTS: Final = NoScripts()


class _Tokens:
    """What a case's top workflow and its subprocesses have in common."""

    spec: Any
    tasks: dict[str, Token]
    task_tree: Token
    live: int
    waiting_joins: dict[str, Token]

    def _root(self, data: MutableMapping[str, Any]) -> None:
        self.live = 0
        self.waiting_joins = {}
        self.task_tree = Token(self, self.spec.start, state=COMPLETED)  # type: ignore[arg-type]
        self.task_tree.data = data

    def open_tokens(self) -> Iterator[Token]:
        """Return every token that is not finished, in the order of creation."""
        return (token for token in self.tasks.values() if not token._state & FINISHED)

    def begin(self) -> None:
        """Put a token on the plain start event and arm the event subprocesses."""
        self.arm()
        first = self.spec.task_specs[self.spec.first]
        first._update(self.task_tree.add(first))

    def arm(self) -> None:
        """Arm the event subprocesses."""
        for name in self.spec.event_subprocesses:
            spec = self.spec.task_specs[name]
            spec.arm(self.task_tree.add(spec))

    def token_ended(self, token: Token) -> None:
        """Finish the scope when its last token is gone; armed event subprocesses do not count."""
        armed = [other for other in self.armed_subprocesses() if not other._state & FINISHED]
        if self.live == len(armed):
            for other in armed:
                other.cancel()
            self.finish(token)

    def armed_subprocesses(self) -> list[Token]:
        """Return the event subprocesses that wait for their event."""
        names = self.spec.event_subprocesses
        if not names:
            return []
        return [t for t in self.open_tokens() if t._state == WAITING and t.task_spec.name in names]

    @abstractmethod
    def finish(self, token: Token) -> None:
        """Mark the scope as done; ``token`` was its last."""


class RunningScope(_Tokens, BpmnSubWorkflow):
    """A running subprocess or called process, held by its ``host`` token."""

    def __init__(self, spec: Any, host: Token) -> None:
        self.host = host
        super().__init__(spec, host.id, host.workflow.top_workflow, deserializing=True)
        self._root(host.data)
        self.top_workflow.subprocesses[host.id] = self

    def _calculate_depth(self) -> int:
        depth: int = self.host.workflow.depth + 1
        return depth

    @property
    def parent_workflow(self) -> Run | RunningScope:
        """The workflow around this one."""
        return self.host.workflow

    def finish(self, token: Token) -> None:
        """Complete the host activity."""
        self.completed = True
        self.top_workflow.subprocesses.pop(self.host.id, None)
        self.host._set_state(READY)


class Run(_Tokens, BpmnWorkflow):
    """A case in memory during one operation."""

    def __init__(
        self, definition: ProcessDefinition, context: Context, variables: dict[str, Any]
    ) -> None:
        self.definition = definition
        self.context = context
        self.variables = variables
        self.queue: deque[Token] = deque()
        self.passed_nodes: list[str] = []
        self.answers: list[str] = []
        self.answer_place: AnswerPlace | None = None
        self.effects: list[Effect] = []
        self.end_node: str | None = None
        self.at: str | None = None  # the element being run, for what goes wrong there
        self.steps = 0
        super().__init__(
            definition.spec, definition.subprocess_specs, _NO_SCRIPTS, deserializing=True
        )
        self._root(variables)

    @property
    def scopes(self) -> list[Run | RunningScope]:
        """The top workflow and every running subprocess."""
        return [self, *self.subprocesses.values()]

    def find(self, engine_id: str) -> Token | None:
        """Return the open token with this id."""
        for scope in self.scopes:
            token = scope.tasks.get(engine_id)
            if token is not None and not token._state & FINISHED:
                return token
        return None

    def keep(self, token: Token, values: Mapping[str, Any]) -> None:
        """Store the variables that the version's expressions refer to, and no others."""
        wanted = self.definition.variables
        for name, value in values.items():
            if name in wanted:
                token.data[name] = value

    def answer(self, said: str, node_id: str, *, on_way: bool = False) -> None:
        """Note what a node, or the way to it, says of the citizen's answer."""
        if said:
            self.answers.append(said)
        if said == ANSWERED:
            self.answer_place = AnswerPlace(node_id, on_way)

    def finish(self, token: Token) -> None:
        """Mark the case as done; ``end_node`` is the end event that was reached last, where an
        event subprocess ended it the one inside.
        """
        self.completed = True
        node = token.task_spec.node
        self.end_node = node.id if node.kind == "endEvent" else self._end_inside(node.id)

    def _end_inside(self, scope: str) -> str | None:
        nodes = self.definition.nodes
        ends = (key for key in reversed(self.passed_nodes) if key in nodes)
        found = (nodes[key] for key in ends)
        return next((n.id for n in found if n.kind == "endEvent" and n.scope == scope), None)

    def settle(self) -> None:
        """Run everything that needs no person, until nothing moves.

        Raises EngineFault, BudgetExceeded.
        """
        while True:
            while self.queue:
                token = self.queue.popleft()
                if token._state == READY:
                    self._one(token)
            if not self._inclusive_joins():
                return

    def _one(self, token: Token) -> None:
        self.steps += 1
        self.at = token.task_spec.bpmn_id
        if self.steps > BUDGET:
            raise BudgetExceeded(self.at, BUDGET)
        token.run()

    def _inclusive_joins(self) -> bool:
        if not self.definition.has_inclusive:
            return False
        fired = False
        for scope in self.scopes:
            for token in list(scope.waiting_joins.values()):
                fired = token.task_spec.try_fire(token) or fired
        return fired
