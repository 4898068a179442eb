"""Words of notices: Jinja texts that ship, and those that staff put in their place.

Staff's texts run in a sandbox without calls, without loops inside of loops and with few filters:
whoever may write one can neither reach anything nor keep the worker busy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import Template, TemplateError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.errors import InvalidInput, NotFound
from engine.models import Case, NoticeText, Outbox
from engine.models.channels import LOCALES, TEXT_PARTS
from engine.notices.catalogue.kinds import KINDS, kind_of
from engine.records import audit
from engine.settings import current
from feel.text import Text

LONGEST_SOURCE = 4000
LONGEST_RESULT = 20_000
# How far back a preview looks for a real notice of its kind.
LATELY = 2000
LAYOUT, DIGEST = "mail.layout", "digest"
Overrides = Mapping[tuple[str, str, str], str]
Values = Mapping[str, Any]
VARIABLES = {
    "number": Text("编号", "number of the case"),
    "title": Text("标题", "title of the case"),
    "step": Text("环节", "step"),
    "place": Text("地点", "place"),
    "due": Text("期限", "deadline"),
    "unit": Text("登记的单位（仅发给群众的）", "unit of the case, in messages to citizens"),
    "note": Text("流程图上写的话；草稿的名称", "words of the diagram; title of a draft"),
    "name": Text("收件人姓名", "name of the recipient"),
    "link": Text("事项或草稿页面的网址", "address of the case's or draft's page"),
    "system": Text("系统名称", "name of this system"),
}
_MORE = {
    LAYOUT: {
        "subject": Text("标题行", "the subject"),
        "text": Text("正文", "the words"),
        "lines": Text("汇总的各条（text、link）", "lines of a digest, each with text and link"),
    },
    DIGEST: {
        "count": Text("条数", "how many"),
        "lines": Text("各条（text、link）", "the lines, each with text and link"),
    },
}
_HTML = """\
<!doctype html>
<html lang="{lang}"><body>
<p>{greeting}</p>
{{% for line in lines %}}<p>{{{{ line.text }}}}{{% if line.link %}}<br>\
<a href="{{{{ line.link }}}}">{open}</a>{{% endif %}}</p>
{{% endfor %}}<p><small>{foot}</small></p>
</body></html>"""
_SHARED = {
    (DIGEST, "subject"): Text(
        "【{{ system }}】{{ count }} 条通知", "[{{ system }}] {{ count }} notifications"
    ),
    (DIGEST, "text"): Text(
        "{{ name }}，您有 {{ count }} 条通知：\n"
        "{% for line in lines %}{{ loop.index }}. {{ line.text }}\n{% endfor %}",
        "{{ name }}, you have {{ count }} notifications:\n"
        "{% for line in lines %}{{ loop.index }}. {{ line.text }}\n{% endfor %}",
    ),
    (LAYOUT, "html"): Text(
        _HTML.format(
            lang="zh-CN",
            greeting="{{ name }}，您好：",
            open="打开",
            foot="{{ system }}自动发送，请勿回复。可在“我的通知设置”里选择接收哪些通知。",
        ),
        _HTML.format(
            lang="en",
            greeting="{{ name }},",
            open="Open",
            foot="Sent by {{ system }}; please do not reply. Choose what you receive in your "
            "notification settings.",
        ),
    ),
}
_FILTERS = frozenset(
    ("default", "e", "escape", "first", "int", "json", "last", "length", "lower", "round")
    + ("string", "title", "trim", "truncate", "upper", "urlencode", "wordcount")
)
# No calls, and nothing that makes long texts out of short ones by doing it again and again.
_REFUSED: tuple[type[nodes.Node], ...] = (
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Block,
    nodes.Call,
    nodes.CallBlock,
    nodes.Extends,
    nodes.FilterBlock,
    nodes.FromImport,
    nodes.Import,
    nodes.Include,
    nodes.Macro,
    nodes.Mod,
    nodes.Mul,
    nodes.Pow,
    nodes.With,
)


@dataclass(frozen=True)
class EditableText:
    """One text on the page where staff edit it."""

    key: str
    part: str
    name: Text
    changed_languages: frozenset[str]


def editable(db: Session) -> list[EditableText]:
    """Return every text that staff may change, and in which languages somebody did."""
    changed = overrides(db)
    names = {(kind.key, "text"): kind.name for kind in KINDS.values()}
    names |= {(kind.key, "subject"): kind.name for kind in KINDS.values()}
    names[DIGEST, "text"] = names[DIGEST, "subject"] = Text("汇总", "Digest")
    names[LAYOUT, "html"] = Text("邮件版式", "Layout of mail")
    return [
        EditableText(
            key, part, name, frozenset(one for one in LOCALES if (key, one, part) in changed)
        )
        for (key, part), name in names.items()
    ]


def variables(key: str) -> dict[str, Text]:
    """Return what a text may mention, with what it means."""
    return {**VARIABLES, **_MORE.get(key, {})}


def overrides(db: Session) -> dict[tuple[str, str, str], str]:
    """Return the texts that staff put in place of those that ship; one statement."""
    rows = db.execute(select(NoticeText.key, NoticeText.locale, NoticeText.part, NoticeText.source))
    return {(key, locale, part): source for key, locale, part, source in rows}


def shipped(key: str, locale: str, part: str) -> str:
    """Return the text as it ships; the subject of a notice is its words."""
    found = _SHARED.get((key, part)) or kind_of(key).words
    return found.to(locale)


def source_of(known: Overrides, key: str, locale: str, part: str) -> str:
    """Return the text in force: staff's own, else the one that ships."""
    own = known.get((key, locale, part))
    if own is None and part == "subject" and key in KINDS:
        own = known.get((key, locale, "text"))
    return shipped(key, locale, part) if own is None else own


def render(known: Overrides, key: str, locale: str, part: str, values: Values) -> str:
    """Return a text with its values filled in; one of staff's that fails gives way to the shipped
    one.
    """
    try:
        return fill_in(source_of(known, key, locale, part), values, html=part == "html")
    except InvalidInput:
        return fill_in(shipped(key, locale, part), values, html=part == "html")


def values(data: Mapping[str, Any], locale: str, **more: Any) -> dict[str, Any]:
    """Return what a notice's data says in a language; names that are missing are empty."""
    english = locale == "en"
    step, note = data.get("step", ""), data.get("text", "")
    return {
        **dict.fromkeys(VARIABLES, ""),
        "number": data.get("number", ""),
        "title": data.get("title", ""),
        "step": (data.get("step_en") or step) if english else step,
        "note": (data.get("text_en") or note) if english else note,
        **more,
    }


def save(
    db: Session, actor_id: int, key: str, locale: str, part: str, source: str, *, now: datetime
) -> None:
    """Put a text of one's own in place. Raises NotFound or InvalidInput."""
    _require(key, locale, part)
    fill_in(source, sample(key), html=part == "html")
    words = {"key": key, "locale": locale, "part": part}
    db.merge(NoticeText(**words, source=source, changed_at=now, changed_by=actor_id))
    audit.record_admin(db, "text.changed", actor_id, words, at=now)


def restore(db: Session, actor_id: int, key: str, locale: str, part: str, *, now: datetime) -> None:
    """Restore the shipped text. Raises NotFound."""
    _require(key, locale, part)
    words = {"key": key, "locale": locale, "part": part}
    db.execute(delete(NoticeText).filter_by(**words))
    audit.record_admin(db, "text.restored", actor_id, words, at=now)


def sample(key: str, **values: Any) -> dict[str, Any]:
    """Return values to try a text with, where no real notice is at hand."""
    line = {"text": "山网〔2026〕0871 道路积水反映", "link": "https://example.invalid/cases/1"}
    filling = {
        "number": "山网〔2026〕0871",
        "title": "道路积水反映",
        "step": "处置",
        "place": "清泉镇南湖村",
        "due": "2026-11-22 17:30",
        "unit": "清泉镇综治中心",
        "note": "您反映的问题已办结。",
        "name": "王某某",
        "link": line["link"],
        "system": "枫桥",
        "count": 2,
        "subject": "新任务：山网〔2026〕0871 道路积水反映",
        "text": line["text"],
        "lines": [line, line],
    }
    return {**filling, **values}


def real_sample(db: Session, actor: Actor, key: str, locale: str) -> dict[str, Any]:
    """Return values of the newest notice of a kind that may be shown to the actor, else made-up
    ones; for a preview.
    """
    newest = select(Outbox).order_by(Outbox.id.desc()).limit(LATELY).subquery()
    row = db.execute(
        select(newest.c.data, Case.id, Case.place_name)
        .join(Case, Case.id == newest.c.case_id)
        .where(newest.c.key == key, policy.mentioned(actor))
        .order_by(newest.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return sample(key)
    data, case_id, place = row
    real = {name: value for name, value in values(data, locale, place=place).items() if value}
    base = current().public_url
    return sample(key, **real, **({"link": f"{base}/cases/{case_id}"} if base else {}))


def fill_in(source: str, values: Values, *, html: bool = False) -> str:
    """Fill a text in. Raises InvalidInput with the reason at ``source``."""
    try:
        said = _template(source, html).render(values)
    except TemplateError as error:
        raise _rejected(f"第 {_line(error)} 行：{error.message}", f"{error.message}") from error
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _rejected(f"{error}", f"{error}") from error
    if len(said) > LONGEST_RESULT:
        raise _rejected("结果太长", "the result is too long")
    return said


@lru_cache(maxsize=512)
def _template(source: str, html: bool) -> Template:
    if len(source) > LONGEST_SOURCE:
        raise _rejected(f"最多 {LONGEST_SOURCE} 字", f"at most {LONGEST_SOURCE} characters")
    sandbox = _sandbox(html)
    _inspect(sandbox.parse(source))
    return sandbox.from_string(source)


@lru_cache(maxsize=2)
def _sandbox(html: bool) -> ImmutableSandboxedEnvironment:
    sandbox = ImmutableSandboxedEnvironment(autoescape=html, trim_blocks=False)
    sandbox.globals.clear()
    sandbox.filters["json"] = _as_json
    sandbox.filters["urlencode"] = lambda value: quote(str(value), safe="")
    return sandbox


def _as_json(value: Any) -> str:
    return json.dumps("" if isinstance(value, Undefined) else value, ensure_ascii=False)


def _inspect(tree: nodes.Template) -> None:
    """Refuse what a text of words does not need."""
    for refused in tree.find_all(_REFUSED):
        line = refused.lineno
        raise _rejected(f"第 {line} 行：这里不能这样写", f"line {line}: this is not allowed here")
    for used in tree.find_all(nodes.Filter):
        if used.name not in _FILTERS:
            raise _rejected(f"没有过滤器 {used.name}", f"there is no filter {used.name}")
    for loop in tree.find_all(nodes.For):
        if loop.recursive or loop.find(nodes.For) is not None:
            raise _rejected("循环里不能再有循环", "no loop inside of a loop")


def _require(key: str, locale: str, part: str) -> None:
    known = key in KINDS and part != "html"
    if locale not in LOCALES or part not in TEXT_PARTS or not (known or (key, part) in _SHARED):
        raise NotFound(key)


def _line(error: TemplateError) -> int:
    return getattr(error, "lineno", 1) or 1


def _rejected(zh: str, en: str) -> InvalidInput:
    return InvalidInput({"source": Text(f"文本有误：{zh}。", f"The text is wrong: {en}.")})
