"""From a DMN file to a model: everything is compiled, and every fault names its element."""

from __future__ import annotations

from collections.abc import Iterable

from feel.dmn.document import Element, fault, line_of, part, parts, read, require_feel, tag, target
from feel.dmn.model import Decision, InputData, Knowledge, Model
from feel.dmn.reader import DmnReader
from feel.dmn.types import Type, Types
from feel.faults import DmnFault
from feel.text import Text

_NAMED = (
    "inputData", "decision", "businessKnowledgeModel", "itemComponent", "formalParameter",
    "variable", "column", "parameter",
)  # fmt: skip
_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
_TARGETS = ("requiredInput", "requiredDecision", "requiredKnowledge")
_MAX_DECISIONS = 500


def load_dmn(data: bytes) -> Model:
    """Read and compile a DMN file (DMN 1.1 to 1.5).

    Raises DmnFault for a file that cannot be used, SyntaxFault or LimitReached (with `element`
    and `element_line` set) for an expression or cell in it that cannot.
    """
    root = read(data)
    require_feel(root)
    model = Model(root.get("name") or root.get("id") or "")
    types = Types(root)
    reader = DmnReader(types, _declared_names(root))
    for element in parts(root, "inputData"):
        name = _variable_name(element)
        model.inputs[_id(element)] = InputData(_id(element), name, _type(element, types))
    for element in parts(root, "businessKnowledgeModel"):
        function = reader.knowledge(element, _variable_name(element))
        reads = reader.body.variables - set(function.parameters)
        model.knowledge[_id(element)] = Knowledge(
            _id(element), function, _required(element), frozenset(reads)
        )
    elements = list(parts(root, "decision"))
    if len(elements) > _MAX_DECISIONS:
        raise DmnFault(Text("文件里的决策太多。", "There are too many decisions in the file."))
    for element in elements:
        if _id(element) in model.by_id:
            raise fault(
                Text(f"id“{_id(element)}”重复。", f"The id “{_id(element)}” occurs twice."), element
            )
        model.by_id[_id(element)] = _decision(element, model, reader)
    _refuse_cycles(model, elements)
    return model


def _id(element: Element) -> str:
    return element.get("id") or element.get("name") or ""


def _variable_name(element: Element) -> str:
    variable = part(element, "variable")
    name = variable.get("name") if variable is not None else None
    return " ".join((name or element.get("name") or element.get("id") or "").split())


def _type(element: Element, types: Types) -> Type:
    variable = part(element, "variable")
    return types.named(variable.get("typeRef") if variable is not None else None)


def _declared_names(root: Element) -> frozenset[str]:
    names = (e.get("name", "") for e in root.iter() if tag(e) in _NAMED)
    return frozenset(" ".join(name.split()) for name in names if name.strip())


def _required(element: Element) -> tuple[str, ...]:
    return tuple(
        target(link)
        for requirement in parts(element, *_REQUIREMENTS)
        for link in parts(requirement, *_TARGETS)
    )


def _decision(element: Element, model: Model, reader: DmnReader) -> Decision:
    name = _variable_name(element)
    body = reader.decision(element)
    return Decision(
        id=_id(element),
        name=element.get("name") or name,
        line=line_of(element),
        table=body.table,
        logic=body.logic,
        required=_required(element),
        reads=body.variables,
        functions=body.functions,
        type=_type(element, reader.types),
        model=model,
    )


def _refuse_cycles(model: Model, elements: Iterable[Element]) -> None:
    lines = {_id(element): element for element in elements}
    links = {id_: decision.required for id_, decision in model.by_id.items()}
    links |= {id_: known.required for id_, known in model.knowledge.items()}
    known = set(links) | set(model.inputs)
    for start, wanted in links.items():
        for id_ in wanted:
            if id_ not in known and start in lines:
                raise fault(
                    Text(
                        f"所依赖的“{id_}”不在文件里。",
                        f"It requires “{id_}”, which is not in the file.",
                    ),
                    lines[start],
                )
    finished: set[str] = set()
    for start in links:
        _follow(start, links, finished, lines)


def _follow(
    start: str,
    links: dict[str, tuple[str, ...]],
    finished: set[str],
    lines: dict[str, Element],
) -> None:
    """Depth first with an own stack: a chain of requirements may be long."""
    path: list[tuple[str, list[str]]] = [(start, list(links[start]))]
    active = {start}
    while path:
        node, rest = path[-1]
        if not rest:
            path.pop()
            active.discard(node)
            finished.add(node)
            continue
        following = rest.pop()
        if following in active:
            reason = Text(
                "决策互相依赖，成了一个圈。", "The decisions require each other in a circle."
            )
            element = lines.get(node)
            raise fault(reason, element) if element is not None else DmnFault(reason, element=node)
        if following in links and following not in finished:
            path.append((following, list(links[following])))
            active.add(following)
