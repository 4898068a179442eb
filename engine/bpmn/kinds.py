"""Which kinds of values the variables of a version hold: found once, when it is published.

A case's state is plain JSON, in which a date is a text. What a variable is comes from whoever
sets it: the form that asks it, the script or table that computes it, the list that a
multi-instance goes through. Expressions then get dates where dates were meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from engine.bpmn.context import READABLE
from engine.bpmn.expressions import COUNTERS
from engine.bpmn.nodes import Node
from feel import Decision, FeelError, compile_expression, parse_script
from feel.dmn.types import Type
from feel.inference import infer
from feel.kinds import ANYTHING, Kind, Read, context_of, joined, list_of, parse_kind, reader, simple

Kinds = Mapping[str, Kind]

_CASE: Final = context_of(
    {name: simple("number" if name == "limit" else "string") for name in READABLE}
)
# What every expression of a diagram may ask, besides the case's variables.
GIVEN: Final[Kinds] = {"case": _CASE, **dict.fromkeys(COUNTERS, simple("number"))}

# A kind that depends on another one settles in as many rounds as the chain is long.
_ROUNDS: Final = 10
NOTHING_YET: Final = simple("null")
_MANY = frozenset("ROC")


def kinds_of(
    nodes: Iterable[Node],
    decisions: Mapping[str, Decision],
    asked: Mapping[str, Kinds],
    names: Collection[str] = (),
) -> dict[str, Kind]:
    """Return the kind of every variable that something in the nodes sets.

    ``asked`` are the kinds of fields by form; ``names`` the names that must be declared to FEEL.
    """
    elements = tuple(nodes)
    known = dict.fromkeys(_round(elements, decisions, asked, {}, names), NOTHING_YET)
    for _ in range(_ROUNDS):
        settled = _round(elements, decisions, asked, known, names)
        if settled == known:
            break
        known = settled
    else:
        known = {name: kind if settled[name] == kind else ANYTHING for name, kind in known.items()}
    return {name: _never_null(kind) for name, kind in known.items()}


def _round(
    elements: Iterable[Node],
    decisions: Mapping[str, Decision],
    asked: Mapping[str, Kinds],
    known: Kinds,
    names: Collection[str],
) -> dict[str, Kind]:
    """Return what the elements set, where variables are what the round before has found."""
    found: dict[str, list[Kind]] = defaultdict(list)
    for node in elements:
        for name, kind in _set_by(node, decisions, asked, known, names):
            found[name].append(kind)
    return {name: joined(kinds) for name, kinds in found.items()}


def _never_null(kind: Kind) -> Kind:
    """Any variable may be null: that is not worth a word."""
    return replace(kind, names=kind.names - {"null"} or kind.names)


def notation(kinds: Kinds) -> dict[str, str]:
    """Return the kinds whose JSON must be read, as a version keeps them."""
    return {name: str(kind) for name, kind in sorted(kinds.items()) if reader(kind) is not None}


def readers(kept: Mapping[str, str]) -> dict[str, Read]:
    """Return how the variables of a version are read, by name."""
    found = {name: reader(parse_kind(text)) for name, text in kept.items()}
    return {name: read for name, read in found.items() if read is not None}


def _set_by(
    node: Node,
    decisions: Mapping[str, Decision],
    asked: Mapping[str, Kinds],
    known: Kinds,
    names: Collection[str],
) -> Iterator[tuple[str, Kind]]:
    """Yield every variable that a node sets, with what it is then."""
    yield from asked.get(node.form, {}).items()
    if node.kind == "scriptTask" and node.script.strip():
        yield from _script(node.script, known, names)
    if node.loop is not None:
        if node.loop.item:
            yield node.loop.item, _item(node.loop.items, known, names)
        if node.loop.out:
            yield node.loop.out, list_of(known.get(node.loop.of, ANYTHING))
    decision = decisions.get(node.decision.ref) if node.decision is not None else None
    if node.decision is not None and decision is not None:
        result = decided(decision, known)
        if node.decision.result:
            yield node.decision.result, result
        else:
            yield from result.entries


def _script(source: str, known: Kinds, names: Collection[str]) -> Iterator[tuple[str, Kind]]:
    try:
        lines = parse_script(source, names=names).lines
    except FeelError:
        return
    so_far = {**GIVEN, **known}
    for line in lines:
        so_far[line.target] = infer(line.expression.node, so_far)[0]
        yield line.target, so_far[line.target]


def _item(source: str, known: Kinds, names: Collection[str]) -> Kind:
    if not source.strip():
        return simple("number")
    try:
        kind = infer(compile_expression(source, names=names).node, {**GIVEN, **known})[0]
    except FeelError:
        return ANYTHING
    return (kind.item or ANYTHING) if kind.names == {"list"} else ANYTHING


def decided(decision: Decision, known: Kinds) -> Kind:
    """Return what a decision comes to, over variables of these kinds."""
    table = decision.table
    if table is None:
        if decision.expression is None:
            return _declared(decision.type)
        return infer(decision.expression.node, within(decision, known))[0]
    inside = within(decision, known)
    outputs = {}
    for place, output in enumerate(table.outputs):
        cells = [rule.outputs[place].node for rule in table.rules]
        cells += [output.default.node] if output.default is not None else []
        declared = _declared(output.type)
        found = joined(infer(cell, inside)[0] for cell in cells)
        outputs[output.name] = declared if declared.known else found
    if table.hit_policy.startswith("C") and len(table.hit_policy) > 1:
        return simple("number")
    (first, *rest) = outputs.values()
    one = context_of(outputs) if rest else first
    return list_of(one) if table.hit_policy in _MANY else one


def within(decision: Decision, known: Kinds) -> dict[str, Kind]:
    """Return the kinds that a decision's own logic sees: inputs as declared, what it requires."""
    model = decision.model
    found = {**GIVEN, **known}
    for id_ in decision.requirements:
        if id_ in model.inputs and (declared := _declared(model.inputs[id_].type)).known:
            found[model.inputs[id_].name] = declared
        elif id_ in model.by_id:
            found[model.by_id[id_].name] = decided(model.by_id[id_], known)
    return found


def _declared(type_: Type) -> Kind:
    if type_.components:
        one = context_of({key: _declared(part) for key, part in type_.components.items()})
    else:
        one = simple(type_.kind) if type_.kind else ANYTHING
    return list_of(one) if type_.collection else one
