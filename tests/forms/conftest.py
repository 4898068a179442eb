"""What the tests of forms share."""

from __future__ import annotations

from typing import Any

import pytest

import forms
from tests.forms.samples import EVERY_KIND, TODAY, definition, field


@pytest.fixture(scope="session")
def every() -> forms.Form:
    return forms.load(EVERY_KIND)


@pytest.fixture(scope="session")
def one():
    """Make a form of one field (named `x`) and clean one answer to it."""

    def clean(kind: str, answer: Any, **more: Any) -> Any:
        form = forms.load(definition(field("x", kind, **more)))
        return form.clean({"x": answer}, today=TODAY).get("x")

    return clean


@pytest.fixture(scope="session")
def refused():
    """Make a form of one field and give the English message its answer is refused with."""

    def why(kind: str, answer: Any, **more: Any) -> str:
        form = forms.load(definition(field("x", kind, **more)))
        with pytest.raises(forms.InvalidAnswers) as caught:
            form.clean({"x": answer}, today=TODAY)
        assert caught.value.typed_answers == {"x": answer}
        (texts,) = caught.value.errors.values()
        assert all(said.zh and said.en and said.zh != said.en for said in texts)
        return texts[0].en

    return why
