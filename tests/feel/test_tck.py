"""The cases of the DMN Technology Compatibility Kit, compliance level 2."""

import pytest

from feel import load_dmn
from tests.feel import tck

CASES = list(tck.cases())


@pytest.mark.skipif(not CASES, reason=f"no test kit in {tck.FOLDER}: set FENGQIAO_SHARED")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.model.stem}-{case.id}")
def test_it_decides_as_the_kit_expects(case):
    model = load_dmn(case.model.read_bytes())

    for name, expected in case.expected.items():
        outcome = model.decision(name).decide(case.inputs)
        assert tck.same(expected, outcome.result), outcome


@pytest.mark.skipif(not CASES, reason=f"no test kit in {tck.FOLDER}: set FENGQIAO_SHARED")
def test_it_finds_all_folders_of_the_kit():
    assert len({case.model for case in CASES}) >= 15
