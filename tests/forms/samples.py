"""A form definition with a field of every kind, and how to make small ones."""

from __future__ import annotations

from datetime import date
from typing import Any

TODAY = date(2026, 11, 22)


def text(zh: str, en: str | None = None) -> dict[str, str]:
    return {"zh_CN": zh, "en": en or f"{zh} in English"}


def field(name: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """Define a field; choices may be given as bare values."""
    if kind in ("choice", "choices"):
        more["choices"] = [
            {"value": value, "label": text(f"选项{value}", f"option {value}")}
            for value in more.get("choices", ["a", "b", "c"])
        ]
    return {"name": name, "kind": kind, "label": text(f"标签{name}", f"label {name}"), **more}


def definition(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "key": "ticket/report",
        "title": text("上报", "Report"),
        "groups": [{"title": text("基本情况", "Basics"), "fields": list(fields)}],
        **more,
    }


EVERY_KIND = definition(
    field("summary", max_length=20, required=True, sets="title"),
    field("story", "textarea", rows=8),
    field("count", "number", min=0, max=100, decimals=0),
    field("weight", "number"),
    field("amount", "money", min=0),
    field("begun", "date", max="today"),
    field("ended", "date"),
    field("met", "datetime"),
    field("at", "time", min="08:00"),
    field("took", "duration", max="30天"),
    field("hurt", "yes_no"),
    field("category", "choice", sets="category"),
    field("signs", "choices"),
    field("phone", "phone"),
    field("id_no", "resident_id"),
    field("caller", "person"),
    field("home", "address"),
    field("place", "place", sets="place"),
    field("office", "unit"),
    field("offices", "units"),
    field("spot", "position"),
    field("photos", "files", accept="photo"),
    field(
        "people",
        "list",
        max=3,
        fields=[
            field("name", "person", required=True),
            field("contact", "phone"),
            field("minor", "yes_no"),
            field("guardian", "person", show_when="minor", required_when="minor and hurt"),
        ],
    ),
    {"kind": "note", "label": text("请如实填写", "Please be truthful")},
    field("stars", "rating"),
    field("wound", "textarea", show_when="hurt = true", required_when="hurt = true"),
    field("hospital", show_when='contains(wound, "骨折")'),
    rules=[
        {
            "test": "ended >= begun",
            "message": text("结束不能早于开始", "the end comes before the beginning"),
            "fields": ["ended"],
        }
    ],
    shows=["report.summary"],
)
