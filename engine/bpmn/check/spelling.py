"""Propose the FEEL for an expression in the spelling of Python, Java, JUEL or a Chinese keyboard.

A proposal is only made when it compiles and calls what exists, so that following it is always
a step forward.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from engine.bpmn.check.expression_uses import called_by_path
from feel import FeelError, compile_expression, parse_script

_MAX: Final = 2_000
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|“[^”]*”|「[^」]*」', re.DOTALL)
_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_OPERAND = r"[^\W\d][\w.]*(?:\([^()]*\))?|\([^()]*\)"

_FULL_WIDTH: Final = str.maketrans("（），；＝＞＜＋－×÷！：【】", "(),;=><+-*/!:[]")
_SIGNS: Final = (
    ("≥", ">="), ("≤", "<="), ("≠", "!="), ("!==", "!="), ("===", "="), ("==", "="), ("<>", "!="),
    ("=>", ">="), ("=<", "<="), ("&&", " and "), ("||", " or "),
)  # fmt: skip
_WORDS: Final = (
    (r"\bis\s+not\s+(?:None|null)\b", "!= null"), (r"\bis\s+(?:None|null)\b", "= null"),
    (r"\bTrue\b|\bTRUE\b", "true"), (r"\bFalse\b|\bFALSE\b", "false"),
    (r"\bNone\b|\bNULL\b|\bNull\b|\bnil\b", "null"),
    (r"\bAND\b|并且|而且", " and "), (r"\bOR\b|或者", " or "), (r"\bNOT\b", "not"),
    (r"\beq\b", "="), (r"\bne\b", "!="), (r"\bgt\b", ">"), (r"\bge\b", ">="), (r"\blt\b", "<"),
    (r"\ble\b", "<="), (r"\blen\(", "count("), (r"\bstr\(", "string("),
    (rf"\bempty\s+({_OPERAND})", r"\1 = null"),
)  # fmt: skip
_NOT_IN = re.compile(rf"({_OPERAND})\s+not\s+in\s+(\S+)")
_NOT = re.compile(
    rf"!(?!=)\s*({_OPERAND})|\bnot\s+(?!\()({_OPERAND}(?:\s*(?:=|!=|<=?|>=?)\s*[\w.]+)?)"
)
_EQUALS = re.compile(r"([\w.]+)\.equals\(([^()]*)\)")
_TERNARY = re.compile(r"([^?:]+)\?([^?:]+):([^?:]+)", re.DOTALL)
_AUGMENTED = re.compile(r"\s*([^\W\d]\w*)\s*([-+*/])=\s*(.+)")


def propose(source: str, names: Collection[str] = ()) -> str:
    """Return a FEEL expression that says what ``source`` probably means, or nothing."""
    if len(source) > _MAX:
        return ""
    better = _respell(source)
    ternary = _TERNARY.fullmatch(better)
    if ternary:
        condition, yes, no = (part.strip() for part in ternary.groups())
        better = f"if {condition} then {yes} else {no}"
    return better if better != source.strip() and _compiles(better, names) else ""


def propose_script(source: str, names: Collection[str] = ()) -> str:
    """Return lines of ``name = expression`` for a script of another language, or nothing."""
    if len(source) > _MAX:
        return ""
    lines = []
    for line in source.splitlines():
        bare = line.strip().rstrip(";")
        augmented = _AUGMENTED.fullmatch(bare)
        if augmented:
            name, sign, rest = augmented.groups()
            bare = f"{name} = {name} {sign} {rest}"
        name, equals, rest = bare.partition("=")
        if rest.startswith("="):
            # A comparison where an assignment belongs: nobody can tell what was meant.
            return ""
        if bare and not bare.startswith("#"):
            lines.append(f"{name.strip()} = {_respell(rest)}" if equals else bare)
    better = "\n".join(lines)
    try:
        parse_script(better, names=names)
    except FeelError:
        return ""
    return better if better != source.strip() else ""


def _respell(source: str) -> str:
    wrapped = _WRAPPED.fullmatch(source)
    text = (wrapped[1] if wrapped else source).strip()
    if text.startswith("=") and not text.startswith("=="):
        text = text[1:].strip()
    quoted: list[str] = []

    def hide(found: re.Match[str]) -> str:
        inner = found.group()[1:-1].replace("\\'", "'").replace('"', '\\"')
        quoted.append(found.group() if found.group()[0] == '"' else f'"{inner}"')
        # A name that nobody uses, so that the rules below see an ordinary operand.
        return f"Q{len(quoted) - 1}Q"

    text = _plain(_QUOTED.sub(hide, text))
    for number, literal in enumerate(quoted):
        text = text.replace(f"Q{number}Q", literal)
    return text


def _plain(text: str) -> str:
    """Respell a text without quoted parts."""
    text = text.translate(_FULL_WIDTH)
    for foreign, ours in _SIGNS:
        text = text.replace(foreign, ours)
    text = _EQUALS.sub(r"\1 = \2", text)
    for pattern, ours in _WORDS:
        text = re.sub(pattern, ours, text)
    text = _NOT_IN.sub(r"not(\1 in \2)", text)
    text = _NOT.sub(_negation, text)
    return re.sub(r"[ \t]+", " ", text).strip()


def _negation(found: re.Match[str]) -> str:
    inner = found[1] or found[2]
    return f"not{inner}" if inner.startswith("(") else f"not({inner})"


def _compiles(text: str, names: Collection[str]) -> bool:
    try:
        compiled = compile_expression(text, names=names)
    except FeelError:
        return False
    return not (compiled.functions | called_by_path(compiled)) - set(names)
