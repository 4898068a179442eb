"""What a new process begins with: it passes the check, and names its own key alone."""

from __future__ import annotations

import pytest

from engine.bpmn.check import NOTHING
from engine.bpmn.dependencies import read_files
from engine.bpmn.nodes import ParsedFile, ProcessInfo
from engine.definitions import versions
from engine.drafting import prepublish_check, starters
from forms import load
from tests.conftest import ROOT

FILES = versions.read_directory(ROOT)
PROCESSES = ("centre", "dispute", "hotline", "ticket")


def findings(process: str, files: dict[str, bytes], severity: str = "") -> list[object]:
    """The rules that find something; of one severity, if it is named."""
    proof = prepublish_check.prove(process, files, NOTHING)
    found = [finding for file in proof.report.files for finding in file.findings]
    return [one["rule"] for one in found if severity in ("", one["severity"])]


def drawn(files: dict[str, bytes]) -> tuple[ParsedFile, ProcessInfo]:
    """What the one diagram says, and its one process."""
    diagrams = {path: data for path, data in files.items() if path.endswith(".bpmn")}
    (source,), _tables = read_files(diagrams)
    (info,) = source.processes.values()
    return source, info


@pytest.mark.parametrize("name", ["防汛巡查", 'A & B <"quoted">', "流"])
def test_it_begins_with_a_process_that_passes_the_check(name: str) -> None:
    files = starters.blank("flood", name, "Flood & watch")
    assert findings("flood", files) == []
    _source, info = drawn(files)
    assert (info.key, info.name, info.name_en) == ("flood", name, "Flood & watch")
    assert info.number_prefix == name[:2]


@pytest.mark.parametrize("old", PROCESSES)
def test_a_copy_passes_the_check_under_its_own_key(old: str) -> None:
    files = starters.copied(FILES[old], old, "my_own", "自己的流程")
    # What is worth knowing of the old one is worth knowing of its copy.
    assert findings("my_own", files) == findings(old, FILES[old], severity="info")
    assert len(files) == len(FILES[old])
    assert not [path for path in files if f"/{old}/" in path or path.endswith(f"/{old}.bpmn")]


@pytest.mark.parametrize("old", PROCESSES)
def test_a_copy_asks_its_own_forms_and_numbers_its_own_cases(old: str) -> None:
    source, info = drawn(starters.copied(FILES[old], old, "my_own", "自己的流程"))
    asked = {node.form for node in source.nodes.values() if node.form}
    assert asked and all(form.startswith("my_own/") for form in asked)
    assert info.number_prefix == "自己"


def test_a_copy_leaves_the_english_name_of_the_old_one_behind() -> None:
    assert drawn(starters.copied(FILES["ticket"], "ticket", "own", "自"))[1].name_en == ""
    named = starters.copied(FILES["ticket"], "ticket", "own", "自", "My own")
    assert drawn(named)[1].name_en == "My own"
    # The process, and the pool around it.
    assert named["processes/own/own.bpmn"].count(b"My own") == 2


def test_a_copy_changes_nothing_of_its_forms_but_their_key() -> None:
    files = starters.copied(FILES["ticket"], "ticket", "own", "自")
    old, new = (
        load(FILES["ticket"]["forms/ticket/accept.json"]),
        load(files["forms/own/accept.json"]),
    )
    assert new.key == "own/accept"
    assert new.fields == old.fields and new.title == old.title
