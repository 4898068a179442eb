"""Faults put into the product are noticed by the simulation, and it finds nothing without them."""

from __future__ import annotations

import os

import pytest

from bench.simulation import mutants, proof

# Those that a few days show; ``fengqiao simulate --mutants`` runs all of them.
MOST = (
    "make_up_days_dropped",
    "holidays_dropped",
    "wrong_person",
    "last_rule_dropped",
    "rounds_dropped",
    "empty_queue_unseen",
    "working_days_off_by_one",
    "unit_of_after_changed",
    "role_changed",
    "one_level_more",
    "one_level_less",
    "channel_left_out",
    "notice_twice",
    "rung_twice",
    "rung_lost",
    "skips_not_recorded",
    "hours_not_counted",
    "pauses_count_double",
    "passing_on_forgives",
    "clock_not_heeded",
    "signing_stops_nothing",
)
# What everybody's run of the tests has time for.
FEW = (
    *("make_up_days_dropped", "rung_lost", "pauses_count_double", "empty_queue_unseen"),
    *("passing_on_forgives", "clock_not_heeded"),
)
OCCASIONS = ("stand_still", "urgent_left", "late_passed_on", "desert")
NAMES = MOST if os.environ.get("FENGQIAO_FAULTS") == "long" else FEW


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_it_catches_what_is_wrong_and_nothing_else() -> None:
    found = proof.prove(names=NAMES)

    right = found["as_it_is"]
    assert (right["off"], right["findings"], right["failures"]) == ([], [], 0)
    assert right["rungs"]["expected"] > 20
    assert [right["happened"][one] for one in OCCASIONS] == [1, 1, 1, 1] and right["leaps"] > 0
    assert found["missed"] == []
    assert sorted(found["caught"]) == sorted(NAMES)
    assert not [name for name, by in found["caught"].items() if "Error" in by[0]]


def test_it_names_each_mutant_once_with_what_it_is() -> None:
    assert set(MOST) < set(mutants.MUTANTS)
    assert all(fault.__doc__ for fault in mutants.MUTANTS.values())


def test_every_fault_finds_the_place_that_it_is_put_into() -> None:
    """Whatever is renamed in the product: none of them fails before it has begun."""
    in_the_code = set(mutants.MUTANTS) - {"make_up_days_dropped", "holidays_dropped"}
    for name in sorted(in_the_code):
        proof.in_a_child(mutants.MUTANTS[name])
