"""Read XML from people we do not trust: no entities, no network, no DOCTYPE, bounded size."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from engine.bpmn.errors import XmlRefused
from feel.text import Text

MAX_BYTES: Final = 1_000_000

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
GOV: Final = "urn:fengqiao:governance:1"

_HTML = re.compile(rb"\A\s*<(!doctype\s+html|html[\s>])", re.IGNORECASE)
_NOT_XML = Text(
    "这不是 XML 文件，请上传由流程设计器导出的 .bpmn 或 .dmn 文件。",
    "This is not an XML file; choose a .bpmn or .dmn file written by a process modeler.",
)


def load(
    data: bytes, *, max_bytes: int = MAX_BYTES, keep_instructions: bool = False
) -> etree._Element:
    """Parse ``data`` and return its root element.

    Processing instructions are left out, unless the caller is to look at them.
    Any encoding that the XML declaration names is read, UTF-16 and GBK included.
    Raises XmlRefused with rule ``xml-empty``, ``xml-too-large``, ``xml-not-xml``,
    ``xml-broken``, ``xml-too-deep`` or ``xml-doctype``.
    """
    _refuse_by_sight(data, max_bytes)
    # A new parser every time: a shared one keeps the error log of the last file.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_pis=not keep_instructions,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    except (ValueError, LookupError) as error:
        raise XmlRefused("xml-not-xml", _NOT_XML) from error
    if root is None:
        raise XmlRefused("xml-not-xml", _NOT_XML)
    _refuse_doctype(root)
    return root


def instructions(root: etree._Element) -> list[etree._ProcessingInstruction]:
    """Return the processing instructions of a document, those around its root included."""
    before = [*root.itersiblings(etree.PI, preceding=True)]
    found = [*reversed(before), *root.iter(etree.PI), *root.itersiblings(etree.PI)]
    return [one for one in found if isinstance(one, etree._ProcessingInstruction)]


def _refuse_by_sight(data: bytes, max_bytes: int) -> None:
    if not data.strip():
        raise XmlRefused("xml-empty", Text("文件是空的。", "The file is empty."))
    if len(data) > max_bytes:
        text = Text(
            f"文件超过 {max_bytes // 1000} KB 的上限。",
            f"The file is larger than the limit of {max_bytes // 1000} KB.",
        )
        raise XmlRefused("xml-too-large", text)
    if _HTML.match(data):
        raise XmlRefused("xml-not-xml", _NOT_XML, line=1)


def _refuse_doctype(root: etree._Element) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.public_id or info.system_url:
        text = Text(
            "文件含有 DOCTYPE 声明。流程文件不需要它，出于安全不予接受；请删除该声明。",
            "The file has a DOCTYPE declaration. Process files need none, and it is refused "
            "for safety; remove it.",
        )
        raise XmlRefused("xml-doctype", text, line=1)


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    line = error.lineno or 1
    message = (error.msg or "").split("\n")[0]
    if "depth" in message.lower():
        text = Text("元素嵌套过深。", "Elements are nested too deeply.")
        return XmlRefused("xml-too-deep", text, line)
    if line <= 1 and ("Start tag expected" in message or "Document is empty" in message):
        return XmlRefused("xml-not-xml", _NOT_XML, line)
    text = Text(
        f"XML 在第 {line} 行有错误，文件可能不完整或被改动：{message}",
        f"The XML is broken at line {line}; the file may be cut off or altered: {message}",
    )
    return XmlRefused("xml-broken", text, line)


def bpmn(name: str) -> str:
    """Return the full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def gov(name: str) -> str:
    """Return the full tag of one of our extension elements."""
    return f"{{{GOV}}}{name}"


def local(element: etree._Element) -> str:
    """Return an element's tag without its namespace; comments have none."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def texts(element: etree._Element | None) -> str:
    """Return the text of an element, trimmed; nothing for a missing element."""
    return (element.text or "").strip() if element is not None else ""


def bare(reference: str) -> str:
    """Return a qualified name (``ns:id``) without its prefix; an id holds no colon."""
    return reference.strip().rpartition(":")[2]


def flag(element: etree._Element, name: str, *, default: bool) -> bool:
    """Return a boolean attribute."""
    text = element.get(name)
    return text.strip().lower() == "true" if text else default
