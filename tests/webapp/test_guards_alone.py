"""What guards every request, on an application that has nothing else: every header whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, Response, g, jsonify
from flask.testing import FlaskClient

from webapp import downloads, security

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
NOTHING = "default-src 'none'; sandbox"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
# Of the content, not of what guards it.
PLAIN = {"Content-Type", "Content-Length", "Date", "Last-Modified", "ETag", "Content-Disposition"}
PLAIN |= {"Accept-Ranges", "Expires"}
MEBIBYTE = 1024 * 1024


@pytest.fixture
def client(tmp_path) -> Iterator[FlaskClient]:  # type: ignore[no-untyped-def]
    """Pages of every kind, and nothing but the guards before them."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/app.1234.js").write_text("1")
    (tmp_path / "mark.svg").write_text("<svg/>")
    app = Flask("guards", static_folder=str(tmp_path), static_url_path="/static")
    security.init_app(app)

    @app.get("/")
    def page() -> str:
        return "<p>"

    @app.get("/editor")
    def editor() -> str:
        security.allow_inline_styles()
        return "<p>"

    @app.get("/json")
    def some() -> Response:
        return jsonify(a=1)

    @app.get("/file")
    def file() -> Response:
        return downloads.download(b"<script>", "a.html", "text/html")  # type: ignore[return-value]

    @app.post("/form")
    def form() -> dict[str, bool]:
        return {"ours": security.same_origin(), "styles": bool(g.get("inline_styles"))}

    yield app.test_client()


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(
    ("path", "policy", "cache"),
    [
        ("/", POLICY, "no-store"),
        ("/nowhere", POLICY, "no-store"),
        (
            "/editor",
            POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
            "no-store",
        ),
        ("/json", NOTHING, "no-store"),
        ("/file", NOTHING, "no-cache, max-age=0, private"),
        ("/static/mark.svg", POLICY, "no-cache"),
        ("/static/dist/app.1234.js", POLICY, "public, max-age=31536000, immutable"),
        ("/static/dist/gone.js", POLICY, None),
    ],
)
def test_an_answer_has_these_headers_and_no_others(
    client: FlaskClient, path: str, policy: str, cache: str | None, secure: bool
) -> None:
    answer = client.get(path, base_url=f"http{'s' if secure else ''}://county.example")
    found = {name: value for name, value in answer.headers if name not in PLAIN}
    wanted = {"Content-Security-Policy": policy, **ALWAYS, **(HSTS if secure else {})}
    if cache is not None:
        wanted["Cache-Control"] = cache
    assert found == wanted


def test_what_one_page_may_no_other_may_after_it(client: FlaskClient) -> None:
    client.get("/editor")
    assert client.get("/").headers["Content-Security-Policy"] == POLICY


def test_a_policy_that_a_view_has_set_stays(client: FlaskClient) -> None:
    """Whoever sets its own knows why: nothing is added to it."""
    assert client.get("/file").headers.getlist("Content-Security-Policy") == [NOTHING]
    assert client.get("/file").headers.getlist("X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize(
    ("size", "mimetype", "code"),
    [
        (2 * MEBIBYTE, "application/x-www-form-urlencoded", 200),
        (2 * MEBIBYTE + 1, "application/x-www-form-urlencoded", 413),
        (2 * MEBIBYTE + 1, "text/plain", 413),
        (2 * MEBIBYTE + 1, "", 413),
        (2 * MEBIBYTE + 1, "multipart/form-data; boundary=x", 200),
    ],
)
def test_it_refuses_a_body_that_is_larger_than_a_form(
    client: FlaskClient, size: int, mimetype: str, code: int
) -> None:
    answer = client.post("/form", data=b"a" * size, content_type=mimetype)
    assert answer.status_code == code


@pytest.mark.parametrize(
    ("target", "code"),
    [("/?q=%00", 400), ("/?q=a%00b&r=1", 400), ("/%00", 400), ("/?q=%01", 200), ("/?q=00", 200)],
)
def test_it_refuses_nul(client: FlaskClient, target: str, code: int) -> None:
    assert client.get(target).status_code == code


def test_it_refuses_json_without_bottom(client: FlaskClient) -> None:
    deep = "[" * 200_000
    answer = client.post("/form", data=deep, content_type="application/json")
    assert answer.status_code == 400
    assert client.post("/form", data="[", content_type="application/json").status_code == 200
    assert client.post("/form", data=deep, content_type="text/plain").status_code == 200


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://county.example"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://other.example"}, True),
        ({"Origin": "http://county.example"}, True),
        ({"Origin": "https://county.example"}, False),
        ({"Origin": "http://county.example.other"}, False),
        ({"Origin": "http://county.example:81"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": "http://county.example/cases/1"}, True),
        ({"Referer": "http://county.example.other/cases/1"}, False),
        ({"Origin": "null", "Referer": "http://county.example/"}, False),
        ({}, False),
    ],
)
def test_it_knows_our_own_pages(client: FlaskClient, headers: dict[str, str], ours: bool) -> None:
    answer = client.post("/form", base_url="http://county.example", headers=headers)
    assert answer.json == {"ours": ours, "styles": False}
