"""The decisions of one DMN file, and how one is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feel.codec import from_json
from feel.dmn import analysis
from feel.dmn.analysis import TableAnalysis
from feel.dmn.boxed import FunctionBody, Logic
from feel.dmn.table import DecisionTable, Input, Output, Rule
from feel.dmn.types import ANY, Problems, Type
from feel.expression import Expression, Functions
from feel.faults import DmnFault, FeelError
from feel.frame import Frame
from feel.limits import DEFAULT, EvaluationLimits
from feel.text import Text
from feel.values import Value


@dataclass(frozen=True)
class DecisionResult:
    """What was decided; `matched_rules` are numbers, from 1, of the decision's own rules.

    `fault` says that values of wrong types met: the result is then no answer to what was asked.
    """

    result: Value
    matched_rules: tuple[int, ...]
    errors: tuple[Text, ...]
    fault: Text | None = None


@dataclass(frozen=True)
class InputData:
    id: str
    name: str
    type: Type = ANY


@dataclass(frozen=True)
class BusinessKnowledgeModel:
    """A business knowledge model: a function that decisions call by name."""

    id: str
    body: FunctionBody
    requirements: tuple[str, ...]
    reads: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.body.name


@dataclass(frozen=True, eq=False)
class Decision:
    """One decision; `reads` and `functions` are the names its own logic refers to."""

    id: str
    name: str
    line: int | None
    table: DecisionTable | None
    logic: Logic | None
    requirements: tuple[str, ...]
    """Ids of the input data, decisions and knowledge models it builds on."""
    reads: frozenset[str]
    functions: frozenset[str]
    type: Type
    model: DmnModel = field(repr=False)
    expression: Expression | None = None
    """What the logic is, where it is one expression."""

    @property
    def variables(self) -> frozenset[str]:
        """The names that it and all it requires read from outside the file."""
        read: set[str] = set()
        made: set[str] = set()
        seen: set[str] = set()
        waiting = [self.id]
        while waiting:
            id_ = waiting.pop()
            if id_ in seen:
                continue
            seen.add(id_)
            part = self.model.by_id.get(id_) or self.model.knowledge.get(id_)
            if part is None:
                data = self.model.inputs.get(id_)
                read |= {data.name} if data else set()
                continue
            read |= part.reads
            made.add(part.name)
            waiting += part.requirements
        return frozenset(read - made)

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.table.inputs if self.table else ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.table.outputs if self.table else ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.table.rules if self.table else ()

    @property
    def hit_policy(self) -> str:
        """The letter of the hit policy (`U`, `C+` ...); empty for a decision without table."""
        return self.table.hit_policy if self.table else ""

    def overlaps(self) -> TableAnalysis:
        """Return pairs of rules that can match the same input; none for a decision without
        table.
        """
        return analysis.overlaps(self.table) if self.table else TableAnalysis()

    def gaps(self) -> TableAnalysis:
        """Return inputs that no rule matches; none for a decision without table."""
        return analysis.gaps(self.table) if self.table else TableAnalysis()

    def decide(
        self,
        inputs: Mapping[str, Any],
        *,
        functions: Functions | None = None,
        limits: EvaluationLimits = DEFAULT,
    ) -> DecisionResult:
        """Decide, after whatever this decision requires.

        An input that is not given is null. Nothing is raised for bad values: the result is
        null and `errors` say why, in words for the table's author.
        """
        errors = Problems()
        variables = {name: from_json(value) for name, value in inputs.items()}
        frame = Frame(variables, 0, functions, limits)
        try:
            result, matched = _Run(self.model, frame, errors).decision(self)
            frame.weigh(result)
        except FeelError as error:
            return DecisionResult(None, (), (*errors, error.text))
        except RecursionError:
            text = Text("决策嵌套太深，已停止。", "Stopped: the decision nests too deeply.")
            return DecisionResult(None, (), (*errors, text))
        errors.extend(text for text, _ in frame.notes or ())
        wrong = errors.fault or (frame.cause[0] if frame.cause else None)
        return DecisionResult(result, matched, tuple(dict.fromkeys(errors)), wrong)


@dataclass(frozen=True, eq=False)
class BrokenDecision:
    """A decision that cannot be used, and why; `error` names the element at fault."""

    id: str
    name: str
    error: FeelError

    def fault(self) -> DmnFault:
        """Return the error to raise for who wants it decided: it names the decision."""
        where = Text(f"决策“{self.name}”不能使用：", f"The decision “{self.name}” cannot be used: ")
        text = self.error.text
        return DmnFault(
            Text(where.zh + text.zh, where.en + text.en),
            element=getattr(self.error, "element", "") or self.id,
            element_line=getattr(self.error, "element_line", None),
        )


@dataclass(eq=False)
class DmnModel:
    """A DMN file. `decisions` finds a decision by its id or its name.

    `broken` are the decisions that cannot be used, by id.
    """

    name: str
    inputs: dict[str, InputData] = field(default_factory=dict)
    knowledge: dict[str, BusinessKnowledgeModel] = field(default_factory=dict)
    by_id: dict[str, Decision] = field(default_factory=dict)
    broken_decisions: dict[str, BrokenDecision] = field(default_factory=dict)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        by_name: dict[str, Decision] = {}
        for decision in self.by_id.values():
            by_name.setdefault(decision.name, decision)
        return {**by_name, **self.by_id}

    def decision(self, name: str) -> Decision:
        """Return the decision of this id or name.

        Raises DmnFault for one that cannot be used, and for a name that no decision has; it
        then names those there are.
        """
        found = self.decisions.get(name)
        if found:
            return found
        for bad in self.broken_decisions.values():
            if name in (bad.id, bad.name):
                raise bad.fault()
        known = "、".join(decision.name for decision in self.by_id.values())
        raise DmnFault(
            Text(
                f"文件里没有决策“{name}”；有：{known}。",
                f"There is no decision “{name}” in the file; it has: {known}.",
            ),
            element=name,
        )


class _Run:
    """One decision under way: every required one is decided once."""

    def __init__(self, model: DmnModel, frame: Frame, errors: Problems) -> None:
        self.model = model
        self.frame = frame
        self.errors = errors
        self.provided_ids: set[str] = set()
        self.values: dict[str, Value] = dict(frame.variables)

    def decision(self, decision: Decision) -> tuple[Value, tuple[int, ...]]:
        for id_ in decision.requirements:
            self.provide(id_)
        self.frame.variables = self.values
        if decision.table:
            return decision.table.evaluate(self.frame)
        return (decision.logic(self.frame) if decision.logic else None), ()

    def provide(self, id_: str) -> None:
        """Put the value of something required among the variables."""
        if id_ in self.provided_ids:
            return
        self.provided_ids.add(id_)
        model = self.model
        if id_ in model.inputs:
            data = model.inputs[id_]
            given = self.values.get(data.name)
            self.values[data.name] = data.type.admit(given, data.name, self.errors)
        elif id_ in model.knowledge:
            known = model.knowledge[id_]
            for inner in known.requirements:
                self.provide(inner)
            self.frame.variables = self.values
            self.values[known.body.name] = known.body.bind(self.frame)
        elif id_ in model.by_id:
            needed = model.by_id[id_]
            self.values[needed.name] = self.decision(needed)[0]
