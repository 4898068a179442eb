"""QR codes: pictures of addresses that lead back to a page, drawn into the page itself."""

from __future__ import annotations

from typing import Any

import segno
from flask import current_app, url_for
from markupsafe import Markup


def page_code(endpoint: str, **values: Any) -> Markup:
    """Return a page's address as a picture; empty while the deployment does not say its address.

    What a request claims to be the host's name is printed on no paper.
    """
    base = current_app.config["FENGQIAO"].public_url
    return as_svg(base + url_for(endpoint, **values)) if base else Markup()


def as_svg(text: str) -> Markup:
    """Return any text as a picture, without inline styles."""
    code = segno.make(text, error="m", micro=False)
    # Drawn by us out of squares; of the text nothing stands in it.
    return Markup(code.svg_inline(scale=3, border=2, svgclass=None, lineclass=None))  # noqa: S704
