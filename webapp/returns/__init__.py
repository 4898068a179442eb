"""Statistical returns: a page a unit, table and period, from filling to sending upward."""

from flask import Blueprint

from engine.errors import NotFound
from engine.insight.statistics import rights
from webapp.account.people import current_actor

blueprint = Blueprint("returns", __name__, url_prefix="/returns")
PEOPLE = rights.READERS | rights.FILLERS | rights.SIGNERS


@blueprint.before_request
def _only_those_who_have_returns() -> None:
    # For everybody else these pages do not exist.
    if not current_actor().roles & PEOPLE:
        raise NotFound()


# Each module hangs its views on the blueprint.
from webapp.returns import awards, changes, exports, overview, page  # noqa: E402,F401
