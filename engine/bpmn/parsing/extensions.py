"""Read our own extension elements (``gov:...``) and say what in them makes no sense."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.bpmn.errors import BpmnFault
from engine.bpmn.nodes import ANSWERS, CASE_LIMIT, LIMIT_UNITS, ActionCall, DecisionRef
from engine.bpmn.parsing import xml
from engine.roles import ROLES
from engine.terms.levels import HANDLING, LEVELS
from feel.text import Text

# So often a limit warns before it ends.
MOST_SPANS = 5


class ExtensionReader:
    """Reads the attributes of one file's extension elements and collects what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[BpmnFault] = []

    def fault(self, rule: str, element: etree._Element, owner: str, text: Text) -> None:
        """Note something wrong with ``element`` of the node ``owner``."""
        self.faults.append(
            BpmnFault(rule, text, element=owner, line=line_of(element), file=self.file)
        )

    def task(self, element: etree._Element | None, owner: str) -> dict[str, Any]:
        """Return the fields of Node that a ``gov:task`` sets."""
        if element is None:
            return {}
        get = element.get
        found: dict[str, Any] = {
            "form": get("form", "").strip(),
            "unit": get("unit", "").strip(),
            "citizen": get("citizen", "").strip(),
            "role": self.role(element, owner),
            "level": self.level(element, owner),
            "limit": self._limit(element, owner),
            "limit_unit": self.unit(element, "limitUnit", owner),
            "helpers": get("helpers", "").strip(),
            "limit_from": get("limitFrom", "").strip(),
            "limit_firm": get("limitFirm", "").strip(),
            "sign_limit": self.number(element, "signLimit", owner),
            "sign_limit_unit": self.unit(element, "signLimitUnit", owner),
            "warn": self.spans(element, "warn", owner),
            "return_to": tuple(get("returnTo", "").replace(",", " ").split()),
            "assign": tuple(get("assign", "").replace(",", " ").split()),
            "recall": get("recall", "true").strip().lower() != "false",
        }
        return {key: value for key, value in found.items() if value not in ("", None, ())}

    def role(self, element: etree._Element, owner: str) -> str:
        """Return the role that an element names."""
        return self._one_of(element, "role", tuple(ROLES), "unknown-role", owner)

    def level(self, element: etree._Element, owner: str) -> str:
        """Return the level that an element names: a fixed one or ``handling``."""
        return self._one_of(element, "level", (*LEVELS, HANDLING), "unknown-level", owner)

    def number(self, element: etree._Element, attribute: str, owner: str) -> int | None:
        """Return a whole number above zero, or None where there is no attribute."""
        text = element.get(attribute, "").strip()
        if not text:
            return None
        if _is_number(text):
            return int(text)
        said = Text(
            f"“{attribute}”应为正整数，现为“{text[:40]}”。",
            f"“{attribute}” must be a whole number above zero, not “{text[:40]}”.",
        )
        self.fault("bad-number", element, owner, said)
        return None

    def spans(self, element: etree._Element, attribute: str, owner: str) -> tuple[int, ...]:
        """Return whole numbers above zero, the largest first, each once."""
        text = element.get(attribute, "").strip()
        each = text.replace(",", " ").split()
        if all(_is_number(one) for one in each) and len(each) <= MOST_SPANS:
            return tuple(sorted({int(one) for one in each}, reverse=True))
        said = Text(
            f"“{attribute}”应为正整数，可以写几个，用空格隔开，最多{MOST_SPANS}个，"
            f"现为“{text[:40]}”。",
            f"“{attribute}” must be whole numbers above zero, with spaces between, "
            f"{MOST_SPANS} at most, not “{text[:40]}”.",
        )
        self.fault("bad-number", element, owner, said)
        return ()

    def action(self, element: etree._Element | None) -> ActionCall | None:
        """Return the named function of a ``gov:action`` with its arguments."""
        if element is None:
            return None
        params = element.findall(xml.gov("param"))
        arguments = tuple((param.get("name", ""), param.get("value", "")) for param in params)
        return ActionCall(element.get("name", "").strip(), arguments)

    def decision(self, element: etree._Element | None) -> DecisionRef | None:
        """Return the decision that a ``gov:decision`` names."""
        if element is None:
            return None
        sets = tuple(element.get("sets", "").replace(",", " ").split())
        return DecisionRef(element.get("ref", "").strip(), element.get("result", "").strip(), sets)

    def _limit(self, element: etree._Element, owner: str) -> int | str | None:
        if element.get("limit", "").strip() == CASE_LIMIT:
            return CASE_LIMIT
        return self.number(element, "limit", owner)

    def unit(self, element: etree._Element, attribute: str, owner: str) -> str:
        """Return the unit of time that an attribute names."""
        return self._one_of(element, attribute, LIMIT_UNITS, "unknown-limit-unit", owner)

    def _one_of(
        self,
        element: etree._Element,
        attribute: str,
        allowed: tuple[str, ...],
        rule: str,
        owner: str,
    ) -> str:
        value = element.get(attribute, "").strip()
        if not value or value in allowed:
            return value
        choices = ", ".join(allowed)
        text = Text(
            f"“{attribute}”的值“{value[:40]}”不存在，可用：{choices}。",
            f"“{value[:40]}” is no known “{attribute}”; use one of: {choices}.",
        )
        self.fault(rule, element, owner, text)
        return ""


def _is_number(text: str) -> bool:
    # Not int(): it would take full-width digits, underscores and huge numbers.
    return text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0


def extension(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first ``gov:name`` among an element's extension elements."""
    found: etree._Element | None = element.find(f"{xml.bpmn('extensionElements')}/{xml.gov(name)}")
    return found


def english(element: etree._Element) -> str:
    """Return the element's English name from ``gov:label``."""
    for label in element.iterfind(f"{xml.bpmn('extensionElements')}/{xml.gov('label')}"):
        if label.get("lang", "en").lower().startswith("en"):
            return xml.texts(label)
    return ""


def answer(element: etree._Element) -> str:
    """Return what an element says of the citizen's answer: given, open again, or nothing."""
    return next((name for name in ANSWERS if extension(element, name) is not None), "")


def papers(element: etree._Element) -> tuple[str, ...]:
    """Return the templates that the ``gov:document`` elements of a node name."""
    named = element.iterfind(f"{xml.bpmn('extensionElements')}/{xml.gov('document')}")
    return tuple(dict.fromkeys(one.get("template", "").strip() for one in named))


def line_of(element: etree._Element) -> int | None:
    """Return the line on which an element starts."""
    line = element.sourceline
    return line if isinstance(line, int) else None
