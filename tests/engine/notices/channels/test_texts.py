"""Texts that staff edit: a sandbox for words, in both languages, back to what ships."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.notices.catalogue import rendering
from engine.notices.catalogue.kinds import CHOSEN, GROUPS, KINDS
from engine.notices.channels import egress
from engine.storage.db import reading, transaction
from tests.cost import within
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import Mailbox

ROOT = Path(__file__).resolve().parents[4]
NONE: dict[tuple[str, str, str], str] = {}


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("key", KINDS)
def test_it_ships_words_for_every_kind(key: str, locale: str) -> None:
    said = rendering.render(NONE, key, locale, "text", rendering.sample(key))

    assert said and "{" not in said
    assert KINDS[key].group in GROUPS


def test_it_knows_every_kind_that_the_code_puts_into_the_outbox() -> None:
    """A key that nobody named would only say that there is news."""
    put = set()
    for path in (ROOT / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "put":
                put |= {
                    one.value
                    for one in node.args
                    if isinstance(one, ast.Constant) and "." in str(one.value)
                }
    assert len(put) >= 3
    assert put <= KINDS.keys()
    assert set(CHOSEN) < KINDS.keys()


@pytest.mark.parametrize(
    "source",
    [
        "{{ title.__class__ }}{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ title.center(1000000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%0999999999d' % 1 }}",
        "{% for a in title %}{% for b in title %}{{ b }}{% endfor %}{% endfor %}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% set a = 'x' %}{% set a = a ~ a %}",
        "{% include 'x' %}",
        "{{ title|attr('__class__') }}",
        "{{ title|replace('a', 'b') }}",
        "{{ title",
        "{{ 1 / 0 }}",
        "x" * 5000,
    ],
)
def test_it_refuses_what_words_do_not_need(source: str) -> None:
    with within(10), pytest.raises(InvalidInput):
        said = rendering.fill_in(source, rendering.sample("task.opened"))
        # What reaches nothing may also be said as nothing.
        if "__" in source and said == "":
            raise InvalidInput({})


def test_it_escapes_in_html_and_only_there() -> None:
    values = rendering.sample("", title="<script>", lines=[{"text": "<b>", "link": ""}])

    assert "&lt;b&gt;" in rendering.render(NONE, rendering.LAYOUT, "zh_CN", "html", values)
    assert "<script>" in rendering.render(NONE, "task.opened", "zh_CN", "text", values)


def test_it_uses_the_words_of_staff_and_restores_those_that_ship(town: Town, box: Mailbox) -> None:
    town.mail(box, "task.opened")
    town.reachable("grid_leader")
    own = "请办理{{ title }}"
    change(town, "task.opened", own)
    town.world.open()
    town.work()
    with transaction() as db:
        rendering.restore(db, town.boss, "task.opened", "zh_CN", "text", now=town.world.now)
    town.world.open()
    town.work()

    first, second = (str(letter["Subject"]) for letter in box.letters)
    assert first == "请办理南湖小区楼道灯不亮"
    assert second.startswith("新任务：")


def change(town: Town, key: str, source: str, part: str = "text") -> None:
    with transaction() as db:
        rendering.save(db, town.boss, key, "zh_CN", part, source, now=town.world.now)


def test_it_refuses_a_text_that_does_not_work(town: Town) -> None:
    with pytest.raises(InvalidInput):
        change(town, "task.opened", "{{ title")
    with pytest.raises(NotFound):
        change(town, "no.such", "x")
    with pytest.raises(NotFound):
        change(town, "task.opened", "x", "html")
    with reading() as db:
        assert rendering.overrides(db) == {}


def test_it_gives_way_to_the_shipped_text_when_a_text_of_staff_fails() -> None:
    broken = {("task.opened", "zh_CN", "text"): "{{ 1 / 0 }}"}

    assert rendering.render(
        broken, "task.opened", "zh_CN", "text", rendering.sample("")
    ).startswith("新任务")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("172.31.0.1", False),
        ("100.64.0.1", False),
        ("fd12::1", False),
        ("::ffff:10.1.2.3", False),
        ("64:ff9b::a01:203", False),
        ("2002:a01:203::", False),
        ("8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
        ("5f00::1", False),
        ("2400:3200::1", True),
        ("169.254.169.254", False),
        ("100.100.100.200", False),
        ("::ffff:169.254.169.254", False),
        ("fe80::1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
    ],
)
def test_it_connects_to_no_address_inside(address: str, allowed: bool) -> None:
    assert egress.is_allowed(address) is allowed


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("64:ff9b::a01:203", True),
        ("10.1.3.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("8.8.8.8", True),
    ],
)
def test_it_connects_inside_where_the_deployment_says_so(address: str, allowed: bool) -> None:
    """And nowhere else inside; to where clouds hand out credentials not even then."""
    networks = ("10.1.2.0/24", "169.254.0.0/16")
    assert egress.is_allowed(address, networks) is allowed
