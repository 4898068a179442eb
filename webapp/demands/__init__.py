"""Supervision notices (督办单) and the must-answer list (中心呼、我必应), each with its clock."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from engine.roles import OVERSEERS
from webapp.account.people import current_actor
from webapp.demands import labels

blueprint = Blueprint("demands", __name__, url_prefix="/demands")


@blueprint.app_context_processor
def _template_functions() -> dict[str, Callable[..., Any]]:
    """What other pages ask: whether somebody oversees anything, how a demand stands."""
    return {
        "oversees": lambda: bool(current_actor().roles & OVERSEERS),
        "demand_stand": labels.stand,
    }


# Each module registers its views on the blueprint.
from webapp.demands import board, single  # noqa: E402,F401
