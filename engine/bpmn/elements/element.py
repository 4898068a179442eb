"""What an element of BPMN declares: names, parser, events it may hold, checks, behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from lxml import etree

from engine.bpmn.expressions import ExpressionCompiler
from engine.bpmn.nodes import EventDefinition, Node
from feel.text import Text

if TYPE_CHECKING:
    from engine.bpmn.dependencies import Closure

CATCHABLE = frozenset({"timer", "message", "signal"})
# A rule of the check that a node breaks, and the words for it.
Breach = tuple[str, Text]


class Trait(Enum):
    """What other parts of the program ask of an element, whichever it is."""

    ACTIVITY = auto()
    GATEWAY = auto()
    # Done by people.
    MANUAL = auto()
    # Waits without a person.
    WAITS = auto()
    CATCHES = auto()
    THROWS = auto()
    # People choose it by its name, which must differ across all diagrams of a version.
    BY_NAME = auto()
    # May refer to a message without an event definition.
    MESSAGE = auto()
    # Takes those ways out whose conditions hold; takes no notice of conditions.
    DECIDES = auto()
    UNCONDITIONAL = auto()
    # Holds nodes and flows of its own.
    SCOPE = auto()
    # A stop in the picture of the way that a case takes.
    STOP = auto()


class SpecBuilder(Protocol):
    """What an element may use to complete the spec that the engine runs."""

    closure: Closure
    compiler: ExpressionCompiler
    has_inclusive: bool
    kept_names: set[str]

    def waits(self, made: Any, node: Node, event: EventDefinition | None) -> None:
        """Make a spec wait for an event."""

    def unit(self, node: Node) -> Any:
        """Compile the expression of the unit that a node names."""


def _no_options(_node: Node) -> dict[str, Any]:
    return {}


def _no_fields(_element: etree._Element) -> dict[str, Any]:
    return {}


def _nothing(_made: Any, _node: Node, _builder: SpecBuilder) -> None:
    pass


def _no_breach(_node: Node) -> Iterator[Breach]:
    yield from ()


@dataclass(frozen=True)
class Element:
    """One element of BPMN. Everything that is special to it is declared here or called from here.

    ``names`` are its names in diagrams with what people call them; ``read`` returns the fields
    of ``Node`` that only its own attributes and children fill; ``events`` are the kinds of event
    definitions that it may hold. ``lacks`` yields what it must have to run and has not,
    ``doubts`` what runs but is hardly meant: rules of the check with the words for them.
    ``behaviour`` is the class that runs it, ``options`` what that is made with besides its name;
    ``complete`` compiles its expressions, ``connect`` looks at it once its ways out are known.
    """

    names: Mapping[str, Text]
    behaviour: Any
    traits: frozenset[Trait] = frozenset()
    read: Callable[[etree._Element], dict[str, Any]] = _no_fields
    events: frozenset[str] = frozenset()
    lacks: Callable[[Node], Iterator[Breach]] = _no_breach
    doubts: Callable[[Node], Iterator[Breach]] = _no_breach
    options: Callable[[Node], dict[str, Any]] = _no_options
    complete: Callable[[Any, Node, SpecBuilder], None] = _nothing
    connect: Callable[[Any, Node, SpecBuilder], None] = _nothing
