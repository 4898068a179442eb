"""A small ledger of tickets, and the ways to import it, for the tests of what arrives."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from engine import intake
from engine.models import Case
from engine.records import vault
from engine.storage.db import reading

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
COLUMNS = ("编号", "地点", "事件标题", "情况", "上报时间", "办结时间", "处理结果", "电话")
MAPPING: dict[str, Any] = {
    "name": "小台账",
    "source": "{编号}",
    "opened_at": "{上报时间}",
    "closed_at": "{办结时间}",
    "note": "{处理结果}",
    "place": {"from": "{地点}", "values": {"南湖村": "V1"}, "fallback": "620725-ZZ"},
    "answers": {
        "summary": {"from": "{事件标题}", "cut": 60},
        "category": "道路交通",
        "setting": "街面道路",
        "details": {"from": "{情况}", "default": "（台账未填写）"},
        "danger": False,
        "channel": "群众反映",
        "has_reporter": False,
        "settled": False,
    },
}


def mapping(**changes: Any) -> intake.Mapping:
    """The mapping, with some parts changed."""
    return intake.Mapping.load(json.dumps({**MAPPING, **changes}).encode())


def row(number: str, **changes: str) -> dict[str, str]:
    """A closed ticket of the ledger."""
    usual = {
        "编号": number,
        "地点": "南湖村",
        "事件标题": f"{number}路灯不亮",
        "情况": "已停用三天。",
        "上报时间": "2026-11-02 09:00",
        "办结时间": "2026-11-03 10:00",
        "处理结果": "已更换。",
        "电话": "13900000001",
    }
    return usual | changes


def write(path: Path, *rows: dict[str, str], encoding: str = "utf-8-sig") -> Path:
    """The ledger as a file."""
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def bring(path: Path, chosen: intake.Mapping | None = None, **options: Any) -> intake.ImportReport:
    """Run an import with history; refused rows go beside the file."""
    given = intake.ImportOptions(history=True, rejected_path=path.parent / "refused.csv")
    return intake.import_cases(
        path, chosen or mapping(), "ticket", now=NOW, options=replace(given, **options)
    )


def refused(path: Path) -> list[list[str]]:
    """The rows of the file of refused rows, without its heading."""
    with open(path.parent / "refused.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def count() -> int:
    """How many cases there are."""
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Case)) or 0


def answers(source: str) -> dict[str, Any]:
    """What the vault holds of a case by its number outside."""
    with reading() as db:
        case = db.scalars(select(Case).where(Case.source == f"小台账:{source}")).one()
        return {"title": case.title, "opened_at": case.opened_at, **vault.answers_of(db, case)}
