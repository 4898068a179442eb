"""The HTTP interface for other systems: cases, tasks, drafts, with an OpenAPI document.

Whoever calls is a user of the county and sees what their posts let them see, nothing else.
"""

from __future__ import annotations

from flask import Flask, request
from flask_login import current_user
from flask_smorest import Api
from flask_wtf.csrf import CSRFProtect

from webapp.api.schemas import RefusalSchema

PREFIX = "/api/v1"


class PublicApi(Api):
    """Refuses in the words that the pages use, not in those of the library."""

    ERROR_SCHEMA = RefusalSchema


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    """Register the interface and its document at /api/openapi.json."""
    from webapp.api import cases, definitions, tasks, tokens

    app.config.update(
        API_TITLE="Fengqiao",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        API_SPEC_OPTIONS={"components": {"securitySchemes": _schemes(app)}, "security": ACCEPTED},
    )
    api = PublicApi(app)
    for blueprint in (tokens.blueprint, cases.blueprint, tasks.blueprint, definitions.blueprint):
        # A token is no cookie: no other site can make a browser send it.
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint)

    @app.before_request
    def _check_session_calls() -> None:
        ours = request.path.startswith(f"{PREFIX}/") and request.endpoint != "token.create"
        if ours and "Authorization" not in request.headers and current_user.is_authenticated:
            csrf.protect()


def _schemes(app: Flask) -> dict[str, dict[str, str]]:
    """Return by what the interface knows who asks."""
    cookie = {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]}
    return {"token": {"type": "http", "scheme": "bearer"}, "session": cookie}


ACCEPTED: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
