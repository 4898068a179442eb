"""What an operation may answer instead of doing it, as the description of the interface says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_smorest import Blueprint

from webapp.api.schemas import RefusalSchema

View = TypeVar("View", bound=Callable[..., Any])
COMMON = {
    401: "No valid token or session",
    404: "Missing, or not the caller's to see",
    503: "The checker is busy; try again",
}


def refuses(
    blueprint: Blueprint, *common: int, others: dict[int, str] | None = None
) -> Callable[[View], View]:
    """Describe the refusals of an operation: ``common`` ones by their status, ``others`` in words.

    Everything of the interface needs a token, so 401 need not be named.
    """
    told = {status: COMMON[status] for status in (401, *common)} | (others or {})

    def describe(view: View) -> View:
        for status in sorted(told, reverse=True):
            answer = blueprint.alt_response(status, schema=RefusalSchema, description=told[status])
            view = answer(view)
        return view

    return describe
