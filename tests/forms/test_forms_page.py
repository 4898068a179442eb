"""docs/forms tells the truth about kinds, options and conditions, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import forms
from tests.forms.samples import TODAY, definition, field

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("forms.zh-CN.md", "forms.md")}
HEADINGS = {"forms.zh-CN.md": ("种类", "条件"), "forms.md": ("Kinds", "Conditions")}
languages = pytest.mark.parametrize("name", PAGES)


def table(name: str, number: int) -> list[list[str]]:
    heading = HEADINGS[name][number]
    part = PAGES[name].split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@languages
def test_it_shows_an_example_that_works(name):
    example = re.search(r"```json\n(.*?)```", PAGES[name], re.DOTALL)
    form = forms.load(json.loads(example[1]))
    assert form.clean({"summary": "a", "hurt": "no"}, today=TODAY)


@languages
def test_it_tells_every_kind_with_all_its_options(name):
    rows = table(name, 0)
    told = {row[0].strip("`"): set(re.findall(r"`([a-z_]+)`", row[2])) for row in rows}
    assert told.keys() == forms.KINDS.keys()
    words = {"today", "value", "label"}
    assert {kind: options - words for kind, options in told.items()} == {
        key: set(kind.options) for key, kind in forms.KINDS.items()
    }


@languages
def test_it_shows_conditions_that_compile_against_a_form(name):
    conditions = [row[1].strip("`") for row in table(name, 1)]
    assert len(conditions) >= 6
    forms.load(
        definition(
            field("hurt", "yes_no"),
            field("result"),
            field("begun", "date"),
            field("ended", "date"),
            field("amount", "money"),
            field("people", "list", fields=[field("role")]),
            *(field(f"x{n}", show_when=text) for n, text in enumerate(conditions)),
        )
    )
