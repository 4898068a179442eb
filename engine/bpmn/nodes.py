"""What a diagram says, as plain data: processes, nodes, flows, lanes. Knows no engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.errors import BpmnFault

LIMIT_UNITS: Final = ("hours", "working_hours", "working_days", "days", "months", "years")

# What a node or a flow may say of the citizen: has the answer, or it does not hold any more.
ANSWERED: Final = "answered"
REOPENED: Final = "reopened"
ANSWERS: Final = (ANSWERED, REOPENED)

# A limit of "case" takes the limit that triage put into the context.
CASE_LIMIT: Final = "case"

# Event definitions by their BPMN element without "EventDefinition".
EVENTS: Final = ("timer", "message", "signal", "escalation", "error", "terminate")
UNSUPPORTED_EVENTS: Final = ("link", "compensate", "conditional", "cancel")


@dataclass(frozen=True)
class EventDefinition:
    """What an event waits for or throws; ``name`` is the message's or signal's name."""

    kind: str
    name: str = ""
    code: str = ""
    timer: str = ""  # date, duration or cycle
    expression: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Loop:
    """A loop or a multi-instance marker, our ``gov:each`` and the standard elements alike."""

    kind: str  # parallel, sequential or standard
    items: str = ""  # FEEL list
    item: str = ""  # the name of an instance's own variable
    out: str = ""  # list that collects
    of: str = ""  # the variable of an instance that is collected
    cardinality: str = ""
    until: str = ""  # completion condition of a multi-instance
    condition: str = ""  # a standard loop repeats while this holds
    maximum: int | None = None
    test_before: bool = False
    line: int | None = None


@dataclass(frozen=True)
class ActionCall:
    """A service task's named function and its arguments, each a FEEL expression."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DecisionRef:
    """A business rule task's decision; ``sets`` names outputs that go into the context."""

    ref: str
    result: str = ""
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A lane and the defaults it gives its tasks, inherited from the lanes around it."""

    id: str
    name: str
    name_en: str = ""
    role: str = ""
    level: str = ""


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    scope: str
    condition: str = ""
    name: str = ""
    line: int | None = None
    name_en: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Node:
    """One element of a diagram with everything our namespace says about it."""

    id: str
    kind: str
    scope: str  # the process or subprocess that holds it
    name: str = ""
    name_en: str = ""
    documentation: str = ""
    citizen: str = ""
    form: str = ""
    role: str = ""
    level: str = ""
    unit: str = ""
    limit: int | str | None = None
    limit_unit: str = ""
    # FEEL: the codes of the units that are asked to help when it opens.
    helpers: str = ""
    # FEEL: the date from which the limit counts, whoever has the task; empty is signing.
    limit_from: str = ""
    # FEEL: whether such a limit is the law's own, which nothing suspends or extends; empty is yes.
    limit_firm: str = ""
    sign_limit: int | None = None
    sign_limit_unit: str = ""
    # How long before the end of the limit it warns, in the limit's unit: the earliest first.
    warn: tuple[int, ...] = ()
    return_to: tuple[str, ...] = ()
    assign: tuple[str, ...] = ()  # tasks whose doer gets this one signed for
    recall: bool = True
    lane: Lane | None = None
    line: int | None = None
    file: str = ""
    default: str = ""
    attached_to: str = ""
    interrupting: bool = True
    triggered: bool = False  # an event subprocess
    called_element: str = ""
    script: str = ""
    events: tuple[EventDefinition, ...] = ()
    loop: Loop | None = None
    action: ActionCall | None = None
    decision: DecisionRef | None = None
    papers: tuple[str, ...] = ()  # templates of papers that belong to it
    answer: str = ""  # ANSWERED or REOPENED, where the citizen's clock stops or goes on

    @property
    def event(self) -> EventDefinition | None:
        """The one thing this event waits for or throws, if any."""
        return self.events[0] if self.events else None


@dataclass(frozen=True)
class ProcessInfo:
    """A process and what ``gov:process`` says about its cases."""

    key: str
    name: str = ""
    name_en: str = ""
    documentation: str = ""
    case_type: str = ""
    number_prefix: str = ""
    limit: int | None = None
    limit_unit: str = ""
    opens: str = ""
    executable: bool = True
    line: int | None = None
    file: str = ""


@dataclass(frozen=True)
class Scope:
    """A process or an embedded subprocess: what stands directly in it, in document order."""

    id: str
    parent: str = ""
    process: str = ""
    nodes: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParsedFile:
    """One file's content; ``faults`` are what could not be read as it was meant."""

    file: str
    processes: Mapping[str, ProcessInfo] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[BpmnFault, ...] = ()
