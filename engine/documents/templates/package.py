"""Whether a Word file is only paper: its zip, parts, links and fields, before anything fills it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from feel.text import Text

# In bytes, packed and unpacked; how dense a part may be.
LARGEST, LARGEST_UNPACKED, RATIO = 2 << 20, 20 << 20, 100
MOST_PARTS = 200
# Everything that a paper needs; the rest is refused by name.
PARTS = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core|custom)\.xml"
    r"|docProps/thumbnail\.(jpe?g|png|emf|wmf)|word/(_rels/[\w.]+\.rels|theme/[\w.]+"
    r"|theme/_rels/[\w.]+|(document|styles|settings|webSettings|fontTable|numbering|footnotes"
    r"|endnotes|stylesWithEffects|header\d*|footer\d*)\.xml)|customXml/[\w./-]*\.(xml|rels))$"
)
WRITTEN = re.compile(r"^word/(document|header\d*|footer\d*)\.xml$")
FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
ACTING = re.compile(r"macro|vba|activex|oleobject|template\.main", re.IGNORECASE)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
XML = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@dataclass(frozen=True)
class TemplateFinding:
    """What is wrong with a template, and where."""

    place: Text
    text: Text

    def as_json(self) -> list[str]:
        """Return it as the child tells it."""
        return [self.place.zh, self.place.en, self.text.zh, self.text.en]

    @classmethod
    def from_json(cls, said: list[str]) -> TemplateFinding:
        """Return what the child told."""
        return cls(Text(said[0], said[1]), Text(said[2], said[3]))


def place_of(part: str, words: str = "") -> Text:
    """Return what people call a part, with the words that stand there."""
    zh, en = part, part
    for stem, names in (
        ("word/document", ("正文", "the text")),
        ("word/header", ("页眉", "the header")),
        ("word/footer", ("页脚", "the footer")),
    ):
        if part.startswith(stem):
            zh, en = names
    words = " ".join(words.split())[:30]
    return Text(f"{zh}“{words}”", f"{en} “{words}”") if words else Text(zh, en)


def findings(data: bytes) -> list[TemplateFinding]:
    """Return what is wrong with the file and its parts; nothing of it runs."""
    if len(data) > LARGEST:
        return [_whole("文件超过 2 MB。", "The file is larger than 2 MB.")]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            return list(_parts(box))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError):
        return [
            _whole(
                "不是 Word 文件（.docx），或者已经损坏。", "It is no Word file, or a broken one."
            )
        ]


def _whole(zh: str, en: str) -> TemplateFinding:
    return TemplateFinding(Text("文件", "the file"), Text(zh, en))


def _parts(box: zipfile.ZipFile) -> Iterator[TemplateFinding]:
    entries = [one for one in box.infolist() if not one.filename.endswith("/")]
    names = {one.filename for one in entries}
    if len(entries) > MOST_PARTS or len(names) != len(entries):
        yield _whole("部件太多或者重名。", "It has too many parts, or one name twice.")
    elif sum(one.file_size for one in entries) > LARGEST_UNPACKED:
        yield _whole("解开以后超过 20 MB。", "It unpacks to more than 20 MB.")
    elif "word/document.xml" not in names:
        yield _whole("不是 Word 文件（.docx）。", "It is no Word file (.docx).")
    else:
        for entry in entries:
            yield from _part(box, entry)


def _part(box: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[TemplateFinding]:
    name = entry.filename
    place = place_of(name)
    if not PARTS.match(name):
        what = Text(
            "不能有这种部件（图片、宏、控件、批注或者嵌入的对象），请删去。",
            "It must not hold this part (a picture, macro, control, comment or embedded object).",
        )
        yield TemplateFinding(place, what)
    elif entry.file_size > RATIO * max(entry.compress_size, 1024):
        yield TemplateFinding(place, Text("压缩得过密。", "It is compressed too densely."))
    elif name.endswith((".xml", ".rels")):
        yield from _xml(name, place, box.read(entry))


def _xml(name: str, place: Text, content: bytes) -> Iterator[TemplateFinding]:
    try:
        tree = etree.fromstring(content, XML)
    except (etree.XMLSyntaxError, ValueError):
        yield TemplateFinding(place, Text("内容损坏，无法读取。", "It cannot be read."))
        return
    if tree.getroottree().docinfo.internalDTD is not None:
        yield TemplateFinding(place, Text("含有 DOCTYPE。", "It has a DOCTYPE."))
    for link in tree.iter("{*}Relationship"):
        outside = link.get("TargetMode", "").lower() == "external"
        if outside or "attachedTemplate" in link.get("Type", ""):
            target = link.get("Target", "")[:60]
            text = Text(f"指向文件以外：{target}。", f"It points outside: {target}.")
            yield TemplateFinding(place, text)
    for kind in tree.iter("{*}Override", "{*}Default"):
        if ACTING.search(kind.get("ContentType", "")):
            yield TemplateFinding(place, Text("含有宏或者对象。", "It has macros or objects."))
    for words in _instructions(tree):
        if (words.split() or [""])[0].upper() not in FIELDS:
            text = Text(
                f"不能用域“{words.strip()[:30]}”，只能用页码和页数。",
                f"The field “{words.strip()[:30]}” is not allowed; page numbers are.",
            )
            yield TemplateFinding(place, text)
    if not WRITTEN.match(name) and re.search(rb"\{[{%#]", content):
        text = Text(
            "占位只能写在正文、页眉和页脚。", "Placeholders stand in text, header and footer."
        )
        yield TemplateFinding(place, text)


def _instructions(tree: etree._Element) -> Iterator[str]:
    """What fields say; Word cuts a long one into several runs of a paragraph."""
    for line in tree.iter("{*}p"):
        said = ""
        for one in line.iter("{*}instrText", "{*}fldChar", "{*}fldSimple"):
            kind = etree.QName(one).localname
            if kind == "instrText":
                said += one.text or ""
            elif kind == "fldSimple":
                yield one.get(f"{W}instr", "")
            elif said:
                yield said
                said = ""
        if said:
            yield said
