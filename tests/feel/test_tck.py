"""The cases of the DMN Technology Compatibility Kit, compliance level 2, and some of our own."""

import pytest

from feel import load_dmn
from tests.conftest import SAMPLES
from tests.feel import tck

OWN = list(tck.cases(SAMPLES / "dmn-tck"))


@pytest.mark.parametrize(
    "case", OWN + list(tck.cases(tck.KIT)), ids=lambda case: f"{case.model.stem}-{case.id}"
)
def test_it_decides_as_the_kit_expects(case):
    model = load_dmn(case.model.read_bytes())

    for name, expected in case.expected_values.items():
        outcome = model.decision(name).decide(case.inputs)
        assert tck.same(expected, outcome.result), outcome


def test_it_finds_cases_of_our_own():
    assert len(OWN) == 6 and all(case.expected_values for case in OWN)


def test_it_finds_all_folders_of_the_kit(shared):
    assert len({case.model for case in tck.cases(shared / "data/dmn-tck")}) >= 15
