"""Random diagrams under random answers: the stored state, the unpruned tree and an
independent interpreter must always agree on what is open and when it ends."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.bpmn import CannotMove
from engine.bpmn.elements.throwing import broadcast, waiting_for
from engine.bpmn.instance import Run
from engine.bpmn.moves import move, route
from engine.bpmn.operations import Operation, tasks_of
from tests.engine.bpmn.blocks import Block, Interpreter, draw, named, variables
from tests.engine.bpmn.diagrams import Case

TASK = st.just(Block("task"))
EACH = st.booleans().map(lambda flag: Block("each", flag=flag))


def pieces(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """Blocks around other blocks."""

    def several(kind: str, least: int, most: int) -> st.SearchStrategy[Block]:
        parts = st.lists(inner, min_size=least, max_size=most)
        return parts.map(lambda found: Block(kind, tuple(found)))

    # A round without a task for a person would never end.
    lap = inner.map(lambda body: Block("seq", (Block("task"), body)))
    loop = lap.map(lambda body: Block("loop", (body,)))
    sub = inner.map(lambda body: Block("sub", (body,)))
    host = st.one_of(TASK, EACH, sub)
    # A handler that may run twice at once is one task, or its tokens could not be distinguished.
    calm = st.tuples(host, TASK).map(lambda parts: Block("border", parts, flag=False))
    harsh = st.tuples(host, inner).map(lambda parts: Block("border", parts, flag=True))
    return st.one_of(
        several("seq", 2, 3), several("choice", 2, 2), several("all", 2, 3),
        several("some", 2, 3), loop, sub, calm, harsh,
    )  # fmt: skip


BLOCKS = st.recursive(st.one_of(TASK, EACH), pieces, max_leaves=7)


class Unpruned:
    """The same engine, never stored: its tree keeps everything that ever happened."""

    def __init__(self, case: Case) -> None:
        self.run = Run(case.definition, case.context, {})

    def start(self, answers: dict[str, Any]) -> None:
        self.run.keep(self.run.task_tree, answers)
        self.run.begin()
        self.run.settle()

    def open(self) -> list[str]:
        return sorted(token.task_spec.bpmn_id for token in tasks_of(self.run))

    def complete(self, name: str, answers: dict[str, Any]) -> None:
        token = next(t for t in tasks_of(self.run) if t.task_spec.bpmn_id == name)
        self.run.keep(token, answers)
        token.run()
        self.run.settle()

    def move(self, name: str, target: str) -> None:
        token = next(t for t in tasks_of(self.run) if t.task_spec.bpmn_id == name)
        place, path = route(self.run, token, target)
        move(Operation(self.run), place, path)
        self.run.settle()

    def send(self, name: str, answers: dict[str, Any]) -> None:
        self.run.keep(waiting_for(self.run, "message", name)[0], answers)
        broadcast(self.run, "message", name)
        self.run.settle()


@settings(max_examples=120)
@given(block=BLOCKS, data=st.data())
def test_it_plays_every_diagram_by_the_rules(block, data):
    block = named(block, count())
    names = variables(block)
    choose = st.fixed_dictionaries({name: st.booleans() for name in names})
    answers = data.draw(choose)
    case, expected = Case(draw(block)), Interpreter(block, answers)
    case.start(**answers)
    unpruned = Unpruned(case)
    unpruned.start(answers)

    for _ in range(25):
        agree(case, unpruned, expected)
        if expected.has_ended():
            event("ended")
            return
        answers = data.draw(choose)
        kind, name = data.draw(
            st.sampled_from(
                [("task", name) for name in expected.open()]
                + [("message", name) for name in expected.awaited_names()]
            )
        )
        if kind == "task":
            case.do(name, **answers)
            unpruned.complete(name, answers)
            expected.complete(name, answers)
        else:
            case.send(name, **answers)
            unpruned.send(name, answers)
            expected.send(name, answers)


def agree(case: Case, unpruned: Unpruned, expected: Interpreter) -> None:
    """All three know the same open tasks, awaited messages and end."""
    assert case.open == expected.open() == unpruned.open()
    assert sorted(catch.message for catch in case.step.waiting) == expected.awaited_names()
    assert case.step.ended == expected.has_ended() == unpruned.run.completed


@settings(max_examples=120)
@given(block=BLOCKS, data=st.data())
def test_it_never_gets_stuck_however_tasks_are_sent_about(block, data):
    block = named(Block("seq", (Block("task"), block, Block("task"))), count())
    choose = st.fixed_dictionaries({name: st.booleans() for name in variables(block)})
    out_of_loops = dict.fromkeys(variables(block), False)
    case = Case(draw(block))
    tasks = [node.id for node in case.definition.nodes.values() if node.kind == "userTask"]
    answers = data.draw(choose)
    unpruned = Unpruned(case.start(**answers))
    unpruned.start(answers)

    for _ in range(8):
        if not case.open:
            break
        name = data.draw(st.sampled_from(case.open))
        if data.draw(st.booleans()):
            answers = data.draw(choose)
            case.do(name, **answers)
            unpruned.complete(name, answers)
        else:
            target = data.draw(st.sampled_from(tasks))
            if moves(case, name, target):
                unpruned.move(name, target)
        assert case.open == unpruned.open()

    for _ in range(400):
        if case.step.ended:
            return
        case.do(case.open[0], **out_of_loops)
    raise AssertionError("the case does not come to an end")


def moves(case: Case, name: str, target: str) -> bool:
    """Send a task about, unless the engine refuses to cross between two branches."""
    try:
        case.back(name, target)
    except CannotMove:
        return False
    return True
