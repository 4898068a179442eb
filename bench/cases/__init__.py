"""The case that everything is measured on: a mediation and what a clerk fills in at its steps.

The case that the reference server and the floor were measured with: six tasks for people, two
choices, one reminder, about 2.7 KB of answers; written in FEEL, with forms.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
DIAGRAM: Final = Path(__file__).with_name("mediation.bpmn")
PROCESS: Final = "mediation"
STEPS: Final = ("accept", "investigate", "mediate", "agreement", "visit", "archive")

_WORDS = (
    "双方就楼上漏水造成的天花板和地板损失发生争议，经实地查看，双方各自陈述了事情经过，"
    "调解员讲明了相关法律规定，双方对损失数额的分歧逐步缩小。"
)


def answers(step: str, number: int) -> dict[str, Any]:
    """Return what a clerk fills in at one step, about 2.7 KB over the six; unlike for each case.

    ``number`` is the case's; the text is shifted by it, so that storage cannot share copies.
    """
    return {
        "accept": _accept,
        "investigate": _investigate,
        "mediate": _mediate,
        "agreement": _agreement,
        "visit": _visit,
        "archive": _archive,
    }[step](number)


def files() -> dict[str, bytes]:
    """Return the version's files, as they are published: the diagram and its six forms."""
    found = {f"processes/{PROCESS}/{DIAGRAM.name}": DIAGRAM.read_bytes()}
    for step in STEPS:
        form = FOLDER / "forms" / f"{step}.json"
        found[f"forms/{PROCESS}/{form.name}"] = form.read_bytes()
    return found


def _text(length: int, shift: int) -> str:
    start = shift * 7 % len(_WORDS)
    return (_WORDS[start:] + _WORDS * (length // len(_WORDS) + 1))[:length]


def _person(number: int, prefix: str) -> list[dict[str, str]]:
    person = {
        "name": f"{prefix}{number}",
        "phone": f"139{number:08d}",
        "resident_id": _resident_id(f"62072519800101{number % 1000:03d}"),
        "address": f"清泉镇{number % 400}号{number % 17}栋{number % 99}室",
    }
    return [person]


def _resident_id(digits: str) -> str:
    """Add the check character (GB 11643)."""
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weighted % 11]


def _accept(number: int) -> dict[str, Any]:
    return {
        "accepted": True,
        "case_no": f"2026-{number:07d}",
        "kind": "neighbour",
        "applicant": _person(number, "申请人"),
        "respondent": _person(number + 1, "被申请人"),
        "summary": _text(120, number),
    }


def _investigate(number: int) -> dict[str, Any]:
    photos = [
        {"name": f"photo-{number}-{k}.jpg", "sha": f"{number * 31 + k:064x}", "size": 180_000 + k}
        for k in range(3)
    ]
    return {"facts": _text(200, number + 1), "evidence": photos}


def _mediate(number: int) -> dict[str, Any]:
    session = {"date": "2026-03-05", "place": "调解室3", "minutes": _text(160, number + 2)}
    return {"outcome": "settled", "sessions": [session]}


def _agreement(number: int) -> dict[str, Any]:
    return {
        "agreement_no": f"2026-A-{number:07d}",
        "terms": [{"term": _text(50, number + k)} for k in range(3)],
        "amount": 3000 + number % 9000,
        "due": "2026-04-01",
    }


def _visit(number: int) -> dict[str, Any]:
    return {"visited_on": "2026-04-10", "fulfilled": True, "note": _text(50, number + 5)}


def _archive(number: int) -> dict[str, Any]:
    return {
        "archive_no": f"2026-F-{number:07d}",
        "pages": 20 + number % 30,
        "shelf": f"S{number % 40}",
    }
