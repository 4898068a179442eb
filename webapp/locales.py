"""Languages of the screens: what the person chose, else what the browser asks for, else Chinese.

Message ids are the Chinese words as the screens show them, so Chinese needs no catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel.core import Locale
from flask import Flask, g, request, session
from flask_babel import Babel, get_locale, get_translations
from flask_login import current_user

from feel.text import Text

CHINESE, ENGLISH = "zh_CN", "en"
LOCALES = {CHINESE: "简体中文", ENGLISH: "English"}
# Of a session: the language of its pages, and one that a stranger has pressed the button of.
SHOWN, CHOSEN = "locale", "chosen_locale"


def init_app(app: Flask, timezone: str) -> None:
    """Choose the language of each request and teach templates to say a ``Text``."""
    Babel(
        app,
        default_locale=CHINESE,
        default_timezone=timezone,
        default_translation_directories=f"{app.root_path}/translations",
        locale_selector=chosen,
    )
    # A page says a hundred messages; flask_babel would look all of this up for each.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda said: _catalogue().ugettext(said),
        ngettext=lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda where, said: _catalogue().upgettext(where, said),
        npgettext=lambda where, one, many, n: _catalogue().unpgettext(where, one, many, n),
    )
    app.add_template_filter(localize, "say")
    app.add_template_filter(comma_list, "listed")
    app.jinja_env.globals["locale"] = current
    app.jinja_env.globals["english"] = english
    app.jinja_env.globals["locales"] = LOCALES
    app.jinja_env.globals["html_lang"] = html_lang


def chosen() -> str:
    """Return the language of this person, else of this session, else the browser's wish."""
    if current_user.is_authenticated and current_user.locale in LOCALES:
        return current_user.locale
    return session.get(SHOWN) or wished()


def wished() -> str:
    """Return what the browser asks for, for somebody who has never chosen; else Chinese."""
    found = request.accept_languages.best_match(("zh-CN", "zh", ENGLISH), default=CHINESE)
    return ENGLISH if found == ENGLISH else CHINESE


def current() -> str:
    """Return the language of this request, by the name that the settings and forms use."""
    found = _request_locale() or get_locale()
    return ENGLISH if found is not None and found.language == ENGLISH else CHINESE


def english() -> bool:
    """Return whether this request is answered in English."""
    return current() == ENGLISH


def comma_list(items: Iterable[str]) -> str:
    """Return items one after the other, with the comma of the language."""
    return (", " if english() else "、").join(items)


def html_lang() -> str:
    """Return the value of the page's ``lang`` attribute."""
    return "en" if english() else "zh-CN"


def localize(message: Any) -> str:
    """Return a two-language message, or a ``{"zh_CN", "en"}`` mapping, in this request's
    language.
    """
    if message is None:
        return ""
    locale = current()
    if isinstance(message, Text):
        return message.to(locale)
    if isinstance(message, dict):
        return str(message.get(locale) or message.get(CHINESE) or "")
    return str(message)


def _request_locale() -> Locale | None:
    """Return what flask_babel keeps for this request; None before it was asked, or outside."""
    try:
        kept = getattr(g._get_current_object(), "_flask_babel", None)
    except RuntimeError:
        return None
    return getattr(kept, "babel_locale", None)


_CATALOGUES: dict[str, Any] = {}


def _catalogue() -> Any:
    """Return the messages in this request's language; each language's are loaded once."""
    found = _request_locale()
    if found is None:
        return get_translations()
    if found.language not in _CATALOGUES:
        _CATALOGUES[found.language] = get_translations()
    return _CATALOGUES[found.language]
