"""The placeholders of a template: Jinja cut down to output, loops and conditions over known names.

What they name is compared with what a paper knows before anything is filled; a construct that is
not on the short list is refused, not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from engine.documents.templates.package import WRITTEN, TemplateFinding, place_of
from feel.text import Text

# A text is "", what has parts is a mapping, a list is [what each of it is].
Shape = Any
FILTERS, TESTS = frozenset({"length", "first", "last", "join", "default"}), frozenset({"defined"})
PLAIN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem,
    nodes.For, nodes.If, nodes.Compare, nodes.Operand, nodes.Const, nodes.Not, nodes.And, nodes.Or,
    nodes.Filter, nodes.Test,
)  # fmt: skip
LOOP: Shape = {"index": "", "first": "", "last": "", "length": ""}
DEEPEST = 3
_BALANCED = re.compile(r"(?:[^{}]|\{\{[^{}]*\}\}|\{%[^{}]*%\})*")
# These put what they say beside the runs of a paragraph, where nobody sees it.
_RAW = re.compile(r"\{\{\s*(?:r|p|tr|tc)\s|\{%\s*(?:cellbg|colspan|hm|vm)\b|\{_")


def environment() -> ImmutableSandboxedEnvironment:
    """Return the sandbox in which templates are filled; nothing is in reach but what is given."""
    sandbox = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    sandbox.globals.clear()
    for name in set(sandbox.filters) - FILTERS - {"e", "escape"}:
        del sandbox.filters[name]
    return sandbox


class PlaceholderReader:
    """Reads the placeholders of one template against the names that its paper knows."""

    def __init__(self, word: DocxTemplate, known: Mapping[str, Shape]) -> None:
        self.word, self.known = word, known
        self.findings: list[TemplateFinding] = []
        self.names: set[str] = set()
        self._part = ""

    def read(self) -> None:
        """Fill ``findings`` and ``names``, the names that were met (``words.facts``)."""
        self.word.init_docx()
        lines = dict(self._lines())
        self._words = lines
        for part, words in lines.items():
            self._part = part
            for line in words:
                if not _BALANCED.fullmatch(line):
                    self._find(line, "大括号没有成对。", "A brace has no partner.")
                elif _RAW.search(line):
                    self._find(
                        line, "不能用这种占位写法。", "This kind of placeholder is not allowed."
                    )
        if self.findings:
            return
        for part, text in self._sources():
            self._part = part
            self._source(text)

    def _lines(self) -> Iterator[tuple[str, list[str]]]:
        for part in self.word.docx.part.package.iter_parts():
            name = str(part.partname).lstrip("/")
            if WRITTEN.match(name):
                tree = etree.fromstring(part.blob)
                yield (
                    name,
                    ["".join(n.text or "" for n in one.iter("{*}t")) for one in tree.iter("{*}p")],
                )

    def _sources(self) -> Iterator[tuple[str, str]]:
        yield "word/document.xml", self.word.patch_xml(self.word.get_xml())
        for uri in (self.word.HEADER_URI, self.word.FOOTER_URI):
            for _key, part in self.word.get_headers_footers(uri):
                xml = self.word.patch_xml(self.word.get_part_xml(part))
                yield str(part.partname).lstrip("/"), xml

    def _source(self, text: str) -> None:
        try:
            tree = environment().parse(text)
        except TemplateError as error:
            self._find("", f"占位写错：{error.message}", f"A placeholder is wrong: {error.message}")
            return
        strange = [
            one for one in (self._strange(node) for node in tree.find_all(nodes.Node)) if one
        ]
        for words in strange:
            self._find(
                words, f"模板里不能用“{words}”。", f"“{words}” is not allowed in a template."
            )
        if not strange:
            self._walk(tree.body, dict(self.known), 0)

    def _strange(self, node: nodes.Node) -> str:
        """Return what is not on the short list, as it is written."""
        if not isinstance(node, PLAIN):
            return _SPOKEN.get(type(node).__name__, type(node).__name__)
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            return node.attr
        if isinstance(node, nodes.Getitem):
            key = node.arg.value if isinstance(node.arg, nodes.Const) else None
            if key is None or str(key).startswith("_"):
                return "[ ]" if key is None else str(key)
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            return f"|{node.name}"
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            return f"is {node.name}"
        if isinstance(node, nodes.For) and (node.recursive or node.test or node.else_):
            return "for … if"
        return ""

    def _walk(self, body: list[nodes.Node], scope: dict[str, Shape], depth: int) -> None:
        for node in body:
            if isinstance(node, nodes.For):
                self._loop(node, scope, depth + 1)
            elif isinstance(node, nodes.If):
                self._shape(node.test, scope)
                parts = (*node.elif_, *node.body, *node.else_)
                self._walk(list(parts), scope, depth)
            elif isinstance(node, nodes.Output):
                for one in node.nodes:
                    if not isinstance(one, nodes.TemplateData) and self._shape(one, scope):
                        words = _spelling(one)
                        zh = f"“{words}”是一组内容，请用循环逐项写。"
                        en = f"“{words}” has parts; write them one by one in a loop."
                        self._find(words, zh, en)

    def _loop(self, node: nodes.For, scope: dict[str, Shape], depth: int) -> None:
        found = self._shape(node.iter, scope)
        if depth > DEEPEST:
            self._find(_spelling(node.iter), "循环套得太深。", "Loops are nested too deeply.")
        elif not isinstance(found, list) or not isinstance(node.target, nodes.Name):
            if found is not None:
                words = _spelling(node.iter)
                self._find(words, f"“{words}”不是一组内容，不能循环。", f"“{words}” is no list.")
        else:
            inner = {**scope, node.target.name: found[0], "loop": LOOP}
            self._walk(node.body, inner, depth)

    def _shape(self, node: nodes.Node, scope: Mapping[str, Shape]) -> Shape:
        """Return what an expression is; None where it names what no paper knows."""
        if isinstance(node, nodes.Name):
            return self._member(node.name, scope, node.name)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            key = node.attr if isinstance(node, nodes.Getattr) else node.arg.value  # type: ignore[attr-defined]
            base = self._shape(node.node, scope)
            if isinstance(base, list) and isinstance(key, int):
                return base[0]
            if base is None:
                return None
            return self._member(key, base if isinstance(base, dict) else {}, _spelling(node))
        if isinstance(node, nodes.Filter) and node.node is not None:
            found = self._shape(node.node, scope)
            for one in node.args:
                self._shape(one, scope)
            if node.name in ("first", "last") and isinstance(found, list):
                return found[0]
            return found if node.name == "default" else ""
        for child in node.iter_child_nodes():
            self._shape(child, scope)
        return ""

    def _member(self, name: Any, scope: Mapping[str, Shape], words: str) -> Shape:
        if name not in scope:
            near = "、".join(str(one) for one in scope) or "—"
            self._find(words, f"没有“{words}”这项内容，可用：{near}。",
                       f"There is no “{words}”; there are: {near}.")  # fmt: skip
            return None
        self.names.add(words)
        return scope[name]

    def _find(self, words: str, zh: str, en: str) -> None:
        lines = self._words.get(self._part, ())
        line = next((one for one in lines if words and words in one), words)
        found = TemplateFinding(place_of(self._part, line), Text(zh, en))
        if found not in self.findings:
            self.findings.append(found)


_SPOKEN = {
    "Call": "( )", "Import": "import", "FromImport": "from", "Include": "include",
    "Extends": "extends", "Macro": "macro", "CallBlock": "call", "Assign": "set",
    "AssignBlock": "set", "Mul": "*", "Pow": "**", "Add": "+", "Sub": "-", "Mod": "%",
    "Concat": "~", "Block": "block", "With": "with", "List": "[ ]", "Dict": "{ }",
    "Tuple": "( , )", "CondExpr": "if … else", "Slice": "[:]", "FilterBlock": "filter",
}  # fmt: skip


def _spelling(node: nodes.Node) -> str:
    """Return an expression as it was written, as far as that is known."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_spelling(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_spelling(node.node)}.{node.arg.value}"
    if isinstance(node, nodes.Filter) and node.node is not None:
        return _spelling(node.node)
    return "…"
