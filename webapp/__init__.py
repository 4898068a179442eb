"""The web application: ``create_app()`` puts its parts together."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from engine import settings as configuration
from engine.settings import Settings
from engine.storage.db import db


class IdConverter(IntegerConverter):
    """A number in an address that the database can hold; any other leads nowhere."""

    def __init__(self, url_map: Map, **options: object) -> None:
        super().__init__(url_map, max=2**63 - 1)


MEGABYTE = 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application for one deployment; without settings, from the environment.

    Raises Misconfigured when a setting is missing or unsafe.
    """
    if settings is not None:
        configuration.use(settings)
    settings = configuration.current()
    app = Flask(__name__)
    app.config.from_mapping(_configuration(settings))
    app.url_map.converters["int"] = IdConverter
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if settings.proxies:
        # Without them every visitor has the proxy's address, and shares its failed logins.
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    db.init_app(app)
    _install(app, settings)
    _register(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "FENGQIAO": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # A database error must not carry what somebody typed into the log.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "MAX_CONTENT_LENGTH": (settings.upload_mb + 1) * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE,
        "MAX_FORM_PARTS": 2000,
        # With the prefix no other site under the same domain can put a session of its own there.
        "SESSION_COOKIE_NAME": "__Host-fengqiao" if settings.cookie_secure else "fengqiao",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.cookie_secure,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        # Only what changes the session sends it: an answer that comes late, a draft's say,
        # would bring back the session as it was before the message, or before the logout.
        "SESSION_REFRESH_EACH_REQUEST": False,
        # The token lives as long as its session; a form may stay open all day.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _install(app: Flask, settings: Settings) -> None:
    from webapp import (
        api,
        display,
        failures,
        locales,
        logs,
        metrics,
        navigation,
        open311,
        security,
    )
    from webapp.account import people, step_up
    from webapp.guide import views as guide

    logs.configure(settings.log_level)
    logs.init_app(app)
    metrics.init_app(app)
    security.init_app(app)
    locales.init_app(app, settings.timezone)
    csrf = CSRFProtect(app)
    people.init_app(app)
    step_up.init_app(app)
    display.init_app(app)
    navigation.init_app(app)
    guide.init_app(app)
    # Before our own error handlers, which then stand in place of its.
    api.init_app(app, csrf)
    # Programs with keys have no cookies.
    csrf.exempt(open311.blueprint)
    failures.init_app(app)


def _register(app: Flask) -> None:
    from webapp.account import (  # noqa: F401  (they register views on the blueprint)
        away,
        notices,
        profile,
        security,
        step_up,
    )

    for blueprint in _blueprints():
        app.register_blueprint(blueprint)


def _blueprints() -> tuple[Blueprint, ...]:
    from webapp import (
        citizens,
        confidential,
        demands,
        escalations,
        health,
        home,
        incidents,
        knowledge,
        metrics,
        open311,
        reports,
        returns,
        screenings,
        trail,
    )
    from webapp.account.views import blueprint as account
    from webapp.admin import blueprint as admin
    from webapp.desk import blueprint as desk
    from webapp.policy import blueprint as policy

    parts = (health, home, metrics, escalations, demands, confidential, reports, returns, incidents)
    more = (citizens, open311, knowledge, screenings, trail)
    return (account, desk, policy, admin, *(one.blueprint for one in (*parts, *more)))
