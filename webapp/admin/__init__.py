"""Pages of administrators: units, users, posts, deputies, each within the reach of the post."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.org import register
from webapp.account.people import current_actor

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


def reach() -> register.Reach:
    """What the person who asks looks after. Raises NotFound for everybody else."""
    found = register.reach_of(current_actor())
    if not found.everything and not found.areas:
        raise NotFound()
    return found


@blueprint.before_request
def _only_administrators() -> None:
    # For everybody else these pages do not exist.
    reach()


@blueprint.get("/")
def index() -> Response:
    """Administration begins with the units."""
    return redirect(url_for("admin.units"), 303)


# Each module hangs its views on the blueprint.
from webapp.admin import (  # noqa: E402,F401
    allowances,
    calendars,
    confidential,
    labels,
    notices,
    operations,
    posts,
    units,
    users,
)
