"""Tell what each file is and read it; what cannot be read becomes one finding."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from lxml import etree

from engine.bpmn.check import file_rules, markup
from engine.bpmn.check.engine_rules import BAD_DECISION
from engine.bpmn.check.findings import REGISTER, Finding
from engine.bpmn.errors import XmlRefused
from engine.bpmn.labels import quoted
from engine.bpmn.nodes import ParsedFile
from engine.bpmn.parsing import extensions, xml
from engine.bpmn.parsing.processes import extract
from feel import FeelError, load_dmn
from feel.dmn import DmnModel
from feel.text import Text

if TYPE_CHECKING:
    from engine.bpmn.trial import Scenario
    from forms import Form

_DOCTYPE: Final = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")
_PROLOG: Final = 4_096
_XINCLUDE: Final = "http://www.w3.org/2001/XInclude"


@dataclass(frozen=True)
class FileReading:
    """One file as it was read: exactly one of the three, or findings that say why not."""

    file: str
    data: bytes = b""
    kind: str = ""  # bpmn, dmn, form, scenario; what it was meant to be if it could not be read
    root: etree._Element | None = None
    source: ParsedFile | None = None
    model: DmnModel | None = None
    form: Form | None = None
    scenario: Scenario | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def readable(self) -> bool:
        """Return whether it has any content."""
        content = (self.source, self.model, self.form, self.scenario)
        return any(one is not None for one in content)


@dataclass
class Files:
    """All files of a check, by name; ``reported_files`` are those that findings are wanted for."""

    readings: dict[str, FileReading] = field(default_factory=dict)
    reported_files: tuple[str, ...] = ()

    @property
    def sources(self) -> list[ParsedFile]:
        """The diagrams that could be read."""
        return [read.source for read in self.readings.values() if read.source is not None]

    @property
    def models(self) -> list[DmnModel]:
        """The decision files that could be read."""
        return [read.model for read in self.readings.values() if read.model is not None]

    @property
    def forms(self) -> dict[str, Form]:
        """The forms that could be read, by key."""
        return {
            read.form.key: read.form for read in self.readings.values() if read.form is not None
        }

    def lacks(self, kind: str) -> bool:
        """Return whether the content of a file of this kind is unknown."""
        return any(r.kind in (kind, "") and not r.readable for r in self.readings.values())


def read_file(file: str, data: bytes) -> FileReading:
    """Read one file, whatever it holds."""
    if file.lower().endswith(".json"):
        return _scenario(file, data) if is_scenario(file) else _form(file, data)
    try:
        root = xml.load(data, keep_instructions=True)
    except XmlRefused as refused:
        return FileReading(file, data, _meant(file), findings=(_refused(file, refused, data),))
    instruction = markup.instructions(file, root)
    if instruction is not None:
        return FileReading(file, data, _meant(file), findings=(instruction,))
    include = next(root.iter(f"{{{_XINCLUDE}}}include"), None)
    if include is not None:
        return FileReading(file, data, _meant(file), findings=(_included(file, include),))
    namespace = etree.QName(root).namespace or ""
    if "/DMN/" in namespace or (_meant(file) == "dmn" and namespace != xml.BPMN):
        read = _dmn(file, data, root)
    else:
        read = _bpmn(file, data, root)
    if read.root is None:
        return read
    return replace(read, findings=(*read.findings, *markup.strangers(file, root)))


def _meant(file: str) -> str:
    lower = file.lower()
    if lower.endswith(".dmn"):
        return "dmn"
    return "bpmn" if lower.endswith((".bpmn", ".xml")) else ""


def _refused(file: str, refused: XmlRefused, data: bytes = b"") -> Finding:
    rule = REGISTER.rules.get(refused.rule, file_rules.BROKEN)
    if rule is file_rules.BROKEN and _DOCTYPE.search(data[:_PROLOG]):
        # An entity that is never resolved makes the XML look broken; the cause is the DOCTYPE.
        text = Text("文件声明了 DOCTYPE 或实体。", "The file declares a DOCTYPE or entities.")
        return file_rules.DOCTYPE.finding(file, text, line=1)
    if rule is file_rules.BROKEN and ("encoding" in refused.text.en.lower() or _lies(data)):
        text = Text(
            "文件实际的文字编码与 XML 声明的不一致（没有声明就是 UTF-8）。",
            "The text is not in the encoding that the XML declaration names (UTF-8 if it names "
            "none).",
        )
        return file_rules.ENCODING.finding(file, text, line=refused.line)
    return rule.finding(file, refused.text, line=refused.line)


def _lies(data: bytes) -> bool:
    """Return whether it declares UTF-16 in plain ASCII."""
    head = data[:100].lower()
    return b"utf-16" in head and b"\0" not in head


def _included(file: str, element: etree._Element) -> Finding:
    target = quoted(element.get("href", ""))
    text = Text(
        f"文件要求从“{target}”取入内容，这不会执行。",
        f"The file asks for content from “{target}”; that is never done.",
    )
    return file_rules.INCLUDE.finding(file, text, line=extensions.line_of(element))


def _bpmn(file: str, data: bytes, root: etree._Element) -> FileReading:
    try:
        return FileReading(file, data, "bpmn", root, source=extract(root, file))
    except XmlRefused as refused:
        return FileReading(file, data, _meant(file), findings=(_refused(file, refused),))


def _dmn(file: str, data: bytes, root: etree._Element) -> FileReading:
    try:
        model = load_dmn(data)
    except FeelError as error:
        return FileReading(file, data, "dmn", root, findings=(_unusable(file, error),))
    found = tuple(_unusable(file, one.fault()) for one in model.broken_decisions.values())
    if model.by_id or found:
        return FileReading(file, data, "dmn", root, model=model, findings=found)
    text = Text("文件里没有决策。", "The file holds no decision.")
    return FileReading(file, data, "dmn", root, model=model, findings=(_no_decision(file, text),))


def _unusable(file: str, error: FeelError) -> Finding:
    return BAD_DECISION.finding(
        file,
        error.text,
        element=getattr(error, "element", "") or None,
        line=getattr(error, "element_line", None) or None,
    )


def _no_decision(file: str, text: Text) -> Finding:
    return file_rules.NO_DECISION.finding(file, text)


def _form(file: str, data: bytes) -> FileReading:
    # Only here: loading forms costs time that a diagram alone does not need.
    import forms

    try:
        return FileReading(file, data, "form", form=forms.load(data, source=file))
    except forms.BrokenForm as broken:
        findings = tuple(
            file_rules.BAD_FORM.finding(
                file, _message(found.where, found.message), element=found.where or None
            )
            for found in broken.findings
        )
        return FileReading(file, data, "form", findings=findings)


def is_scenario(file: str) -> bool:
    """Return whether it is a scenario, not a form."""
    return "scenarios" in PurePath(file).parts[:-1]


def _scenario(file: str, data: bytes) -> FileReading:
    # As with forms: a diagram alone needs neither.
    from engine.bpmn.trial.scenario import BadScenario, Scenario
    from forms import BrokenForm
    from forms.strict_json import parse

    try:
        return FileReading(file, data, "scenario", scenario=Scenario.read(parse(data, file)))
    except (BadScenario, BrokenForm) as error:
        text = error.text if isinstance(error, BadScenario) else error.findings[0].message
        found = REGISTER.rules["bad-scenario"].finding(file, text)
        return FileReading(file, data, "scenario", findings=(found,))


def _message(where: str, message: Text) -> Text:
    if not where:
        return message
    return Text(f"{where}：{message.zh}", f"{where}: {message.en}")
