"""Templates of papers in Word: harmless ones are filled and set, hostile ones refused by place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from engine.documents.papers import printing
from engine.documents.papers.catalogue import KINDS
from engine.documents.templates import filling, package, previews, starters, template_child
from engine.terms.papers import PAPERS
from tests.engine.documents.test_papers import AGREEMENT, FACTS

KIND = KINDS["agreement"]
GOOD = starters.starter(KIND)
DOC, RELS, TYPES = "word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"
FACT = "{{ words.facts }}"
LINK = (
    '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="http://127.0.0.1:9/x.png"{mode}/></Relationships>'
)


def rewritten(change: dict[str, tuple[str, str]], more: dict[str, bytes] | None = None) -> bytes:
    """The good template with a part written otherwise, or with more parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename in change:
                before, after = change[entry.filename]
                assert before.encode() in content, before
                content = content.replace(before.encode(), after.encode(), 1)
            new.writestr(entry.filename, content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def said(words: str) -> bytes:
    """The good template that says this in place of the facts, and the facts beside it."""
    return rewritten({DOC: (FACT, f"{FACT}{words}")})


def found(data: bytes) -> list[str]:
    """What the child would say, asked without a process for each."""
    answer = (
        template_child.answer(filling.question(KIND, data)) if len(data) < package.LARGEST else None
    )
    told = filling.check(KIND, data) if answer is None else filling.findings_of(KIND, answer)
    return [f"{one.place.zh}：{one.text.zh}" for one in told]


@pytest.mark.parametrize("key", PAPERS)
def test_what_staff_begin_with_passes_and_is_filled(key: str) -> None:
    kind = KINDS[key]
    data = starters.starter(kind)
    words, facts = previews.made_up(kind, date(2026, 11, 30))
    case = {"case": filling.case_of(kind, words, facts, ""), "title": "", "unit": "", "made": ""}
    answer = template_child.answer({**filling.question(kind, data), **case})
    assert filling.findings_of(kind, answer) == []
    assert kind.title.zh in answer["html"] and "{" not in answer["html"].partition("<body>")[2]


def test_the_child_says_the_same() -> None:
    assert filling.check(KIND, GOOD) == []
    told = filling.check(KIND, said("{{ ''.__class__ }}"))
    assert "__class__" in told[0].text.zh and told[0].place.zh.startswith("正文“")


def test_a_filled_template_says_what_the_paper_says_and_is_set() -> None:
    told = {**AGREEMENT, "facts": "渠水漫入<温室>&\n第二行{{ 7 * 7 }}"}
    filled = filling.fill(KIND, GOOD, told, FACTS, "（2026）南湖人调字第1号", "2026-11-30")
    assert "渠水漫入&lt;温室&gt;&amp;<br>第二行{{ 7 * 7 }}" in filled.html
    assert "人民币玖仟元伍角整" not in filled.html and "赔偿青苗损失" in filled.html
    assert filled.html.count("<tr") == 3 and "南湖人调字第1号" in filled.html
    assert Document(io.BytesIO(filled.word)).paragraphs[0].text == "人民调解协议书"
    done = printing.printed(filled.html, picture=True)
    assert done.pdf.startswith(b"%PDF") and done.pages >= 1


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("{{ ''.__class__ }}", "__class__"),
        ("{{ ().__class__.__mro__[1].__subclasses__() }}", "__class__"),
        ("{{ ''|attr('__class__') }}", "|attr"),
        ("{{ number['__class__'] }}", "__class__"),
        ("{% for a in range(10**9) %}{% endfor %}", "( )"),
        ("{{ 9**9**9 }}", "**"),
        ("{% import 'x' as y %}", "import"),
        ("{{ '{0.__class__}'.format(number) }}", "大括号没有成对"),
        ("{% macro m() %}{% endmacro %}", "macro"),
        ("{{ number.upper() }}", "( )"),
        ("{{ 'A' * 1000000000 }}", "*"),
        ("{{ '%1000000d' % 1 }}", "%"),
        ("{% set a = 1 %}", "set"),
        ("{{ number", "大括号没有成对"),
        ("{% if number %}", "占位写错"),
        ("{{r number }}", "不能用这种占位写法"),
        ("{{ words.fcts }}", "没有“words.fcts”"),
        ("{{ secret_key }}", "没有“secret_key”"),
        ("{{ words }}", "“words”是一组内容"),
        ("{% for a in number %}{% endfor %}", "“number”不是一组内容"),
        ("{% for a in parties %}{{ a.salary }}{% endfor %}", "没有“a.salary”"),
        ("{% for a in parties %}{% for b in parties %}{% for c in parties %}"
         "{% for d in parties %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}", "套得太深"),
    ],
)  # fmt: skip
def test_a_hostile_or_mistaken_placeholder_is_refused_where_it_stands(
    words: str, place: str
) -> None:
    told = found(said(words))
    assert told and told[0].startswith("正文") and any(place in one for one in told), told


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (lambda: rewritten({RELS: ("</Relationships>",
          LINK.format(kind="image", mode=' TargetMode="External"'))}), "http://127.0.0.1:9/x.png"),
        (lambda: rewritten({RELS: ("</Relationships>",
          LINK.format(kind="attachedTemplate", mode=""))}), "指向文件以外"),
        (lambda: rewritten({}, {"word/vbaProject.bin": b"\xd0\xcf"}), "word/vbaProject.bin"),
        (lambda: rewritten({TYPES: ("wordprocessingml.document.main+xml",
          "ms-word.document.macroEnabled.main+xml")}), "含有宏"),
        (lambda: rewritten({}, {"word/embeddings/oleObject1.bin": b"x"}), "oleObject1"),
        (lambda: rewritten({}, {"word/afchunk.html": b"<script/>"}), "afchunk"),
        (lambda: rewritten({}, {"../../etc/x": b"x"}), "../../etc/x"),
        (lambda: rewritten({}, {"word/media/a.png": b"\0" * (1 << 20)}), "word/media/a.png"),
        (lambda: rewritten({}, {"docProps/custom.xml": b"<a>" + b" " * (19 << 20) + b"</a>"}),
         "压缩得过密"),
        (lambda: rewritten({}, {"docProps/custom.xml": b" " * (30 << 20)}), "解开以后超过 20 MB"),
        (lambda: rewritten({}, {"docProps/custom.xml":
          b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'}), "DOCTYPE"),
        (lambda: rewritten({}, {"docProps/custom.xml":
          b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'}), "DOCTYPE"),
        (lambda: rewritten({DOC: ("<w:t>", '<w:instrText>DDEAUTO c:\\x "y"</w:instrText><w:t>')}),
         "DDEAUTO"),
        (lambda: rewritten({DOC: ("<w:t>", "<w:instrText>INCLUDE</w:instrText><w:instrText>TEXT x"
          "</w:instrText><w:t>")}), "INCLUDETEXT"),
        (lambda: rewritten({"docProps/core.xml": (KIND.title.zh, "{{ x }}")}), "占位只能写在"),
        (lambda: b"not a zip", "不是 Word 文件"),
        (lambda: b"", "不是 Word 文件"),
        (lambda: GOOD[:9000], "不是 Word 文件"),
        (lambda: GOOD[:2000] + b"\0" * 3000 + GOOD[5000:], ""),
        (lambda: b"PK" + b"x" * (3 << 20), "超过 2 MB"),
    ],
)  # fmt: skip
def test_a_file_that_acts_fetches_or_is_broken_is_refused_by_part(
    data: Callable[[], bytes], place: str
) -> None:
    told = found(data())
    assert told and any(place in one for one in told), told


def drawn(change: Callable[[Any], None]) -> bytes:
    """The good template, its third paragraph changed."""
    paper = Document(io.BytesIO(GOOD))
    change(paper.paragraphs[2])
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        (f"<w:r {nsdecls('w')}><w:drawing/></w:r>", "图片或者图形"),
        (f"<w:r {nsdecls('w')}><w:pict/></w:r>", "文本框"),
        (f"<w:ins {nsdecls('w')}><w:r><w:t>暗</w:t></w:r></w:ins>", "修订痕迹"),
        (f"<w:r {nsdecls('w')}><w:footnoteReference w:id='1'/></w:r>", "脚注"),
        (f"<w:r {nsdecls('w')}><w:rPr><w:vanish/></w:rPr><w:t>暗</w:t></w:r>", "vanish"),
        (f"<w:customThing {nsdecls('w')}><w:r><w:t>暗</w:t></w:r></w:customThing>", "customThing"),
    ],
)
def test_what_the_page_could_not_show_is_named_where_it_stands(xml: str, what: str) -> None:
    told = found(drawn(lambda line: line._p.append(parse_xml(xml))))
    assert len(told) == 1 and what in told[0] and told[0].startswith("正文“"), told


def test_automatic_numbers_are_named() -> None:
    def number(line: Any) -> None:
        numbered = OxmlElement("w:numPr")
        line._p.get_or_add_pPr().append(numbered)

    assert any("自动编号" in one for one in found(drawn(number)))


@pytest.mark.parametrize(
    ("words", "missing"),
    [(FACT, "纠纷主要事实、争议事项（words.facts）"), ("{{ words.liability }}", "words.liability"),
     ("{{ words.place }}", "words.place"), ("{{ number }}", "编号（number）")],
)  # fmt: skip
def test_a_template_that_leaves_out_what_the_law_names_is_refused(words: str, missing: str) -> None:
    told = found(rewritten({DOC: (words, "")}))
    assert len(told) == 1 and "没有印出：" in told[0] and missing in told[0], told


def test_cells_go_over_columns_and_rows_and_headings_keep_their_look() -> None:
    paper = Document(io.BytesIO(GOOD))
    table = paper.add_table(rows=2, cols=3, style="Table Grid")
    table.cell(0, 0).merge(table.cell(1, 0)).text = "上下"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "左右"
    out = io.BytesIO()
    paper.save(out)
    html = filling.fill(KIND, out.getvalue(), AGREEMENT, FACTS).html
    assert 'rowspan="2"' in html and 'colspan="2"' in html and html.count('class="lines"') == 2
    assert "FandolSong" in html and "position: running(foot)" in html and 'class="n0"' in html


def test_a_real_case_is_covered() -> None:
    assert previews.cover("李秀兰 13893612345，Ab。\n𠮷") == "某某某 00000000000，xx。\n某"


def test_the_parts_that_are_let_in_are_listed() -> None:
    assert package.PARTS.match("word/header1.xml") and not package.PARTS.match("word/media/a.png")
