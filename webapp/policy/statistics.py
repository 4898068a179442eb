"""Tables of statistics in a draft: their facts and columns as rows that people write in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.definitions import statistic_files, statistics
from engine.definitions.statistics import KEY, KINDS, OWNERS, STATISTICS, BadStatistic
from engine.drafting import drafts, prepublish_check, screening
from engine.errors import InvalidInput, NotFound, Refusal
from engine.models import ProcessDraft
from engine.spreadsheets import UnreadableTable, templates
from engine.storage.db import reading, transaction
from engine.terms import levels, periods
from webapp import downloads
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.excel_style import MIME
from webapp.locales import localize
from webapp.policy import blueprint
from webapp.query_numbers import whole
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]
# Empty rows below those that are there.
MORE = 2
# What a row of each list says; a name and a group are asked in both languages.
ROWS = {
    "facts": ("key", "name", "kind", "choices", "feel"),
    "columns": ("key", "name", "group", "what", "value", "whole", "digits"),
    "missing": ("key", "name", "fact", "when"),
    "lines": ("key", "name", "feel"),
}
IN_BOTH = ("name", "group", "note")
WHAT = ("count", "sum", "part", "rows", "entered")


@dataclass(frozen=True)
class EditedTable:
    """A table as its page shows it, with what is wrong with it."""

    key: str
    definition: Mapping[str, Any]
    findings: list[tuple[str, str]]
    has_template: bool


@blueprint.get("/drafts/<int:id>/tables")
def tables(id: int) -> str:
    """The tables of a draft, and what its check says."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), id, now=now())
    draft, files = _own(exhibit.draft), exhibit.files
    keys = [found[1] for path in sorted(files) if (found := statistic_files.FILE.fullmatch(path))]
    named = {key: _names(files[f"{STATISTICS}/{key}.json"]) for key in keys}
    return render_template(
        "policy/tables.html", draft=draft, named=named, report=exhibit.prove().report
    )


@blueprint.post("/drafts/<int:id>/tables")
def new_table(id: int) -> Response:
    """Begin a table that counts the cases of a process."""
    key = request.form.get("key", "").strip()
    path = f"{STATISTICS}/{key}.json"
    with reading() as db:
        draft = _own(drafts.visible(db, current_actor(), id))
        known = drafts.files_of(db, draft)
    if not KEY.fullmatch(key) or path in known:
        flash(_("代码用小写英文字母开头，只含小写字母、数字和下划线，且不能重复。"), "danger")
        return redirect(url_for("policy.tables", id=id), 303)
    _save(id, draft.revision, {path: _json(_beginning(key))})
    return redirect(url_for("policy.table", id=id, key=key), 303)


@blueprint.route("/drafts/<int:id>/tables/<key>", methods=["GET", "POST"])
def table(id: int, key: str) -> Answer:
    """One table: its facts, columns, gaps and list."""
    with reading() as db:
        draft = _own(drafts.visible(db, current_actor(), id))
        files = drafts.files_of(db, draft)
    path = f"{STATISTICS}/{key}.json"
    if path not in files:
        raise NotFound(key)
    if request.method == "POST":
        content = _json(_table_of_form(key))
        revision = request.form.get("revision", type=whole) or 0
        try:
            _save(id, revision, {path: content})
        except InvalidInput as error:
            return _page(
                draft, key, content, next(localize(one) for one in error.errors.values())
            ), 422
        except Refusal as error:
            return _page(draft, key, content, localize(error.text)), status_of(error)
        flash(_("已保存。"), "success")
        return redirect(url_for("policy.table", id=id, key=key), 303)
    return _page(draft, key, files[path], "", f"{STATISTICS}/{key}.xlsx" in files)


@blueprint.post("/drafts/<int:id>/tables/<key>/template")
def template(id: int, key: str) -> Response:
    """Replace the workbook that the table is written into; without one, the plain one is used."""
    with reading() as db:
        draft = _own(drafts.visible(db, current_actor(), id))
        files = drafts.files_of(db, draft)
    if f"{STATISTICS}/{key}.json" not in files:
        raise NotFound(key)
    sent = request.files.get("template")
    data = sent.read(templates.LARGEST + 1) if sent is not None else b""
    try:
        if data:
            templates.template(data)
        _save(id, draft.revision, {f"{STATISTICS}/{key}.xlsx": data or None})
        flash(_("模板已更换。") if data else _("已恢复默认模板。"), "success")
    except UnreadableTable as error:
        flash(localize(error.text), "danger")
    return redirect(url_for("policy.table", id=id, key=key), 303)


@blueprint.get("/drafts/<int:id>/tables/<key>.xlsx")
def template_file(id: int, key: str) -> Response:
    """The template of a table as it is in the draft."""
    with reading() as db:
        draft = _own(drafts.visible(db, current_actor(), id))
        data = drafts.files_of(db, draft).get(f"{STATISTICS}/{key}.xlsx")
    if data is None:
        raise NotFound(key)
    return downloads.download(data, f"{key}.xlsx", MIME)


def _own(draft: ProcessDraft) -> ProcessDraft:
    if draft.process != STATISTICS:
        raise NotFound(draft.id)
    return draft


def _save(id: int, revision: int, changes: Mapping[str, bytes | None]) -> None:
    screening.screen(STATISTICS, {path: one for path, one in changes.items() if one is not None})
    with transaction() as db:
        drafts.save(db, current_actor(), id, revision, changes, now=now())


def _page(
    draft: ProcessDraft, key: str, content: bytes, message: str = "", has_template: bool = False
) -> str:
    told = json.loads(content)
    try:
        statistic_files.load(content, f"{STATISTICS}/{key}.json")
        findings = []
    except BadStatistic as error:
        findings = [(where, localize(text)) for where, text in error.problems]
    return render_template(
        "policy/table.html",
        draft=draft,
        table=EditedTable(key, _as_inputs(told), findings, has_template),
        rows=ROWS,
        more=MORE,
        choices={
            "every": [(one, localize(periods.NAMES[one])) for one in periods.EVERY],
            "owner": [(one, _owners()[one]) for one in OWNERS],
            "lowest": [(one, localize(levels.NAMES[one])) for one in levels.LEVELS],
            "kind": [(one, _kinds()[one]) for one in KINDS],
            "what": [(one, _what()[one]) for one in WHAT],
            "registers": [("", _("案件")), ("yes", _("调解组织和名册"))],
        },
        words=_words(),
        template_words=_template_words(),
        message=message,
    )


def _as_inputs(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table as its inputs show it: a column's kind beside its expression."""
    columns = []
    for one in told.get("columns", []):
        what = next((kind for kind in WHAT if kind in one), "count")
        value = "" if what == "entered" else one.get(what, "")
        columns.append({**one, "what": what, "value": value})
    facts = [{**one, "choices": "、".join(one.get("choices", []))} for one in told.get("facts", [])]
    registers = "yes" if told.get("registers") is True else ""
    return {**told, "columns": columns, "facts": facts, "registers": registers}


def _table_of_form(key: str) -> dict[str, Any]:
    """Return the table as it was typed; rows without a key are left out."""
    found: dict[str, Any] = {"key": key, "name": _both("name"), "process": _input("process")}
    found |= {name: _input(name) for name in ("every", "owner", "lowest")}
    if _input("registers") == "yes":
        found["registers"] = True
    note = _both("note")
    if any(note.values()):
        found["note"] = note
    found["facts"] = [_fact(row) for row in _rows("facts")]
    found["count_on"] = _input("count_on")
    found["columns"] = [_column(row) for row in _rows("columns")]
    found["missing"] = _rows("missing")
    found["lines"] = _rows("lines")
    return found


def _fact(row: dict[str, Any]) -> dict[str, Any]:
    choices = [one.strip() for one in row.pop("choices").split("、") if one.strip()]
    return {**row, **({"choices": choices} if choices else {})}


def _column(row: dict[str, Any]) -> dict[str, Any]:
    what, value, whole = row.pop("what"), row.pop("value"), row.pop("whole")
    digits, group = row.pop("digits"), row.pop("group")
    found = {**row, **({"group": group} if any(group.values()) else {})}
    found[what] = True if what == "entered" else value
    if what == "part":
        found["whole"] = whole
    if digits.isascii() and digits.isdigit() and int(digits):
        found["digits"] = int(digits)
    return found


def _rows(name: str) -> list[dict[str, Any]]:
    found = []
    for number in range(statistics.MOST_COLUMNS + MORE):
        if f"{name}-{number}-key" not in request.form:
            break
        place = f"{name}-{number}-"
        row = {
            part: _both(f"{place}{part}") if part in IN_BOTH else _input(f"{place}{part}")
            for part in ROWS[name]
        }
        if row["key"]:
            found.append(row)
    return found


def _both(name: str) -> dict[str, str]:
    return {"zh_CN": _input(f"{name}-zh"), "en": _input(f"{name}-en")}


def _input(name: str) -> str:
    return request.form.get(name, "").strip()


def _json(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _names(content: bytes) -> str:
    name = json.loads(content).get("name", {})
    return str(name.get("en" if localize(statistics.NAMES) == statistics.NAMES.en else "zh_CN", ""))


def _beginning(key: str) -> dict[str, Any]:
    fact = {"key": "counted_on", "name": {"zh_CN": "办结日期", "en": "Closed on"}}
    column = {"key": "total", "name": {"zh_CN": "总数", "en": "Total"}, "count": "true"}
    return {
        "key": key,
        "name": {"zh_CN": "新报表", "en": "New table"},
        "process": "dispute",
        "every": "month",
        "owner": "unit",
        "lowest": "village",
        "facts": [{**fact, "kind": "date", "feel": "case.closed_on"}],
        "count_on": "counted_on",
        "columns": [column],
        "missing": [],
        "lines": [],
    }


def _template_words() -> str:
    return _(
        "单元格中写 {{key}}（指标的代码）处换成数字，{{unit}}、{{period}}、{{signed_by}} "
        "换成单位、统计期、负责人；"
        "带 {{line:key}} 的一行每个单位一行，带 {{row:key}} 的一行每案一行。"
        "可以先导出一张报表，再改成需要的式样。"
    )


def _owners() -> dict[str, str]:
    return {"mediator": _("调解单位"), "unit": _("登记单位")}


def _kinds() -> dict[str, str]:
    return {"text": _("文字"), "number": _("数字"), "date": _("日期"), "yes_no": _("是否")}


def _what() -> dict[str, str]:
    return {
        "count": _("计件"),
        "sum": _("求和"),
        "part": _("比率"),
        "rows": _("计名册和排查的行"),
        "entered": _("手工填写"),
    }


def _words() -> dict[str, str]:
    return {
        "facts": _("事实"),
        "columns": _("指标"),
        "missing": _("缺项"),
        "lines": _("清单列"),
        "key": _("代码"),
        "name": _("名称"),
        "group": _("分组"),
        "kind": _("类型"),
        "choices": _("可选值（用“、”隔开）"),
        "feel": _("表达式"),
        "what": _("算法"),
        "value": _("表达式或分子的代码"),
        "whole": _("分母的代码"),
        "digits": _("小数位数"),
        "fact": _("待补的事实"),
        "when": _("缺少的条件"),
    }
