"""Real files of other tools: what can run passes, what cannot is named exactly."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from engine.bpmn.check import check_files, find_files
from tests.engine.bpmn.check.drawing import look, only

ERRORS = {
    "arena-lanes_with_lane_owners.bpmn": {"bad-expression": 4},
    "camunda-invoice.v2.bpmn": {
        "bad-expression": 4, "missing-action": 1, "missing-decision": 1, "missing-process": 1,
    },
    "camunda-invoiceBusinessDecisions.dmn": {},
    "dmntck-0004-simpletable-U.dmn": {},
    "flowable-Helpdesk.bpmn20.xml": {},
    "flowable-VacationRequest.bpmn20.xml": {"bad-expression": 4},
    "miwg-A.1.0.bpmn": {"not-executable": 1},
    "miwg-A.2.0.bpmn": {"missing-condition": 1, "not-executable": 1},
    "miwg-A.3.0.bpmn": {"missing-start": 1, "not-executable": 1},
    "miwg-A.4.0.bpmn": {"not-executable": 1},
    "miwg-A.4.1.bpmn": {"not-executable": 1},
    "miwg-B.1.0.bpmn": {
        "missing-action": 2, "missing-condition": 2, "missing-process": 1, "missing-start": 1,
        "not-executable": 1,
    },
    "miwg-B.2.0.bpmn": {
        "empty-loop": 4, "error-not-caught": 1, "missing-action": 4, "missing-condition": 3,
        "missing-process": 1, "missing-start": 2, "not-executable": 1, "timer-without-time": 3,
        "unsupported-event": 6,
    },
    "miwg-C.1.0.bpmn": {"bad-expression": 4, "missing-action": 1},
    "miwg-C.1.1.bpmn": {"bad-expression": 4, "missing-action": 1},
    "miwg-C.2.0.bpmn": {"missing-condition": 3, "not-executable": 1},
    "spiff-business_rule_task.bpmn": {"missing-decision": 1},
    "spiff-business_rules.dmn": {"table-overlap": 1},
    "spiff-lanes.bpmn": {"bad-expression": 1},
    "spiff-non-executable-process.bpmn": {"not-executable": 1},
    "spiff-timer-cycle.bpmn": {"bad-expression": 1, "bad-timer": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_it_names_exactly_what_cannot_run_in_a_real_file(shared, name):
    data = (shared / "data/bpmn" / name).read_bytes()

    found = look({name: data})

    assert Counter(f.rule for f in found if f.severity == "error") == ERRORS[name]
    assert all(finding.line for finding in found if finding.element)


def test_it_has_an_expectation_for_every_real_file(shared):
    files = {p.name for p in (shared / "data/bpmn").iterdir() if p.suffix not in (".md", ".csv")}

    assert files == ERRORS.keys()


def test_it_proposes_the_spelling_for_conditions_of_other_products(shared):
    data = (shared / "data/bpmn/camunda-invoice.v2.bpmn").read_bytes()

    remedies = {
        f.element: f.remedy.en for f in look({"i.bpmn": data}) if f.rule == "bad-expression"
    }

    assert remedies["invoiceNotApproved"] == "Write: not(approved)"
    assert remedies["reviewSuccessful"] == "Write: clarified"


def test_it_lists_the_settings_of_another_product(shared):
    data = (shared / "data/bpmn/spiff-business_rule_task.bpmn").read_bytes()

    finding = only(look({"b.bpmn": data}), "foreign-settings")

    assert "SpiffWorkflow" in finding.message.en and "calledDecisionId" in finding.message.en


def test_it_accepts_every_table_of_the_dmn_tck(shared):
    given = find_files([shared / "data/dmn-tck"])

    report = check_files(given.files)

    assert len(report.files) == 15
    assert report.ok


def test_it_checks_all_real_files_at_once_as_it_checks_them_alone(shared):
    given = find_files([shared / "data/bpmn"])

    report = check_files(given.files)

    found = {
        file.file.rpartition("/")[2]: Counter(
            f["rule"] for f in file.findings if f["severity"] == "error"
        )
        for file in report.files
    }
    # Beside its table, the decision is still not named by gov:decision.
    assert found == ERRORS


def test_it_keeps_the_languages_apart(shared):
    """The names in these files are not Chinese, so Chinese in an English text is ours."""
    chinese = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    for name in ERRORS:
        for finding in look({name: (shared / "data/bpmn" / name).read_bytes()}):
            for text in (finding.message, finding.remedy):
                assert not chinese.search(text.en), (finding.rule, text.en)
                assert chinese.search(text.zh), (finding.rule, text.zh)
