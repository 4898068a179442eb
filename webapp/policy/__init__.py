"""The policy desk: drafts of definitions, their check, trial, review and publication."""

from flask import Blueprint

from engine.errors import NotFound
from engine.roles import EDITOR, PUBLISHER
from webapp.account.people import current_actor

blueprint = Blueprint("policy", __name__, url_prefix="/policy")


@blueprint.before_request
def _only_those_who_own_the_rules() -> None:
    # For everybody else these pages do not exist.
    if not current_actor().roles & {EDITOR, PUBLISHER}:
        raise NotFound()


# Each module registers its views on the blueprint.
from webapp.policy import (  # noqa: E402,F401
    changeovers,
    editor,
    files,
    histories,
    labels,
    lists,
    paper_templates,
    reviews,
    scenarios,
    statistics,
    trials,
)
