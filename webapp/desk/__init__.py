"""The pages of those who work cases: workbench, cases, moves, files, notices."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

# Each module hangs its views on the blueprint.
from webapp.desk import (  # noqa: E402,F401
    acting,
    batch,
    bookmarks,
    clockpage,
    cohandling,
    files,
    inbox,
    lists,
    moves,
    opening,
    pages,
    printing,
    talking,
    together,
    words,
)
