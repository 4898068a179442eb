"""What a browser or another tool could take for something else than a diagram or a table.

Standards leave room for strangers in ``extensionElements``, in the ``extension`` of a picture
and in the text of ``documentation``; anywhere else they have no meaning, here or for a modeler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.bpmn.check.findings import Finding
from engine.bpmn.check.rules.files import foreign_element, xml_instruction
from engine.bpmn.labels import quoted
from engine.bpmn.parsing import extensions, xml
from feel.text import Text

_MOST: Final = 20

INSTRUCTION = xml_instruction.RULE
STRANGER = foreign_element.RULE
_STANDARDS: Final = tuple(
    f"{scheme}://www.omg.org/spec/{name}/"
    for scheme in ("http", "https")
    for name in ("BPMN", "DD", "DMN")
)


def instructions(file: str, root: etree._Element) -> Finding | None:
    """Return the first processing instruction of a file, before or after its root included."""
    found = next(iter(xml.instructions(root)), None)
    if found is None:
        return None
    name = quoted(str(found.target))
    text = Text(
        f"文件含有处理指令“<?{name} …?>”，浏览器可能据此把文件当作网页打开，出于安全不予接受。",
        f"The file has a processing instruction “<?{name} …?>”, by which a browser might open it "
        "as a page; it is refused for safety.",
    )
    return INSTRUCTION.finding(file, text, line=extensions.line_of(found))


def strangers(file: str, root: etree._Element) -> tuple[Finding, ...]:
    """Return elements of other namespaces where the standards leave no room for them, each tag
    once.
    """
    first: dict[str, etree._Element] = {}
    for element in _foreign(root):
        first.setdefault(str(element.tag), element)
    return tuple(_finding(file, element) for element in list(first.values())[:_MOST])


def _foreign(root: etree._Element) -> Iterator[etree._Element]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        if not _standard(element):
            yield element
        elif not _roomy(element):
            waiting.extend(reversed(element))


def _standard(element: etree._Element) -> bool:
    return (etree.QName(element).namespace or "").startswith(_STANDARDS)


def _roomy(element: etree._Element) -> bool:
    """Return whether it may hold anything. Of DI only ``extension``; BPMN has one that may not."""
    name = etree.QName(element)
    if name.localname == "extension":
        return (name.namespace or "").rstrip("/").endswith("/DI")
    return name.localname in ("extensionElements", "documentation")


def _finding(file: str, element: etree._Element) -> Finding:
    name = etree.QName(element)
    space = quoted(name.namespace or "")
    text = Text(
        f"元素“{quoted(name.localname)}”（{space or '没有命名空间'}）不属于 BPMN 或 DMN。",
        f"The element “{quoted(name.localname)}” ({space or 'no namespace'}) is neither BPMN "
        "nor DMN.",
    )
    around = [element, *element.iterancestors()]
    owner = next((one.get("id") for one in around if one.get("id")), None)
    return STRANGER.finding(file, text, element=owner, line=extensions.line_of(element))
