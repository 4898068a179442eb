"""The child process that sets a paper: HTML in, PDF and a picture of its pages out.

It also says where people sign: of every box that the page calls ``sign-…`` its sheet, counted from
0, and its edges in points from the lower left corner. Of a PDF that is there it draws the picture.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
from typing import Any

from engine.isolation.child import limit_self

MEMORY, CPU = 1_500 * 1024 * 1024, 30
# Pages that a preview shows, and how wide.
MOST_PAGES, SCALE, GAP = 12, 1.3, 12
# How places for names are called, and points in a pixel of the page.
SIGN, POINTS = "sign-", 0.75


def main() -> int:
    """Set what stands on standard input."""
    limit_self(memory=MEMORY, cpu=CPU, nice=5)
    asked = json.load(sys.stdin.buffer)
    pdf, places = _pdf(asked["html"]) if "html" in asked else (base64.b64decode(asked["pdf"]), {})
    picture, pages = _picture(pdf) if asked["picture"] else (b"", 0)
    said = {"pdf": _text(pdf), "picture": _text(picture), "pages": pages, "places": places}
    sys.stdout.write(json.dumps(said))
    return 0


def _pdf(html: str) -> tuple[bytes, dict[str, list[float]]]:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    class Nothing(URLFetcher):
        """Whatever a paper shows is inside of it: no file and no address is opened."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError(url[:80])

    fetcher = Nothing(allowed_protocols=[], allow_redirects=False, fail_on_errors=True)
    # The same words give the same id, so that a paper set again has the same bytes.
    name = hashlib.sha256(html.encode()).digest()[:16]
    options: dict[str, Any] = {"pdf_variant": "pdf/a-2b", "pdf_identifier": name}
    page = HTML(string=html, base_url="paper://", url_fetcher=fetcher)
    document = page.render(**options)
    return bytes(document.write_pdf(**options)), _places(document)


def _places(document: Any) -> dict[str, list[float]]:
    found = {}
    for at, page in enumerate(document.pages):
        for name, (left, top, right, bottom) in page.anchors.items():
            if name.startswith(SIGN):
                edges = (left, page.height - bottom, right, page.height - top)
                found[name.removeprefix(SIGN)] = [at, *(round(one * POINTS, 2) for one in edges)]
    return found


def _picture(pdf: bytes) -> tuple[bytes, int]:
    import pypdfium2
    from PIL import Image

    document = pypdfium2.PdfDocument(pdf)
    shown = [
        document[at].render(scale=SCALE).to_pil() for at in range(min(len(document), MOST_PAGES))
    ]
    width = max(one.width for one in shown)
    height = sum(one.height + GAP for one in shown) - GAP
    sheet = Image.new("RGB", (width, height), (205, 205, 205))
    top = 0
    for one in shown:
        sheet.paste(one, (0, top))
        top += one.height + GAP
    out = io.BytesIO()
    sheet.convert("L").save(out, "PNG", optimize=False)
    return out.getvalue(), len(document)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


if __name__ == "__main__":
    sys.exit(main())
