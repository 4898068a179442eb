"""Pages of administrators: units, users, posts, deputies, each within the reach of the post."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.org.reach import Reach, reach_of
from webapp.account.people import current_actor

# Pages that ask for themselves who may see what on them.
REQUESTS = frozenset(
    {
        "admin.grants",
        "admin.grant",
        "admin.decide_grant",
        "admin.withdraw_grant",
        "admin.confidential",
        "admin.confirm_confidential",
    }
)
blueprint = Blueprint("admin", __name__, url_prefix="/admin")


def reach() -> Reach:
    """Return what the person who asks looks after. Raises NotFound for everybody else."""
    found = reach_of(current_actor())
    if not found:
        raise NotFound()
    return found


@blueprint.before_request
def _only_administrators() -> None:
    # For everybody else these pages do not exist; of requests, who asked sees their own.
    if request.endpoint not in REQUESTS:
        reach()


@blueprint.get("/")
def index() -> Response:
    """Administration begins with the units."""
    return redirect(url_for("admin.units"), 303)


# Each module registers its views on the blueprint.
from webapp.admin import (  # noqa: E402,F401
    calendars,
    clock,
    committees,
    confidential,
    exchange_codes,
    georeport_keys,
    grants,
    labels,
    logins,
    mediators,
    move_limits,
    notices,
    numbers,
    operations,
    populations,
    posts,
    public_site,
    spots,
    star_opinions,
    synonyms,
    units,
    users,
)
