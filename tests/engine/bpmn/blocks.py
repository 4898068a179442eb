"""Random well-formed processes: written as diagrams, and played by an interpreter of their own.

The interpreter knows nothing of tokens, gateways or BPMN: it runs the nested blocks that the
diagram was drawn from. Where both agree after every step, the engine plays by the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.engine.bpmn.diagrams import HEAD

Environment = dict[str, bool]


@dataclass(frozen=True)
class Block:
    """A piece of process; ``parts`` are the pieces inside."""

    kind: str  # task, each, seq, choice, some, all, loop, sub, border
    parts: tuple[Block, ...] = ()
    name: str = ""
    flag: bool = False  # each: sequential; border: interrupting


def named(block: Block, numbers: Iterator[int]) -> Block:
    """Give every block a name of its own."""
    parts = tuple(named(part, numbers) for part in block.parts)
    return Block(block.kind, parts, f"{block.kind}{next(numbers)}", block.flag)


def all_blocks(block: Block) -> Iterator[Block]:
    """Give a block and everything in it."""
    yield block
    for part in block.parts:
        yield from all_blocks(part)


def variables(block: Block) -> list[str]:
    """Give the yes/no variables that decide its ways."""
    found = []
    for inner in all_blocks(block):
        if inner.kind in ("choice", "loop"):
            found.append(inner.name)
        if inner.kind == "some":
            found += [f"{inner.name}_{index}" for index in range(len(inner.parts))]
    return found


# --- the diagram ---------------------------------------------------------------------------


@dataclass
class Drawing:
    """One scope being drawn."""

    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def flow(self, source: str, target: str, condition: str = "", name: str = "") -> str:
        name = name or f"f{next(self.numbers)}"
        test = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        self.flows.append(
            f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{test}'
            "</sequenceFlow>"
        )
        return name

    def node(self, kind: str, name: str, inside: str = "", attributes: str = "") -> str:
        self.nodes.append(f'<{kind} id="{name}" {attributes}>{inside}</{kind}>')
        return name

    def scope(self, block: Block, prefix: str) -> str:
        """Draw a block between a start and an end event; give the XML."""
        inner = Drawing(messages=self.messages, numbers=self.numbers)
        start, end = inner.node("startEvent", f"{prefix}_s"), inner.node("endEvent", f"{prefix}_e")
        first, last = inner.draw(block)
        inner.flow(start, first)
        inner.flow(last, end)
        return "".join(inner.nodes + inner.flows)

    def draw(self, block: Block) -> tuple[str, str]:
        """Draw a block; give the nodes where it begins and ends."""
        found: tuple[str, str] = getattr(self, f"draw_{block.kind}")(block)
        return found

    def draw_task(self, block: Block) -> tuple[str, str]:
        return (self.node("userTask", block.name),) * 2

    def draw_each(self, block: Block) -> tuple[str, str]:
        marker = (
            f'<multiInstanceLoopCharacteristics isSequential="{str(block.flag).lower()}">'
            "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        return (self.node("userTask", block.name, marker),) * 2

    def draw_seq(self, block: Block) -> tuple[str, str]:
        ends = [self.draw(part) for part in block.parts]
        for (_, last), (first, _) in zip(ends, ends[1:], strict=False):
            self.flow(last, first)
        return ends[0][0], ends[-1][1]

    def draw_choice(self, block: Block) -> tuple[str, str]:
        name = block.name
        split = self.node("exclusiveGateway", f"{name}_x", attributes=f'default="{name}_no"')
        join = self.node("exclusiveGateway", f"{name}_m")
        for part, condition in zip(block.parts, (name, ""), strict=True):
            first, last = self.draw(part)
            self.flow(split, first, condition, "" if condition else f"{name}_no")
            self.flow(last, join)
        return split, join

    def draw_some(self, block: Block) -> tuple[str, str]:
        name = block.name
        split = self.node("inclusiveGateway", f"{name}_x", attributes=f'default="{name}_no"')
        join = self.node("inclusiveGateway", f"{name}_m")
        for index, part in enumerate(block.parts):
            first, last = self.draw(part)
            self.flow(split, first, f"{name}_{index}")
            self.flow(last, join)
        self.flow(split, join, name=f"{name}_no")
        return split, join

    def draw_all(self, block: Block) -> tuple[str, str]:
        split = self.node("parallelGateway", f"{block.name}_x")
        join = self.node("parallelGateway", f"{block.name}_m")
        for part in block.parts:
            first, last = self.draw(part)
            self.flow(split, first)
            self.flow(last, join)
        return split, join

    def draw_loop(self, block: Block) -> tuple[str, str]:
        name = block.name
        enter = self.node("exclusiveGateway", f"{name}_m")
        leave = self.node("exclusiveGateway", f"{name}_x", attributes=f'default="{name}_no"')
        after = self.node("exclusiveGateway", f"{name}_a")
        first, last = self.draw(block.parts[0])
        self.flow(enter, first)
        self.flow(last, leave)
        self.flow(leave, enter, name)
        self.flow(leave, after, name=f"{name}_no")
        return enter, after

    def draw_sub(self, block: Block) -> tuple[str, str]:
        inside = self.scope(block.parts[0], block.name)
        return (self.node("subProcess", block.name, inside),) * 2

    def draw_border(self, block: Block) -> tuple[str, str]:
        name, (body, handler) = block.name, block.parts
        first, last = self.draw(body)
        self.messages.append(name)
        event = self.node(
            "boundaryEvent",
            f"{name}_b",
            f'<messageEventDefinition messageRef="{name}_msg"/>',
            f'attachedToRef="{first}" cancelActivity="{str(block.flag).lower()}"',
        )
        begin, done = self.draw(handler)
        self.flow(event, begin)
        if not block.flag:
            self.flow(done, self.node("endEvent", f"{name}_e"))
            return first, last
        merge = self.node("exclusiveGateway", f"{name}_m")
        self.flow(last, merge)
        self.flow(done, merge)
        return first, merge


def draw(block: Block) -> bytes:
    """Write the diagram of a block as process ``p``."""
    drawing = Drawing()
    body = drawing.scope(block, "p")
    messages = "".join(f'<message id="{n}_msg" name="{n}"/>' for n in drawing.messages)
    return f'{HEAD}{messages}<process id="p">{body}</process></definitions>'.encode()


# --- the interpreter -----------------------------------------------------------------------


class Play:
    """A block being played. ``aside`` holds what a non-interrupting event has started."""

    def __init__(self, block: Block, world: Environment, aside: list[Play]) -> None:
        self.block, self.world, self.aside = block, world, aside
        self.playing: list[Play] = []
        self.left = 0
        self.over = False  # a loop that has been left stays left
        self.enter()

    def enter(self) -> None:
        """Start whatever the block starts with."""
        kind, parts, name = self.block.kind, self.block.parts, self.block.name
        if kind == "task":
            self.left = 1
        elif kind == "each":
            self.left = 2
        elif kind in ("seq", "loop"):
            self.begin(parts[0])
        elif kind == "choice":
            self.begin(parts[0] if self.world[name] else parts[1])
        elif kind == "some":
            for index, part in enumerate(parts):
                if self.world[f"{name}_{index}"]:
                    self.begin(part)
        elif kind == "all":
            for part in parts:
                self.begin(part)
        elif kind == "sub":
            self.aside = []
            self.begin(parts[0])
        else:
            self.begin(parts[0])
        self.advance()

    def begin(self, part: Block) -> None:
        self.playing.append(Play(part, self.world, self.aside))

    def is_done(self) -> bool:
        aside = self.aside if self.block.kind == "sub" else []
        return self.left == 0 and all(play.is_done() for play in [*self.playing, *aside])

    def advance(self) -> None:
        """Go on where the last part has ended."""
        for play in [*self.playing, *(self.aside if self.block.kind == "sub" else [])]:
            play.advance()
        while self.playing and self.playing[-1].is_done() and self.block.kind in ("seq", "loop"):
            if self.block.kind == "loop":
                self.over = self.over or not self.world[self.block.name]
                if self.over:
                    return
                self.playing.clear()
                self.begin(self.block.parts[0])
            elif len(self.playing) < len(self.block.parts):
                self.begin(self.block.parts[len(self.playing)])
            else:
                return

    def open(self) -> list[str]:
        """Give the names of the open tasks."""
        if self.block.kind == "task":
            return [self.block.name] * self.left
        if self.block.kind == "each":
            return [self.block.name] * min(self.left, 1 if self.block.flag else 2)
        inside = [*self.playing, *(self.aside if self.block.kind == "sub" else [])]
        return [name for play in inside for name in play.open()]

    def complete(self, name: str) -> bool:
        """Do an open task of this name; tell whether there was one."""
        if self.block.kind in ("task", "each"):
            if self.block.name != name or not self.left:
                return False
            self.left -= 1
            return True
        inside = [*self.playing, *(self.aside if self.block.kind == "sub" else [])]
        return any(play.complete(name) for play in inside)

    def awaited_names(self) -> list[str]:
        """Give the messages that are taken now."""
        found = []
        if self.block.kind == "border" and self.hosting():
            found.append(self.block.name)
        inside = [*self.playing, *(self.aside if self.block.kind == "sub" else [])]
        return found + [name for play in inside for name in play.awaited_names()]

    def hosting(self) -> bool:
        """Is the activity with the border still at work?"""
        first = self.playing[0]
        return first.block is self.block.parts[0] and not first.is_done()

    def send(self, name: str) -> None:
        """Take a message."""
        inside = [*self.playing, *(self.aside if self.block.kind == "sub" else [])]
        if self.block.kind == "border" and self.block.name == name and self.hosting():
            handler = self.block.parts[1]
            if self.block.flag:
                self.playing.clear()
                self.begin(handler)
            else:
                self.aside.append(Play(handler, self.world, self.aside))
            return
        for play in inside:
            play.send(name)


class Interpreter:
    """Plays a whole process."""

    def __init__(self, block: Block, world: Environment) -> None:
        self.world = dict(world)
        self.root = Play(Block("sub", (block,)), self.world, [])

    def open(self) -> list[str]:
        return sorted(self.root.open())

    def awaited_names(self) -> list[str]:
        return sorted(self.root.awaited_names())

    def has_ended(self) -> bool:
        return self.root.is_done()

    def complete(self, name: str, answers: dict[str, Any]) -> None:
        self.world.update(answers)
        self.root.complete(name)
        self.root.advance()

    def send(self, name: str, answers: dict[str, Any]) -> None:
        self.world.update(answers)
        self.root.send(name)
        self.root.advance()
