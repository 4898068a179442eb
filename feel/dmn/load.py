"""From a DMN file to a model: everything is compiled, and every fault names its element.

A decision that cannot be used is left out of the model with its reason, and with it whatever
requires it; the others of the file are none the worse for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from feel.dmn.document import Element, fault, line_of, parse, part, parts, require_feel, tag, target
from feel.dmn.model import BrokenDecision, BusinessKnowledgeModel, Decision, DmnModel, InputData
from feel.dmn.reader import DmnReader
from feel.dmn.types import Type, Types
from feel.faults import DmnFault, FeelError
from feel.text import Text

_NAMED = (
    "inputData", "decision", "businessKnowledgeModel", "itemComponent", "formalParameter",
    "variable", "column", "parameter",
)  # fmt: skip
_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
_TARGETS = ("requiredInput", "requiredDecision", "requiredKnowledge")
_MAX_DECISIONS = 500
_CIRCLE = Text("决策互相依赖，成了一个圈。", "The decisions require each other in a circle.")


def load_dmn(data: bytes) -> DmnModel:
    """Read and compile a DMN file (DMN 1.1 to 1.5).

    Raises DmnFault for a file that cannot be used at all. What is wrong with single decisions
    stands in `Model.broken_decisions`, and is raised by `Model.decision` for whoever asks for one.
    """
    root = parse(data)
    require_feel(root)
    model = DmnModel(root.get("name") or root.get("id") or "")
    if sum(1 for _ in parts(root, "decision")) > _MAX_DECISIONS:
        raise DmnFault(Text("文件里的决策太多。", "There are too many decisions in the file."))
    _Loading(root, model).load()
    return model


class _Loading:
    """One file under way; `bad` are the faults of its parts, by id."""

    def __init__(self, root: Element, model: DmnModel) -> None:
        self.root = root
        self.model = model
        self.reader = DmnReader(Types(root), _declared_names(root))
        self.elements: dict[str, Element] = {}
        self.bad: dict[str, FeelError] = {}

    def load(self) -> None:
        for element in parts(self.root, "inputData"):
            self.attempt(element, self.input)
        for element in parts(self.root, "businessKnowledgeModel"):
            self.attempt(element, self.knowledge)
        for element in parts(self.root, "decision"):
            self.attempt(element, self.decision)
        self.judge_requirements()
        for id_, error in self.bad.items():
            element = self.elements[id_]
            self.model.by_id.pop(id_, None)
            if tag(element) == "decision":
                name = element.get("name") or id_
                self.model.broken_decisions[id_] = BrokenDecision(
                    id_, name, _placed(error, element)
                )

    def attempt(self, element: Element, read_part: Callable[[str, Element], None]) -> None:
        """Read one part; what is wrong with it is kept."""
        id_ = _id(element)
        if id_ in self.elements:
            text = Text(f"id“{id_}”重复。", f"The id “{id_}” occurs twice.")
            self.bad[id_] = fault(text, element)
            return
        self.elements[id_] = element
        try:
            read_part(id_, element)
        except FeelError as error:
            self.bad[id_] = error

    def input(self, id_: str, element: Element) -> None:
        kind = _type(element, self.reader.types)
        self.model.inputs[id_] = InputData(id_, _variable_name(element), kind)

    def knowledge(self, id_: str, element: Element) -> None:
        function = self.reader.knowledge(element, _variable_name(element))
        reads = self.reader.body.variables - set(function.parameters)
        known = BusinessKnowledgeModel(id_, function, _required(element), frozenset(reads))
        self.model.knowledge[id_] = known

    def decision(self, id_: str, element: Element) -> None:
        self.model.by_id[id_] = _decision(element, self.model, self.reader)

    def judge_requirements(self) -> None:
        """Note circles, requirements that are missing, and those that are themselves at fault."""
        links = {one.id: one.requirements for one in self.model.by_id.values()}
        links |= {one.id: one.requirements for one in self.model.knowledge.values()}
        for id_ in _circular(links):
            self.bad.setdefault(id_, fault(_CIRCLE, self.elements[id_]))
        for id_, wanted in links.items():
            missing = next((one for one in wanted if one not in self.elements), None)
            if missing is not None and id_ in self.model.by_id:
                text = Text(
                    f"所依赖的“{missing}”不在文件里。",
                    f"It requires “{missing}”, which is not in the file.",
                )
                self.bad.setdefault(id_, fault(text, self.elements[id_]))
        waiting = list(self.bad)
        while waiting:
            cause = waiting.pop()
            for id_, wanted in links.items():
                if cause in wanted and id_ not in self.bad:
                    self.bad[id_] = self.spoilt(id_, cause)
                    waiting.append(id_)

    def spoilt(self, id_: str, cause: str) -> FeelError:
        """Return what is said about a part that requires another which cannot be used."""
        name = self.elements[cause].get("name") or cause
        text = Text(f"所依赖的“{name}”不能使用。", f"It requires “{name}”, which cannot be used.")
        return fault(text, self.elements[id_])


def _placed(error: FeelError, element: Element) -> FeelError:
    """Return the error, with an element of the file even where the fault is in what it requires."""
    if not getattr(error, "element", ""):
        error.element = _id(element)  # type: ignore[attr-defined]
        error.element_line = line_of(element)  # type: ignore[attr-defined]
    return error


def _id(element: Element) -> str:
    return element.get("id") or element.get("name") or ""


def _variable_name(element: Element) -> str:
    variable = part(element, "variable")
    name = variable.get("name") if variable is not None else None
    return " ".join((name or element.get("name") or element.get("id") or "").split())


def _type(element: Element, types: Types) -> Type:
    variable = part(element, "variable")
    return types.resolve(variable.get("typeRef") if variable is not None else None)


def _declared_names(root: Element) -> frozenset[str]:
    names = (e.get("name", "") for e in root.iter() if tag(e) in _NAMED)
    return frozenset(" ".join(name.split()) for name in names if name.strip())


def _required(element: Element) -> tuple[str, ...]:
    return tuple(
        target(link)
        for requirement in parts(element, *_REQUIREMENTS)
        for link in parts(requirement, *_TARGETS)
    )


def _decision(element: Element, model: DmnModel, reader: DmnReader) -> Decision:
    name = _variable_name(element)
    body = reader.decision(element)
    return Decision(
        id=_id(element),
        name=element.get("name") or name,
        line=line_of(element),
        table=body.table,
        logic=body.logic,
        expression=body.expression,
        requirements=_required(element),
        reads=body.variables,
        functions=body.functions,
        type=_type(element, reader.types),
        model=model,
    )


def _circular(links: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the parts that require themselves by way of others."""
    found: set[str] = set()
    finished: set[str] = set()
    for start in links:
        for path, following in _deepest(start, links, finished):
            found.update(path[path.index(following) :])
    return found


def _deepest(
    start: str, links: Mapping[str, tuple[str, ...]], finished: set[str]
) -> Iterator[tuple[list[str], str]]:
    """Walk depth first with an own stack, as chains may be long; yield each back edge's path."""
    path, rest = [start], [list(links[start])]
    while path:
        if not rest[-1]:
            finished.add(path.pop())
            rest.pop()
            continue
        following = rest[-1].pop()
        if following in path:
            yield path, following
        elif following in links and following not in finished:
            path.append(following)
            rest.append(list(links[following]))
