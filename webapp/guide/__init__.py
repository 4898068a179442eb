"""The guide inside the product: docs/ as pages, and the section that explains each page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("guide", __name__, url_prefix="/help")

from webapp.guide import views  # noqa: E402, F401  (registers views on the blueprint)
