"""What a file holds that means nothing here: other products' settings, data objects."""

from __future__ import annotations

from collections import defaultdict

from lxml import etree

from engine.bpmn.check import file_rules
from engine.bpmn.check.findings import Finding
from engine.bpmn.check.rules.files import data_objects_ignored
from engine.bpmn.labels import quoted
from engine.bpmn.parsing import extensions, xml
from feel.text import Text

DATA = data_objects_ignored.RULE

_PRODUCTS = {
    "camunda.org/schema/1.0/bpmn": "Camunda 7",
    "camunda.org/schema/zeebe": "Camunda 8",
    "flowable.org": "Flowable",
    "activiti.org": "Activiti",
    "spiffworkflow.org": "SpiffWorkflow",
    "www.signavio.com": "Signavio",
    "www.jboss.org/drools": "jBPM",
}
_DATA = ("dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification")
_PICTURE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNPlane"


def check(file: str, root: etree._Element) -> list[Finding]:
    """Return what is worth knowing about a file as a whole."""
    found = _settings(file, root)
    data = next(root.iter(*(xml.bpmn(name) for name in _DATA)), None)
    if data is not None:
        text = Text(
            "图里有数据对象或数据存储，它们不参与运行。",
            "There are data objects; they take no part.",
        )
        found.append(
            DATA.finding(file, text, element=data.get("id"), line=extensions.line_of(data))
        )
    if next(root.iter(_PICTURE), None) is None and root.find(xml.bpmn("process")) is not None:
        text = Text("文件里没有图形信息。", "The file holds no picture of the process.")
        found.append(file_rules.NO_PICTURE.finding(file, text, line=extensions.line_of(root)))
    return found


def _settings(file: str, root: etree._Element) -> list[Finding]:
    """Return one finding a product, naming what it sets on which elements."""
    used: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    first: dict[str, etree._Element] = {}
    for element in root.iter():
        for name, owner in _foreign_names(element):
            product = _product(etree.QName(name).namespace or "")
            if product:
                first.setdefault(product, owner)
                used[product][owner.get("id", "")].add(etree.QName(name).localname)
    return [_finding(file, product, first[product], used[product]) for product in used]


def _foreign_names(element: etree._Element) -> list[tuple[str, etree._Element]]:
    if not isinstance(element.tag, str):
        return []
    found = [(str(name), element) for name in element.attrib if str(name).startswith("{")]
    parent = element.getparent()
    if parent is not None and parent.tag == xml.bpmn("extensionElements"):
        owner = parent.getparent()
        if owner is not None:
            found.append((element.tag, owner))
    return found


def _product(namespace: str) -> str:
    return next((name for part, name in _PRODUCTS.items() if part in namespace), "")


def _finding(file: str, product: str, owner: etree._Element, used: dict[str, set[str]]) -> Finding:
    parts = [
        f"{quoted(key, 30) or 'definitions'} ({', '.join(sorted(names)[:4])})"
        for key, names in list(used.items())[:8]
    ]
    more = len(used) - len(parts)
    listed = "; ".join(parts) + (f"; +{more}" if more > 0 else "")
    text = Text(
        f"文件含有 {product} 的设置，在这里不起作用：{listed}。",
        f"Settings of {product} have no effect here: {listed}.",
    )
    return file_rules.FOREIGN.finding(
        file, text, element=owner.get("id"), line=extensions.line_of(owner)
    )
