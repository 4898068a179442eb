"""The engine's tasks, seen as tokens: created when a token arrives, gone when it has left.

SpiffWorkflow's task tree predicts the future, copies all data into every task, reads the
clock and logs each change. None of that is wanted here: the tree holds what is open and the
few finished tasks that tie open ones together, so that its size does not grow with history.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.bpmn.instance import Run, RunningScope

READY: Final = TaskState.READY
WAITING: Final = TaskState.WAITING
STARTED: Final = TaskState.STARTED
FUTURE: Final = TaskState.FUTURE
COMPLETED: Final = TaskState.COMPLETED
CANCELLED: Final = TaskState.CANCELLED
FINISHED: Final = TaskState.FINISHED_MASK


class Token(Task):
    """A task of the engine without clock, log and copied data.

    ``own`` holds the variables of one instance of a multi-instance activity; everything
    else is shared by the whole case. ``via`` is the sequence flow it arrived by.
    """

    def __init__(
        self,
        workflow: Run | RunningScope,
        task_spec: Any,
        parent: Token | None = None,
        state: int = FUTURE,
        id: str | None = None,
    ) -> None:
        self.id = id or os.urandom(8).hex()
        self.workflow = workflow
        workflow.tasks[self.id] = self
        self._parent: str | None = None
        self._children: list[str] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        self.via = ""
        self.own: dict[str, Any] | None = None
        self.data: MutableMapping[str, Any] = {}
        if parent is not None:
            self.hang(parent)
        if not state & FINISHED:
            workflow.live += 1

    def hang(self, parent: Token) -> None:
        """Take a place under ``parent`` and share its variables."""
        self._parent = parent.id
        parent._children.append(self.id)
        self.data = parent.data

    def overlay(self, own: dict[str, Any]) -> None:
        """Give this token variables of its own, in front of the shared ones."""
        self.own = own
        self.data = ChainMap(own, self.data)

    @property
    def top(self) -> Run:
        """The case's top workflow."""
        run: Run = self.workflow.top_workflow
        return run

    def add(self, task_spec: Any, via: str = "") -> Token:
        """Create a token that is about to arrive at ``task_spec``."""
        child = Token(self.workflow, task_spec, self)
        child.via = via
        return child

    def _inherit_data(self) -> None:
        """Nothing to copy: variables are shared."""

    def _set_state(self, value: int) -> None:
        if not self._state & FINISHED and value & FINISHED:
            self.workflow.live -= 1
        self._state = value
        if value == READY and not self.task_spec.manual:
            self.workflow.top_workflow.queue.append(self)

    def run(self) -> None:
        """Do what the node does and go on, unless doing it ended this very token."""
        self.task_spec._run_hook(self)
        if not self._state & FINISHED:
            self.complete()

    def cancel(self) -> None:
        """End this token and everything that runs inside its activity."""
        stack = [self]
        while stack:
            token = stack.pop()
            stack.extend(token.children)
            if token._state & FINISHED:
                continue
            token._set_state(CANCELLED)
            joins = token.workflow.waiting_joins
            if joins.get(token.task_spec.name) is token:
                del joins[token.task_spec.name]
            scope = token.top.subprocesses.pop(token.id, None)
            if scope is not None:
                stack.append(scope.task_tree)
                stack.extend(scope.tasks.values())
