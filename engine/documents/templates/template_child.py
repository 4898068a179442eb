"""The child process that reads a template: a Word file in; findings, names and HTML out."""

from __future__ import annotations

import base64
import io
import json
import sys
from typing import Any

from engine.isolation.child import limit_self

MEMORY, CPU = 1_000 * 1024 * 1024, 20


def main() -> int:
    """Read what stands on standard input; with a case, fill it and tell its page."""
    limit_self(memory=MEMORY, cpu=CPU, nice=5)
    asked = json.load(sys.stdin.buffer)
    sys.stdout.write(json.dumps(answer(asked)))
    return 0


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what is wrong with a template and, of a right one, its filled page and file."""
    from docx import Document
    from docxtpl import DocxTemplate

    from engine.documents.templates import language, package
    from engine.documents.templates.markup import TemplateMarkup

    data = base64.b64decode(asked["template"])
    found = package.findings(data)
    used: set[str] = set()
    html, filled = "", b""
    if not found:
        shown = TemplateMarkup(Document(io.BytesIO(data)))
        shown.page("", "", "")
        reader = language.PlaceholderReader(DocxTemplate(io.BytesIO(data)), asked["known"])
        reader.read()
        found, used = [*shown.findings, *reader.findings], reader.names
    if not found and asked["case"] is not None:
        word = DocxTemplate(io.BytesIO(data))
        word.render(asked["case"], language.environment(), autoescape=True)
        out = io.BytesIO()
        word.save(out)
        filled = out.getvalue()
        markup = TemplateMarkup(Document(io.BytesIO(filled)))
        html = markup.page(asked["title"], asked["unit"], asked["made"])
    return {
        "findings": [one.as_json() for one in found],
        "used": sorted(used),
        "html": html,
        "filled": base64.b64encode(filled).decode(),
    }


if __name__ == "__main__":
    sys.exit(main())
