"""The pages of rules, and the register behind them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.bpmn.check.findings import REGISTER
from engine.bpmn.check.page import page
from tests.conftest import ROOT

PAGES = {"zh_CN": "docs/check.zh-CN.md", "en": "docs/check.md"}
ENGINE = ROOT / "engine/bpmn"


@pytest.mark.parametrize("lang", PAGES)
def test_it_keeps_the_page_of_rules_current(lang):
    assert (ROOT / PAGES[lang]).read_text("utf-8") == page(lang)


@pytest.mark.parametrize("lang", PAGES)
def test_it_tells_every_rule_on_the_page(lang):
    text = page(lang)

    assert [rule for rule in REGISTER.rules if f"| `{rule}` |" not in text] == []


def test_it_knows_a_remedy_for_everything_the_engine_refuses():
    named = re.compile(r"(?:fault|Fault|XmlRefused)\(\s*\"([a-z-]+)\"")
    sources: list[Path] = sorted(ENGINE.rglob("*.py"))

    refused = {rule for path in sources for rule in named.findall(path.read_text("utf-8"))}

    assert len(refused) > 30
    assert refused - REGISTER.rules.keys() - {"duplicate-process"} == set()


def test_it_speaks_both_languages():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for rule in REGISTER.rules.values():
        for text in (rule.title, rule.remedy):
            assert chinese.search(text.zh), rule.id
            assert not chinese.search(text.en), rule.id
