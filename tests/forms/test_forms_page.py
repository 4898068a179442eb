"""docs/forms.zh-CN.md tells the truth about kinds, options and conditions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import forms
from tests.forms.samples import TODAY, definition, field

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "forms.zh-CN.md").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_it_shows_an_example_that_works():
    example = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    form = forms.load(json.loads(example[1]))
    assert form.clean({"summary": "a", "hurt": "no"}, today=TODAY)


def test_it_tells_every_kind_with_all_its_options():
    told = {row[0].strip("`"): set(re.findall(r"`([a-z_]+)`", row[2])) for row in table("种类")}
    assert told.keys() == forms.KINDS.keys()
    words = {"today", "value", "label"}
    assert {name: options - words for name, options in told.items()} == {
        name: set(kind.options) for name, kind in forms.KINDS.items()
    }


def test_it_shows_conditions_that_compile_against_a_form():
    conditions = [row[1].strip("`") for row in table("条件")]
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
