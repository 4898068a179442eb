"""Files on their way out: whatever people made leaves here, and never becomes a page.

A diagram, a table, a photo or a workbook may hold a script. It is sent to be kept, with its own
media type, and is denied everything should a browser open it all the same. Our own pages read
diagrams by script and show photos as parts, which none of this prevents.
"""

from __future__ import annotations

import io
from pathlib import Path

from flask import send_file
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

BPMN = "application/bpmn+xml"
# What a document that is no page of ours may load or run: nothing.
NOTHING = "default-src 'none'; sandbox"


def download(content: bytes | Path, name: str, mime: str, *, digest: str | None = None) -> Response:
    """Send bytes or a file to be kept under ``name``; ``digest`` tells whether it changed.

    Of a file, the range that a player asks for is sent.
    """
    response = send_file(
        io.BytesIO(content) if isinstance(content, bytes) else content,
        mimetype=mime,
        as_attachment=True,
        download_name=name,
        conditional=isinstance(content, Path),
        etag=digest or False,
        max_age=0,
    )
    response.headers.update(_guards())
    return response


def picture(content: bytes) -> Response:
    """Send a PNG that we drew, to be shown as a part of a page of ours and kept nowhere."""
    response = send_file(io.BytesIO(content), mimetype="image/png", max_age=0)
    response.headers.update(_guards())
    response.headers["Cache-Control"] = "no-store"
    return response


def own_picture(path: Path) -> Response:
    """Send a picture that ships with the product, to be shown as a part of a page of ours."""
    response = send_file(path, conditional=True)
    response.headers.update(_guards())
    return response


def headers(name: str) -> Headers:
    """Return the same for an answer in JSON that carries such files, named in ASCII letters."""
    found = _guards()
    found["Content-Disposition"] = f"attachment; filename={name}"
    return found


def _guards() -> Headers:
    return Headers({"Content-Security-Policy": NOTHING, "X-Content-Type-Options": "nosniff"})


def data(body: str, mime: str, status: int = 200) -> Response:
    """Send JSON or XML that we wrote for programs; should a browser open it, it is no page."""
    response = Response(body, status, content_type=f"{mime}; charset=utf-8")
    response.headers.update(_guards())
    return response
