"""Small DMN files for the tests, written as rows."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from feel import Decision, load_dmn

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def text(tag: str, content: str, **attributes: str) -> str:
    extra = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{tag}{extra}><text>{escape(content)}</text></{tag}>"


def column(name: str, kind: str = "", allowed: str = "") -> str:
    """An input column; `allowed` are its allowed values."""
    expression = text("inputExpression", name, **({"typeRef": kind} if kind else {}))
    values = text("inputValues", allowed) if allowed else ""
    return f"<input label={quoteattr(name)}>{expression}{values}</input>"


def result(name: str = "result", values: str = "", default: str = "") -> str:
    """An output column."""
    allowed = text("outputValues", values) if values else ""
    fallback = text("defaultOutputEntry", default) if default else ""
    return f"<output name={quoteattr(name)}>{allowed}{fallback}</output>"


def rule(cells: Sequence[str], outputs: Sequence[str]) -> str:
    entries = "".join(text("inputEntry", cell) for cell in cells)
    return f"<rule>{entries}{''.join(text('outputEntry', each) for each in outputs)}</rule>"


def table(
    columns: Sequence[str],
    results: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    policy: str = "UNIQUE",
    aggregation: str = "",
) -> str:
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    body = "".join(rule(cells, outputs) for cells, outputs in rows)
    return (
        f'<decisionTable hitPolicy="{policy}"{extra}>'
        f"{''.join(columns)}{''.join(results)}{body}</decisionTable>"
    )


def decision(logic: str, name: str = "d", requires: str = "") -> str:
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"/>{requires}{logic}</decision>'
    )


def model(*parts: str) -> bytes:
    return f'<definitions xmlns="{NAMESPACE}" name="m">{"".join(parts)}</definitions>'.encode()


def decide_by(logic: str) -> Decision:
    """A model with one decision."""
    return load_dmn(model(decision(logic))).decision("d")
