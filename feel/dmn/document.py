"""Read a DMN file as XML, safely, and find its parts whatever DMN version it is."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from feel.faults import DmnFault
from feel.text import Text

MAX_BYTES = 1_000_000
_MAX_DEPTH = 40

Element = etree._Element


def parse(data: bytes) -> Element:
    """Return the root of a DMN file. Raises DmnFault for anything that is not one, or not harmless
    XML.
    """
    if len(data) > MAX_BYTES:
        raise DmnFault(Text("DMN 文件超过 1 MB。", "The DMN file is larger than 1 MB."))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _unreadable(error) from None
    if root is None:
        raise DmnFault(Text("文件里没有内容。", "There is nothing in the file."))
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise DmnFault(Text("不接受带 DOCTYPE 的文件。", "A file with a DOCTYPE is refused."))
    if tag(root) != "definitions":
        raise DmnFault(
            Text(
                "这不是 DMN 文件：最外层应是 definitions。",
                "This is no DMN file: no “definitions”.",
            ),
            element=tag(root),
            element_line=line_of(root),
        )
    return root


def _unreadable(error: Exception) -> DmnFault:
    line = getattr(error, "lineno", None)
    return DmnFault(
        Text(
            f"文件不是完整的 XML（第 {line or 1} 行）。",
            f"The file is no well-formed XML (line {line or 1}).",
        ),
        element_line=line,
    )


def tag(element: Element) -> str:
    """Return the name without its namespace; empty for comments and the like."""
    name = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def parts(element: Element, *names: str) -> Iterator[Element]:
    """Return the direct children of these names."""
    return (child for child in element if tag(child) in names)


def part(element: Element, *names: str) -> Element | None:
    return next(parts(element, *names), None)


def text_of(element: Element | None) -> str:
    """Return the content of the element's `text` child, without the white space around it."""
    child = None if element is None else part(element, "text")
    return "".join(map(str, child.itertext())).strip() if child is not None else ""


def line_of(element: Element) -> int | None:
    """Return the line of the file on which the element starts."""
    line = element.sourceline
    return line if isinstance(line, int) else None


def label(element: Element) -> str:
    """Return what to call the element in a message."""
    return element.get("label") or element.get("name") or element.get("id") or tag(element)


def fault(reason: Text, element: Element) -> DmnFault:
    """Return an error that names the element and its line."""
    return DmnFault(
        reason, element=element.get("id") or label(element), element_line=line_of(element)
    )


def require_feel(element: Element) -> None:
    """Raise DmnFault when the element says that its text is another language than FEEL."""
    language = element.get("expressionLanguage") or ""
    if language and "feel" not in language.lower():
        raise fault(
            Text(
                f"“{label(element)}”用的是“{language}”；这里只用 FEEL。",
                f"“{label(element)}” is written in “{language}”; only FEEL is used here.",
            ),
            element,
        )


def target(element: Element | None) -> str:
    """Return the id that an `href` points to."""
    return "" if element is None else (element.get("href") or "").rpartition("#")[2]
