"""The pages of those who work cases: workbench, cases, moves, files, notices."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

# Each module registers its views on the blueprint.
from webapp.desk import (  # noqa: E402,F401
    batch,
    beside,
    bookmarks,
    clock_page,
    cohandling,
    files,
    inbox,
    labels,
    linked_signing,
    lists,
    moves,
    opening,
    pages,
    palette,
    papercheck,
    papers,
    people,
    presence,
    printing,
    remarks,
    signing,
    tasks,
    telling,
)
