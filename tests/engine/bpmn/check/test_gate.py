"""The gate itself: the document, directories, what lies beside, text for people, the child."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.bpmn import check
from engine.bpmn.check import check_files, child, find_files, render
from engine.bpmn.check.child import _PLACES
from engine.isolation.child import environment
from tests.conftest import ROOT
from tests.engine.bpmn.check.drawing import form, node, rule, simple, table, task  # noqa: I001
from tests.engine.bpmn.check.hostile import heavy


def test_it_gives_the_document_that_the_design_describes():
    document = check_files({"a.bpmn": simple(task("x", role="mayor"), keys=("x",))}).as_json()

    (file,) = document["files"]
    (finding, *_) = file["findings"]
    assert json.loads(json.dumps(document)) == document
    assert file.keys() == {"file", "ok", "processes", "findings"}
    assert (file["file"], file["ok"], file["processes"]) == ("a.bpmn", False, ["p"])
    told = {"severity", "rule", "element", "line", "message", "remedy", "fixes"}
    assert finding.keys() == told
    assert (finding["severity"], finding["rule"]) == ("error", "unknown-role")
    assert (finding["element"], finding["line"]) == ("x", 5)
    assert finding["message"].keys() == finding["remedy"].keys() == {"zh_CN", "en"}


def test_it_answers_in_the_order_in_which_it_was_asked():
    files = {"z.bpmn": simple(), "a.bpmn": b"", "m.dmn": table(rule("-", "1"))}

    report = check_files(files)

    assert [file.file for file in report.files] == ["z.bpmn", "a.bpmn", "m.dmn"]
    assert [file.ok for file in report.files] == [True, False, True]
    assert not report.ok


def test_it_answers_about_no_files_at_once():
    assert check_files({}).as_json() == {"files": []}


def test_it_sees_files_that_lie_beside_without_reporting_them():
    call = simple(node("callActivity", "call", calledElement="q"), keys=("call",))
    other = simple().replace(b'"p"', b'"q"', 1).replace(b'"first"', b'"second"')
    other = other.replace(b"first-end", b"second-end")

    assert not check_files({"p.bpmn": call}).ok
    report = check_files({"p.bpmn": call}, beside={"q.bpmn": other})
    assert report.ok and len(report.files) == 1


def test_it_says_so_when_a_file_beside_is_at_fault():
    call = simple(node("callActivity", "call", calledElement="q"), keys=("call",))
    broken = simple("<complexGateway id='x'/>").replace(b'"p"', b'"q"', 1)
    broken = broken.replace(b'"first"', b'"second"').replace(b"first-end", b"second-end")

    (file,) = check_files({"p.bpmn": call}, beside={"q.bpmn": broken}).files

    assert [f["rule"] for f in file.findings if f["severity"] == "error"] == ["engine-refused"]
    assert "q.bpmn" in file.findings[0]["message"]["en"]


@pytest.mark.parametrize("key", ["ticket", "dispute", "hotline"])
def test_it_accepts_the_processes_that_ship(key):
    given = find_files([ROOT / "processes" / key])

    report = check_files(given.files, beside=given.beside)

    assert any(name.endswith(".json") for name in given.beside)
    assert report.ok, render(report, "en")


def test_it_finds_definitions_and_leaves_the_rest(tmp_path):
    home = tmp_path / "processes" / "k"
    home.mkdir(parents=True)
    forms = tmp_path / "forms" / "k"
    forms.mkdir(parents=True)
    for name in ("a.bpmn", "b.dmn", "c.bpmn20.xml", "notes.txt", "pom.xml", "package.json"):
        (home / name).write_bytes(simple())
    (forms / "x.json").write_bytes(form())

    whole = find_files([home])
    assert {name.rpartition("/")[2] for name in whole.files} == {"a.bpmn", "b.dmn", "c.bpmn20.xml"}
    assert [name.rpartition("/")[2] for name in whole.beside] == ["x.json"]

    one = find_files([home / "a.bpmn"])
    assert list(one.files) == [str(home / "a.bpmn")]
    assert len(one.beside) == 3

    everything = find_files([tmp_path])
    assert len(everything.files) == 4 and not everything.beside


def test_it_reads_no_more_of_a_huge_file_than_it_needs(tmp_path):
    path = tmp_path / "huge.bpmn"
    with path.open("wb") as stream:
        stream.truncate(5_000_000_000)

    given = find_files([path])

    assert len(given.files[str(path)]) < 1_100_000
    (file,) = check_files(given.files).files
    assert [finding["rule"] for finding in file.findings] == ["xml-too-large"]


@pytest.mark.parametrize(("lang", "words"), [("zh_CN", "不能使用"), ("en", "cannot be used")])
def test_it_speaks_to_people_in_their_language(lang, words):
    text = render(check_files({"a\x1b[2J.bpmn": simple(task("x\x1b[31m", role="mayor"))}), lang)

    assert words in text
    assert "\x1b" not in text


def test_it_gives_the_child_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("FENGQIAO_SECRET_KEY", "hunter2")

    assert "hunter2" not in str(environment())
    assert "hunter2" in str(os.environ)


def children() -> set[str]:
    """The children of this process; a test run has a database server among them."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()):
                found.add(stat.parent.name)
    return found


def test_it_leaves_no_child_behind():
    before = children()

    check_files({"a.bpmn": simple()})

    assert children() <= before


def test_it_offers_what_the_command_line_needs():
    assert {"check_files", "find_files", "render", "CheckReport"} <= set(check.__all__)


def test_it_never_parses_in_this_process(monkeypatch):
    def explode(*args: object, **kwargs: object) -> None:
        raise AssertionError("hostile bytes were parsed in the server")

    for place in (
        "engine.bpmn.parsing.xml.load",
        "engine.bpmn.check.reading.read_file",
        "forms.load",
    ):
        monkeypatch.setattr(place, explode)

    report = check_files({"a.bpmn": b"<!DOCTYPE d><d/>", "f.json": b"{", "t.dmn": b"<a"})

    rules = [file.findings[0]["rule"] for file in report.files]
    assert rules == ["xml-doctype", "bad-form", "xml-broken"]


def test_it_needs_less_than_a_second_of_work_for_a_small_file():
    """Processor time, which a busy machine does not change."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    check_files({"a.bpmn": simple()})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


@contextlib.contextmanager
def crowded(*semaphores):
    """Others hold every place of these."""
    with contextlib.ExitStack() as others:
        for one in semaphores:
            while one.acquire(blocking=False):
                others.callback(one.release)
        yield


@pytest.mark.parametrize("semaphores", [(_PLACES.free,), (_PLACES.free, _PLACES.chairs)])
def test_it_says_that_it_is_busy_to_whoever_is_in_a_hurry(semaphores):
    with crowded(*semaphores), pytest.raises(check.CheckBusy):
        check_files({"a.bpmn": simple()}, within=9.0)

    assert check_files({"a.bpmn": simple()}, within=60.0).ok


def test_it_is_busy_where_the_time_ends_before_a_file_had_its_own():
    with pytest.raises(check.CheckBusy):
        check_files({"a.bpmn": heavy()["processes.bpmn"]}, timeout=60.0, within=2.0)


def test_its_child_knows_every_rule_by_name():
    """A rule that the engine names is in no module that somebody imports for it."""
    seen = "from engine.bpmn import check; from engine.bpmn.check.findings import REGISTER; "
    seen += "print(*sorted(REGISTER.rules))"
    told = subprocess.run(
        [sys.executable, "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == sorted(check.RULES)
    assert {"missing-id", "duplicate-id", "unknown-action", "missing-decision"} <= set(check.RULES)


def test_it_gives_a_file_its_time_though_others_keep_the_processor(monkeypatch):
    """The child stands still for longer than its time, then goes on: that is not the file's."""
    start = child.isolated.start

    def held(*arguments, **options):
        process = start(*arguments, **options)
        process.send_signal(signal.SIGSTOP)
        threading.Timer(4.0, process.send_signal, [signal.SIGCONT]).start()
        return process

    monkeypatch.setattr(child.isolated, "start", held)
    monkeypatch.setattr(child, "_START", 0.0)

    assert check_files({"a.bpmn": simple()}, timeout=3.0).ok


def test_it_ends_at_the_first_file_that_is_too_heavy_for_whoever_is_in_a_hurry():
    # The other is light, so that it does not depend on the machine which of them takes too long.
    slow = heavy()["processes.bpmn"]
    report = check_files({"a.bpmn": slow, "b.bpmn": simple()}, timeout=2.0, within=60.0)

    assert [(file.file, file.findings[0]["rule"]) for file in report.files] == [
        ("a.bpmn", "too-heavy")
    ]
