"""A filled Word file as one page of HTML, for the typesetter of all papers.

What it knows is listed: paragraphs, runs, tables, page numbers, header and footer. Anything else
is named, with the words that stand there, so that nothing that staff wrote vanishes in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from docx.document import Document
from lxml import etree

from engine.documents.templates.layout import (
    LayoutStyles,
    Traits,
    W,
    attribute,
    line_css,
    number,
    on,
    run_css,
)
from engine.documents.templates.package import TemplateFinding, place_of
from feel.text import Text

SILENT = frozenset((
    "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd", "commentRangeStart",
    "commentRangeEnd", "lastRenderedPageBreak", "pPr", "rPr", "tblPr", "tblGrid", "tblPrEx", "trPr",
    "tcPr", "softHyphen", "sdtPr", "sdtEndPr",
))  # fmt: skip
WRAPPERS = frozenset(("hyperlink", "smartTag", "sdt", "sdtContent"))
COUNTERS = {"PAGE": "counter(page)", "NUMPAGES": "counter(pages)", "SECTIONPAGES": "counter(pages)"}
CALLED = {
    "drawing": Text("图片或者图形", "a picture or drawing"),
    "pict": Text("图片或者文本框", "a picture or text box"),
    "object": Text("嵌入的对象", "an embedded object"),
    "AlternateContent": Text("文本框或者图形", "a text box or drawing"),
    "ins": Text("修订痕迹（请先接受修订）", "a tracked change (accept it first)"),
    "del": Text("修订痕迹（请先接受修订）", "a tracked change (accept it first)"),
    "footnoteReference": Text("脚注", "a footnote"),
    "endnoteReference": Text("尾注", "an endnote"),
    "oMath": Text("公式", "a formula"),
    "numPr": Text("自动编号（请写成文字）", "automatic numbering (type the numbers)"),
    "sectPr": Text("分节符", "a section break"),
    "framePr": Text("图文框", "a frame"),
}
HEAD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="author" content="{unit}">
<meta name="dcterms.created" content="{made}"><meta name="dcterms.modified" content="{made}">
<style>
@page {{ size: {width:.2f}pt {height:.2f}pt;
  margin: {top:.2f}pt {right:.2f}pt {bottom:.2f}pt {left:.2f}pt;
  @top-center {{ content: element(head); width: 100% }}
  @bottom-center {{ content: element(foot); width: 100% }} }}
body {{ margin: 0; orphans: 2; widows: 2; overflow-wrap: anywhere }}
p {{ white-space: pre-wrap }} p:empty::before {{ content: "\\a0" }}
table {{ border-collapse: collapse; table-layout: fixed }}
td {{ padding: 0 5pt; vertical-align: top }} tr.whole {{ break-inside: avoid }}
.lines td {{ border: .5pt solid #000 }}
.head {{ position: running(head) }} .foot {{ position: running(foot) }}
.n0::before {{ content: counter(page) }} .n1::before {{ content: counter(pages) }}
.tab {{ display: inline-block; width: 2em }} .page {{ break-after: page }}
</style></head><body>"""


class TemplateMarkup:
    """Turns one file into HTML; ``findings`` name what it cannot show."""

    def __init__(self, word: Document) -> None:
        self.word = word
        self.findings: list[TemplateFinding] = []
        styles = getattr(word.part, "_styles_part", None)
        self.styles = LayoutStyles(None if styles is None else styles.element)
        sections = word.element.body.findall(f"{W}sectPr")
        self.section = sections[-1] if sections else None
        grid = None if self.section is None else self.section.find(f"{W}docGrid")
        lines = attribute(grid, "type") in ("lines", "linesAndChars", "snapToChars")
        self.pitch = (number(attribute(grid, "linePitch")) or 0) if lines else 0.0
        self._part = "word/document.xml"

    def page(self, title: str, unit: str, made: str) -> str:
        """Return the whole page."""
        body = "".join(self._blocks(self.word.element.body))
        head, foot = self._margin("header", "head"), self._margin("footer", "foot")
        told = {"title": escape(title), "unit": escape(unit), "made": escape(made)}
        return f"{HEAD.format(**told, **self._sheet())}{head}{foot}{body}</body></html>"

    def _sheet(self) -> dict[str, float]:
        """Return the size of the paper and its margins, in points; A4 where none is said."""
        size = None if self.section is None else self.section.find(f"{W}pgSz")
        margins = None if self.section is None else self.section.find(f"{W}pgMar")
        found = {
            "width": number(attribute(size, "w")) or 595.3,
            "height": number(attribute(size, "h")) or 841.9,
        }
        found = {key: min(max(value, 200.0), 1700.0) for key, value in found.items()}
        for side, usual in (("top", 72.0), ("bottom", 72.0), ("left", 90.0), ("right", 90.0)):
            said = number(attribute(margins, side))
            found[side] = min(max(usual if said is None else said, 0.0), 180.0)
        return found

    def _margin(self, kind: str, name: str) -> str:
        part = getattr(self.word.sections[-1], kind) if len(self.word.sections) else None
        if part is None or part.is_linked_to_previous:
            return ""
        self._part = f"word/{kind}.xml"
        inside = "".join(self._blocks(part._element))
        return f'<div class="{name}">{inside}</div>'

    def _blocks(self, parent: etree._Element) -> Iterator[str]:
        for child in parent:
            name = etree.QName(child).localname
            if name == "p":
                yield self._line(child)
            elif name == "tbl":
                yield self._table(child)
            elif name in WRAPPERS:
                yield from self._blocks(child)
            elif child is not self.section and name not in SILENT:
                self._refuse(child, name)

    def _line(self, line: etree._Element) -> str:
        properties = line.find(f"{W}pPr")
        for name in ("numPr", "sectPr", "framePr"):
            one = None if properties is None else properties.find(f"{W}{name}")
            if one is not None and attribute(one.find(f"{W}numId"), "val") != "0":
                self._refuse(line, name)
        traits = self.styles.of_line(properties)
        inside = "".join(self._inline(line, traits, CutField()))
        return f'<p style="{escape(line_css(traits, self.pitch))}">{inside}</p>'

    def _inline(self, parent: etree._Element, line: Traits, field: CutField) -> Iterator[str]:
        for child in parent:
            name = etree.QName(child).localname
            if name == "r":
                yield self._run(child, line, field)
            elif name == "fldSimple":
                yield _counter(attribute(child, "instr"))
            elif name in WRAPPERS:
                yield from self._inline(child, line, field)
            elif name not in SILENT:
                self._refuse(child, name)

    def _run(self, run: etree._Element, line: Traits, field: CutField) -> str:
        properties = run.find(f"{W}rPr")
        if on(properties, "vanish"):
            self._refuse(run, "vanish")
        said = "".join(self._piece(one, field) for one in run)
        css = run_css(self.styles.of_run(properties, line), line)
        return f'<span style="{escape(css)}">{said}</span>' if css and said else said

    def _piece(self, piece: etree._Element, field: CutField) -> str:
        name = etree.QName(piece).localname
        if name == "fldChar":
            return field.step(attribute(piece, "fldCharType"))
        if name == "instrText":
            field.said += piece.text or ""
            return ""
        if field.shown:
            # What Word showed for the field when the file was saved.
            return ""
        if name == "t":
            return escape(piece.text or "")
        if name in ("br", "cr"):
            return '<span class="page"></span>' if attribute(piece, "type") == "page" else "<br>"
        if name == "tab":
            return '<span class="tab"></span>'
        if name == "noBreakHyphen":
            return "‑"
        if name not in SILENT:
            self._refuse(piece, name)
        return ""

    def _table(self, table: etree._Element) -> str:
        properties = table.find(f"{W}tblPr")
        widths = [number(attribute(one, "w")) or 0 for one in table.iter(f"{W}gridCol")]
        whole = sum(widths) or 1
        columns = "".join(f'<col style="width:{width / whole:.2%}">' for width in widths)
        lines = ' class="lines"' if self.styles.has_lines(properties) else ""
        middle = attribute(properties.find(f"{W}jc") if properties is not None else None, "val")
        place = "margin:0 auto" if middle == "center" else ""
        rows = [list(_cells(row)) for row in table.iterchildren(f"{W}tr")]
        body = "".join(
            self._row(row, rows, at) for at, row in enumerate(table.iterchildren(f"{W}tr"))
        )
        width = f"width:min(100%, {whole:.1f}pt)"
        return f'<table{lines} style="{width};{place}"><colgroup>{columns}</colgroup>{body}</table>'

    def _row(self, row: etree._Element, rows: list[list[Any]], at: int) -> str:
        whole = ' class="whole"' if on(row.find(f"{W}trPr"), "cantSplit") else ""
        cells, column = "", 0
        for cell, span, merged in rows[at]:
            if merged != "continue":
                cells += self._cell(cell, span, _depth(rows, at, column))
            column += span
        return f"<tr{whole}>{cells}</tr>"

    def _cell(self, cell: etree._Element, span: int, depth: int) -> str:
        properties = cell.find(f"{W}tcPr")
        align = attribute(properties.find(f"{W}vAlign") if properties is not None else None, "val")
        css = {"center": "vertical-align:middle", "bottom": "vertical-align:bottom"}.get(align, "")
        borders = properties.find(f"{W}tcBorders") if properties is not None else None
        for line in borders if borders is not None else ():
            side = {"start": "left", "end": "right"}.get(etree.QName(line).localname)
            side = side or etree.QName(line).localname
            if side in ("top", "bottom", "left", "right"):
                hidden = attribute(line, "val") in ("nil", "none")
                css += f";border-{side}:{'none' if hidden else '.5pt solid #000'}"
        size = f' colspan="{span}"' * (span > 1) + f' rowspan="{depth}"' * (depth > 1)
        return f'<td{size} style="{css}">{"".join(self._blocks(cell))}</td>'

    def _refuse(self, element: etree._Element, name: str) -> None:
        line: Any = element
        while line is not None and etree.QName(line).localname not in ("p", "tbl", "body"):
            line = line.getparent()
        words = "".join(t.text or "" for t in line.iter(f"{W}t"))[:60] if line is not None else ""
        what = CALLED.get(name, Text(f"“{name}”", f"“{name}”"))
        text = Text(f"不能有{what.zh}。", f"It must not hold {what.en}.")
        found = TemplateFinding(place_of(self._part, words), text)
        if found not in self.findings:
            self.findings.append(found)


class CutField:
    """A field that is cut into runs: begun, said, then what Word showed, then ended."""

    def __init__(self) -> None:
        self.said, self.shown = "", False

    def step(self, kind: str) -> str:
        if kind == "separate":
            self.shown = True
        elif kind == "end":
            said, self.said, self.shown = self.said, "", False
            return _counter(said)
        return ""


def _counter(instruction: str) -> str:
    name = (instruction.split() or [""])[0].upper()
    return f'<span class="n{0 if name == "PAGE" else 1}"></span>' if name in COUNTERS else ""


def _cells(row: etree._Element) -> Iterator[tuple[etree._Element, int, str]]:
    for cell in row.iterchildren(f"{W}tc"):
        properties = cell.find(f"{W}tcPr")
        span = attribute(properties.find(f"{W}gridSpan") if properties is not None else None, "val")
        merge = properties.find(f"{W}vMerge") if properties is not None else None
        merged = "" if merge is None else (attribute(merge, "val") or "continue")
        yield cell, int(span) if span.isdigit() and 0 < int(span) < 64 else 1, merged


def _depth(rows: list[list[Any]], at: int, column: int) -> int:
    """Return over how many rows a cell goes that begins in this one."""
    depth = 1
    for row in rows[at + 1 :]:
        place = 0
        for _cell, span, merged in row:
            if place == column and merged == "continue":
                depth += 1
                break
            place += span
        else:
            return depth
    return depth
