"""Cases that a practitioner worked out by hand: the scenarios that ship reach the same dates.

The dates stand here as they were calculated on paper, with the holidays of 2026; that the
scenarios come to what they say is for the check of definitions.
"""

from __future__ import annotations

import json

import pytest

from tests.processes.walk import ROOT

CASES = {
    # The visit after seven working days, its form open for two more.
    "dispute/settled_on_the_spot": [("visit_spot", "due", "2026-03-20 18:00")],
    # Sealed on 8 April and entered five days later: the thirtieth day is the 8th of May.
    "dispute/land_lease": [("judicial", "due", "2026-05-09 00:00")],
    # Thirty working days from acceptance, over the days off of May.
    "dispute/medical": [("mediate", "due", "2026-06-12 18:00")],
    # Fifteen days from receipt end in a holiday: at 24:00 of the working day after it.
    "dispute/wages_not_settled": [("mediate", "due", "2026-06-23 00:00")],
    # Day 30 falls into the holiday of October; for the second agreement on a Saturday.
    "dispute/rejected_by_the_court": [("judicial", "due", "2026-10-09 00:00")],
    # A knife on a Saturday night: two hours of the clock to respond, two for the police.
    "dispute/knife": [
        ("respond_township", "due", "2026-11-07 23:30"),
        ("police", "due", "2026-11-07 23:45"),
    ],
    # Twenty-four hours of the clock on a weekend.
    "hotline/heating": [("handle", "due", "2026-12-06 10:00")],
    # Signed for on the next working day, thirteen working days over the holiday of October.
    "hotline/city_order": [
        ("handle", "sign_due", "2026-09-22 18:00"),
        ("handle", "due", "2026-10-15 18:00"),
    ],
    # A consumer's two orders of 1 July: the complaint is accepted on the 10th, mediated within
    # forty-five working days; the report is checked within fifteen, and fifteen more.
    "hotline/by_the_law": [("handle_legal", "due", "2026-09-11 18:00")],
    "hotline/report_checked_by_the_law": [
        ("handle_legal", "due", "2026-07-22 18:00"),
        ("handle_legal", "due", "2026-08-12 18:00"),
    ],
    # Reported on the eve of a holiday.
    "ticket/river_bank": [
        ("accept", "sign_due", "2026-05-06 10:30"),
        ("accept", "due", "2026-05-06 18:00"),
        ("whistle", "sign_due", "2026-05-07 09:30"),
        ("handle", "due", "2026-05-20 18:00"),
    ],
}


def expected(name: str, node: str, clock: str) -> list[str]:
    """What a scenario expects of a clock of a task, each moment once, in their order."""
    process, scenario = name.split("/")
    file = ROOT / "processes" / process / "scenarios" / f"{scenario}.json"
    moves = json.loads(file.read_text(encoding="utf-8"))["moves"]
    found = (move["expect"].get("open", {}).get(node) for move in moves)
    return list(dict.fromkeys(one[clock][:16].replace("T", " ") for one in found if one))


@pytest.mark.parametrize("name", CASES)
def test_it_comes_to_the_dates_that_were_reckoned_by_hand(name: str) -> None:
    asked = dict.fromkeys((node, clock) for node, clock, _moment in CASES[name])
    for node, clock in asked:
        wanted = [moment for *both, moment in CASES[name] if tuple(both) == (node, clock)]
        assert expected(name, node, clock)[: len(wanted)] == wanted, node


def test_the_ten_cases_have_all_a_scenario() -> None:
    """Two orders make the ninth; their sum in the returns is that of ``test_statistics``."""
    assert len(CASES) == 11


def test_what_the_court_rejected_stays_one_case() -> None:
    """Mediated again, sealed again, to the court again: no second application."""
    file = ROOT / "processes/dispute/scenarios/rejected_by_the_court.json"
    nodes = [move["node"] for move in json.loads(file.read_text(encoding="utf-8"))["moves"]]

    assert nodes.count("apply") == 1
    assert nodes.count("judicial") == 1 and nodes.count("seal") == 2
