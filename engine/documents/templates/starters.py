"""A Word file to begin a template with: everything that a paper of its kind says, plainly set."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from engine.documents.papers.catalogue import PaperKind
from engine.documents.papers.spoken_words import LINES
from forms.definition import Field

SONG, FANG, HEI = "方正小标宋简体", "仿宋_GB2312", "黑体"
LINE = Pt(22.77)
MIDDLE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_PERSON = (
    "{{ p.side }}：{% if p.firm %}名称 {{ p.name }}，统一社会信用代码 {{ p.code }}，法定代表人 "
    "{{ p.boss }}，职务 {{ p.boss_post }}，联系方式 {{ p.phone }}，地址 {{ p.home }}{% else %}"
    "姓名 {{ p.name }}，性别 {{ p.sex }}，民族 {{ p.nation }}，年龄 {{ p.age }}，职业或职务 "
    "{{ p.job }}，联系方式 {{ p.phone }}，单位或住址 {{ p.home }}{% endif %}。"
)
_AGENT = (
    "{{ a.side }}：姓名 {{ a.name }}，与被代理人的关系 {{ a.relation }}，联系方式 {{ a.phone }}。"
)
# Always the same bytes for the same kind.
_MADE = datetime(2026, 1, 1)


def starter(kind: PaperKind) -> bytes:
    """Return the file; it passes the check of its kind."""
    paper = Document()
    paper.core_properties.created = paper.core_properties.modified = _MADE
    paper.core_properties.author = paper.core_properties.comments = ""
    paper.core_properties.title = kind.title.zh
    sheet = paper.sections[0]
    sheet.page_width, sheet.page_height = Mm(210), Mm(297)
    sheet.top_margin, sheet.bottom_margin = Mm(37), Mm(35)
    sheet.left_margin, sheet.right_margin = Mm(28), Mm(26)
    _page_number(sheet)
    _write(paper, kind.title.zh, size=22, font=SONG, align=MIDDLE, indent=False)
    if kind.numbered:
        _write(paper, "编号：{{ number }}", align=RIGHT, indent=False)
    if kind.sides:
        _people(paper)
    for field in kind.words.fields:
        if field.asks:
            _field(paper, field)
    _signatures(paper, kind)
    out = io.BytesIO()
    paper.save(out)
    return _undated(out.getvalue())


def _undated(data: bytes) -> bytes:
    """Return the same file with its parts dated alike."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            part = zipfile.ZipInfo(entry.filename, _MADE.timetuple()[:6])
            new.writestr(part, old.read(entry), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _people(paper: Any) -> None:
    _write(paper, "{%p for p in parties %}")
    _write(paper, _PERSON)
    _write(paper, "{%p for a in p.agents %}")
    _write(paper, _AGENT)
    _write(paper, "{%p endfor %}")
    _write(paper, "{%p endfor %}")


def _field(paper: Any, field: Field) -> None:
    name, label = f"words.{field.name}", field.label.zh
    if field.kind == "yes_no":
        _write(paper, f"{{%p if {name} %}}")
        _write(paper, f"{label}。")
        _write(paper, "{%p endif %}")
    elif field.kind == "list":
        _write(paper, label, font=HEI, indent=False, together=True)
        _table(paper, name, field)
    elif field.name in LINES:
        _write(paper, label, font=HEI, indent=False, together=True)
        _write(paper, f"{{%p for one in {name} %}}")
        _write(paper, "{{ loop.index }}．{{ one }}")
        _write(paper, "{%p endfor %}")
    elif field.kind == "textarea":
        _write(paper, label, font=HEI, indent=False, together=True)
        _write(paper, f"{{{{ {name} }}}}")
    else:
        _write(paper, f"{label}：{{{{ {name} }}}}", indent=False)


def _table(paper: Any, name: str, field: Field) -> None:
    inner = [one for one in field.fields if one.asks]
    heads = ["序号", *(one.label.zh for one in inner)]
    said = ["{{ loop.index }}", *(f"{{{{ one.{part.name} }}}}" for part in inner)]
    rows = [heads, [f"{{%tr for one in {name} %}}"], said, ["{%tr endfor %}"]]
    table = paper.add_table(rows=len(rows), cols=len(heads), style="Table Grid")
    for row, words in zip(table.rows, rows, strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, word in zip(row.cells, words, strict=False):
            _write(cell, word, size=12, align=MIDDLE, indent=False)
            cell._tc.remove(cell.paragraphs[0]._p)


def _signatures(paper: Any, kind: PaperKind) -> None:
    if kind.sides:
        _write(paper, "{%p for p in parties %}", together=True)
        _write(paper, "{{ p.side }}（签名盖章或者按指印）：", indent=False, together=True)
        _write(paper, "{%p endfor %}", together=True)
        _write(paper, "人民调解员（签名）：", indent=False, together=True)
    _write(paper, "（{{ unit }}印章）", align=RIGHT, indent=False)


def _write(
    where: Any,
    words: str,
    *,
    size: int = 14,
    font: str = FANG,
    align: Any = None,
    indent: bool = True,
    together: bool = False,
) -> None:
    line = where.add_paragraph()
    layout = line.paragraph_format
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = LINE if size < 20 else Pt(45.54)
    layout.space_before = layout.space_after = Pt(0)
    layout.first_line_indent = Pt(size * 2) if indent else None
    layout.keep_with_next = layout.keep_together = together
    line.alignment = align
    run = line.add_run(words)
    run.font.size, run.font.name, run.font.bold = Pt(size), font, size > 20
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _page_number(section: Any) -> None:
    line = section.footer.paragraphs[0]
    line.alignment = MIDDLE
    line.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    line._p.append(field)
    line.add_run(" —")
