"""What browsers are told to refuse: the content security policy and its companions."""

from __future__ import annotations

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from webapp import downloads

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "media-src": "'self' blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
LARGEST_BODY = 2 * 1024 * 1024
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}


def init_app(app: Flask) -> None:
    """Refuse outsized forms, and add the headers to every answer."""
    app.before_request(_refuse_nul)
    app.before_request(_limit_plain_forms)
    app.before_request(_refuse_deep_json)
    app.after_request(_protect)


def allow_inline_styles() -> None:
    """Allow inline styles on this one page: the diagram editor writes them itself."""
    g.inline_styles = True


def same_origin() -> bool:
    """Return whether the browser says that this request comes from one of our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.referrer or ""
    return origin == request.host_url.rstrip("/") or origin.startswith(request.host_url)


def _refuse_nul() -> None:
    # PostgreSQL keeps no text with it, and nobody types it.
    if "\x00" in request.path or b"%00" in request.query_string:
        raise BadRequest()


def _limit_plain_forms() -> None:
    # Werkzeug's own limit for form fields covers multipart bodies only.
    if request.mimetype != "multipart/form-data" and (request.content_length or 0) > LARGEST_BODY:
        raise RequestEntityTooLarge()


def _refuse_deep_json() -> None:
    # The reader of JSON gives up with an error that nobody who asks for an object expects.
    if not request.is_json:
        return
    try:
        request.get_json(silent=True)
    except RecursionError as error:
        raise BadRequest() from error


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy(response))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    _keep_private(response)
    return response


def _policy(response: Response) -> str:
    # Only a page of ours may load anything, and what is built with us.
    if response.mimetype != "text/html" and request.endpoint != "static":
        return downloads.NOTHING
    directives = dict(POLICY)
    if g.get("inline_styles"):
        directives["style-src"] += " 'unsafe-inline'"
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _keep_private(response: Response) -> None:
    if request.endpoint == "static":
        # A built file's name changes with its content.
        if response.status_code == 200 and "/dist/" in request.path:
            # Files are sent with no-cache, which would have every page ask for every file again.
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = 31536000
            response.cache_control.immutable = True
        return
    # Pages hold personal data: neither a proxy nor a shared computer keeps them.
    response.headers.setdefault("Cache-Control", "no-store")
    # A file is asked for again each time and sent when it changed; no proxy has a copy.
    if not response.cache_control.no_store:
        response.cache_control.private = True
