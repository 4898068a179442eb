"""Scenarios: the shipped ones pass, reach every flow, and notice what a change breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from engine.bpmn import check
from engine.bpmn.check import find_files
from engine.definitions import versions
from tests.conftest import ROOT

FILES = versions.read_directory(ROOT)
PROCESSES = ("dispute", "hotline", "ticket")
Document = dict[str, Any]


def failing(files: dict[str, bytes]) -> list[Document]:
    """Findings of scenarios, each with its file."""
    return [
        {"file": file.file, **finding}
        for file in check.check_files(files).files
        for finding in file.findings
        if finding["rule"] in ("scenario-fails", "bad-scenario")
    ]


def rewritten(process: str, name: str, change: Callable[[Document], None]) -> dict[str, bytes]:
    """The shipped files with one scenario, changed."""
    path = f"processes/{process}/scenarios/{name}.json"
    document = json.loads(FILES[process][path])
    change(document)
    return alone(process, path, document)


def alone(process: str, path: str, document: Document) -> dict[str, bytes]:
    """The shipped files with this scenario instead of their own."""
    files = {file: data for file, data in FILES[process].items() if "/scenarios/" not in file}
    return {**files, path: json.dumps(document).encode()}


@pytest.mark.parametrize("process", PROCESSES)
def test_the_shipped_scenarios_pass_and_take_every_flow(process: str) -> None:
    report = check.check_files(FILES[process])

    assert report.ok, check.render(report)
    (diagram,) = [file for file in report.files if file.file.endswith(".bpmn")]
    assert diagram.coverage is not None and diagram.coverage["untaken"] == []
    assert len(diagram.coverage["taken"]) > 20


def test_it_notices_a_limit_that_was_changed() -> None:
    path = "processes/ticket/ticket.bpmn"
    text = FILES["ticket"][path].decode()
    changed = text.replace('form="ticket/accept" limit="1"', 'form="ticket/accept" limit="2"')
    assert changed != text
    found = failing({**FILES["ticket"], path: changed.encode()})
    assert {one["rule"] for one in found} == {"scenario-fails"} and len(found) > 5
    (said, english) = found[0]["message"]["zh_CN"], found[0]["message"]["en"]
    assert "“受理”的办理期限应为 2026-11-24 18:00，实际为 2026-11-25 18:00" in said
    assert "should be 2026-11-24 18:00" in english and found[0]["element"] == "report"


def test_it_notices_a_branch_that_was_changed() -> None:
    path = "processes/ticket/ticket.bpmn"
    text = (
        FILES["ticket"][path].decode().replace('acceptance = "不予受理"', 'acceptance = "村内办理"')
    )
    found = failing({**FILES["ticket"], path: text.encode()})
    assert any(one["file"].endswith("refused.json") for one in found)


def end(document: Document) -> None:
    document["moves"][-1]["expect"] = {"end": "end_elsewhere"}


def role(document: Document) -> None:
    document["moves"][0]["expect"]["open"]["accept"]["role"] = "handler"


def choice(document: Document) -> None:
    document["moves"][1]["answers"]["acceptance"] = "没有这个选项"


def unknown(document: Document) -> None:
    document["moves"][1]["node"] = "nowhere"


@pytest.mark.parametrize("change", [end, role, choice, unknown])
def test_it_fails_what_is_otherwise_than_expected(change: Callable[[Document], None]) -> None:
    (found,) = failing(rewritten("ticket", "refused", change))
    assert found["rule"] == "scenario-fails" and found["message"]["en"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"moves": []},
        {"moves": [{"do": "fly"}], "name": {"zh_CN": "x"}, "start": "2026-11-23T09:00:00+08:00"},
        {"moves": [{"do": "answer"}], "name": {"zh_CN": "x"}, "start": "2026-11-23T09:00:00"},
        {"moves": [{"do": "answer"}], "name": {"zh_CN": "x"}, "start": "soon"},
        {"moves": [{"do": "answer"}] * 500, "name": {"zh_CN": "x"}},
    ],
)
def test_it_says_what_is_no_scenario(document: Document) -> None:
    path = "processes/ticket/scenarios/odd.json"
    (found,) = failing(alone("ticket", path, document))
    assert found["rule"] == "bad-scenario" and found["file"] == path


def test_it_finds_them_beside_a_diagram() -> None:
    given = find_files([ROOT / "processes/ticket"])
    beside = len(list((ROOT / "processes/ticket/scenarios").glob("*.json")))
    assert sum("scenarios" in file for file in given.files) == beside >= 11
    one = find_files([ROOT / "processes/ticket/scenarios/refused.json"])
    assert any(file.endswith("ticket.bpmn") for file in one.beside)
    assert check.check_files(one.files, beside=one.beside).ok


def test_it_turns_the_clock_over_a_weekend() -> None:
    """A limit of working days that begins on a Friday ends on the Monday."""

    def friday(document: Document) -> None:
        document["start"] = "2026-11-27T09:00:00+08:00"
        for move in document["moves"]:
            move.pop("expect", None)
        document["moves"] = document["moves"][:1]
        monday = datetime.fromisoformat("2026-11-30T18:00:00+08:00").isoformat()
        document["moves"][0]["expect"] = {"open": {"accept": {"due": monday}}}

    assert failing(rewritten("ticket", "refused", friday)) == []
