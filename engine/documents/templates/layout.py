"""How a Word file lays out its lines: styles, lengths and fonts of WordprocessingML as CSS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Traits = dict[str, Any]
FALLBACK = '"Noto Serif CJK SC", "HanaMinB", "BabelStone Han", serif'
# What offices call their fonts, and what stands for them here; no name is taken as it comes.
FONTS: tuple[tuple[str, str], ...] = (
    (r"仿宋|fang ?song|FandolFang", '"FandolFang"'),
    (r"黑体|hei|雅黑|等线|calibri|arial", '"FandolHei", "Noto Sans CJK SC"'),
    (r"楷|kai", '"FandolKai"'),
    (r"宋|song|simsun|ming", '"FandolSong"'),
)
LARGEST_SIZE = 200.0


def attribute(element: etree._Element | None, name: str) -> str:
    """Return an attribute of Word's namespace, empty where there is none."""
    return "" if element is None else element.get(f"{W}{name}", "")


def number(text: str, per: float = 20.0) -> float | None:
    """Return a length in points, of twentieths of a point unless told otherwise."""
    return float(text) / per if re.fullmatch(r"-?[0-9]{1,6}(?:\.[0-9]+)?", text) else None


def on(parent: etree._Element | None, name: str) -> bool | None:
    """Return whether a switch is on, None where it is not said."""
    found = None if parent is None else parent.find(f"{W}{name}")
    if found is None:
        return None
    return attribute(found, "val") not in ("0", "false", "off", "none")


class LayoutStyles:
    """The styles of a file, each with what it takes from those that it is based on."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, etree._Element] = {}
        self.ground: Traits = {"size": 10.5}
        self.default = ""
        if root is None:
            return
        base = root.find(f"{W}docDefaults")
        if base is not None:
            self.ground |= run_traits(base.find(f"{W}rPrDefault/{W}rPr"))
            self.ground |= line_traits(base.find(f"{W}pPrDefault/{W}pPr"))
        for style in root.iter(f"{W}style"):
            self._styles[attribute(style, "styleId")] = style
            if attribute(style, "type") == "paragraph" and attribute(style, "default") == "1":
                self.default = attribute(style, "styleId")

    def chain(self, style_id: str) -> Iterator[etree._Element]:
        """Yield a style after all that it is based on."""
        found: list[etree._Element] = []
        while style_id in self._styles and len(found) < 12:
            found.append(self._styles[style_id])
            style_id = attribute(found[-1].find(f"{W}basedOn"), "val")
        yield from reversed(found)

    def of_line(self, properties: etree._Element | None) -> Traits:
        """Return all that holds for a paragraph and, unless they differ, for its runs."""
        named = attribute(properties.find(f"{W}pStyle") if properties is not None else None, "val")
        traits = dict(self.ground)
        for style in self.chain(named or self.default):
            traits |= line_traits(style.find(f"{W}pPr")) | run_traits(style.find(f"{W}rPr"))
        return traits | line_traits(properties)

    def of_run(self, properties: etree._Element | None, line: Traits) -> Traits:
        """Return all that holds for a run of a paragraph."""
        named = attribute(properties.find(f"{W}rStyle") if properties is not None else None, "val")
        traits = dict(line)
        for style in self.chain(named):
            traits |= run_traits(style.find(f"{W}rPr"))
        return traits | run_traits(properties)

    def has_lines(self, table: etree._Element | None) -> bool:
        """Return whether a table's cells have lines around them."""
        named = attribute(table.find(f"{W}tblStyle") if table is not None else None, "val")
        own = [one.find(f"{W}tblPr") for one in self.chain(named)]
        found: bool | None = None
        for one in (*own, table):
            borders = None if one is None else one.find(f"{W}tblBorders")
            if borders is not None:
                found = any(attribute(line, "val") not in ("nil", "none", "") for line in borders)
        return bool(found)


def line_traits(properties: etree._Element | None) -> Traits:
    """Return what a paragraph says of its alignment, indents and spaces, in points."""
    found: Traits = {}
    if properties is None:
        return found
    align = attribute(properties.find(f"{W}jc"), "val")
    if align:
        found["align"] = {"center": "center", "right": "right", "end": "right"}.get(
            align, "justify" if align in ("both", "distribute") else "left"
        )
    indents = properties.find(f"{W}ind")
    for name, key in (("left", "left"), ("start", "left"), ("right", "right"), ("end", "right"),
                      ("firstLine", "first")):  # fmt: skip
        if (length := number(attribute(indents, name))) is not None:
            found[key] = length
    if (hanging := number(attribute(indents, "hanging"))) is not None:
        found["first"] = -hanging
    for name, key in (("firstLineChars", "first_em"), ("leftChars", "left_em")):
        if (length := number(attribute(indents, name), 100)) is not None:
            found[key] = length
    spaces = properties.find(f"{W}spacing")
    for name in ("before", "after"):
        if (length := number(attribute(spaces, name))) is not None:
            found[name] = length
    rule = attribute(spaces, "lineRule") or "auto"
    if (line := number(attribute(spaces, "line"), 240 if rule == "auto" else 20)) is not None:
        found["line"] = ("times" if rule == "auto" else "points", line)
    for name, key in (("keepNext", "with_next"), ("keepLines", "together"),
                      ("pageBreakBefore", "new_page")):  # fmt: skip
        if (switch := on(properties, name)) is not None:
            found[key] = switch
    return found


def run_traits(properties: etree._Element | None) -> Traits:
    """Return what a run says of its letters."""
    found: Traits = {}
    if properties is None:
        return found
    for name, key in (("b", "bold"), ("i", "italic"), ("u", "under")):
        if (switch := on(properties, name)) is not None:
            found[key] = switch
    if (size := number(attribute(properties.find(f"{W}sz"), "val"), 2)) is not None:
        found["size"] = min(size, LARGEST_SIZE)
    fonts = properties.find(f"{W}rFonts")
    named = attribute(fonts, "eastAsia") or attribute(fonts, "ascii")
    if named:
        found["font"] = family(named)
    colour = attribute(properties.find(f"{W}color"), "val")
    if re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        found["colour"] = f"#{colour}"
    spread = attribute(properties.find(f"{W}vertAlign"), "val")
    if spread in ("superscript", "subscript"):
        found["raised"] = {"superscript": "super", "subscript": "sub"}[spread]
    return found


def family(name: str) -> str:
    """Return the fonts that stand for one of Word's."""
    for pattern, here in FONTS:
        if re.search(pattern, name, re.IGNORECASE):
            return f"{here}, {FALLBACK}"
    return FALLBACK


def line_css(traits: Traits, pitch: float) -> str:
    """Return a paragraph's traits as CSS; ``pitch`` is the grid's line in points, or zero."""
    size = float(traits["size"])
    kind, amount = traits.get("line", ("times", 1.0))
    height = (
        amount if kind == "points" else amount * (max(pitch, size * 1.3) if pitch else size * 1.35)
    )
    said = {
        "text-align": traits.get("align", "justify"),
        "line-height": f"{max(height, 1):.2f}pt",
        "margin": f"{traits.get('before', 0):.2f}pt {traits.get('right', 0):.2f}pt "
        f"{traits.get('after', 0):.2f}pt {_length(traits, 'left', size):.2f}pt",
        "text-indent": f"{_length(traits, 'first', size):.2f}pt",
    }
    if traits.get("with_next"):
        said["break-after"] = "avoid"
    if traits.get("together"):
        said["break-inside"] = "avoid"
    if traits.get("new_page"):
        said["break-before"] = "page"
    return ";".join(f"{key}:{value}" for key, value in said.items()) + ";" + run_css(traits)


def run_css(traits: Traits, line: Traits | None = None) -> str:
    """Return a run's traits as CSS, those alone that its paragraph does not have."""
    said = {
        "font-size": f"{traits['size']:g}pt",
        "font-family": traits.get("font", FALLBACK),
        "font-weight": "bold" if traits.get("bold") else "normal",
        "font-style": "italic" if traits.get("italic") else "normal",
        "text-decoration": "underline" if traits.get("under") else "none",
        "color": traits.get("colour", "#000"),
        "vertical-align": traits.get("raised", "baseline"),
    }
    above = {} if line is None else dict(part.split(":", 1) for part in run_css(line).split(";"))
    return ";".join(f"{key}:{one}" for key, one in said.items() if above.get(key) != one)


def _length(traits: Traits, name: str, size: float) -> float:
    if f"{name}_em" in traits and traits[f"{name}_em"]:
        return float(traits[f"{name}_em"]) * size
    return float(traits.get(name, 0))
