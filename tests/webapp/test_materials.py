"""The materials of a case: sent by form or script, played in ranges, photos that know where."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from engine.models import Attachment, Case
from engine.records.videos import cleaned
from engine.storage.db import reading
from tests.engine.records.footage import GPS, PLACE, android, box, film
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_case_page import at_handling

# A film with something to fetch in ranges behind it.
MOVIE = film() + box(b"mdat", bytes(range(256)) * 40)
JSON = {"Accept": "application/json"}


@pytest.fixture
def ticket(site: Site) -> tuple[int, int]:
    """A ticket that a handler of the housing bureau may sign for, and its task."""
    return at_handling(site)


def photo(latitude: tuple[float, float, float] = (38.0, 47.0, 2.4)) -> bytes:
    """A picture that says that it was taken in Shandan."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: latitude, 3: "E", 4: (101.0, 5.0, 18.6)}
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(out, "JPEG", exif=exif)
    return out.getvalue()


def send(browser: Browser, task_id: int, raw: bytes, name: str, **more: Any) -> Any:
    """Upload one file as the form does; with ``json``, as the script does."""
    path = f"/tasks/{task_id}/files"
    if not more.get("json"):
        return browser.post(path, {"file": (io.BytesIO(raw), name)})
    fields = {"file": (io.BytesIO(raw), name), "csrf_token": browser.token()}
    with browser.site.at_its_time():
        return browser.client.post(
            path, data=fields, headers={"Sec-Fetch-Site": "same-origin", **JSON}
        )


def newest(site: Site) -> Attachment:
    with site.app.app_context(), reading() as db:
        return db.query(Attachment).order_by(Attachment.id.desc()).first()


def test_it_takes_files_from_a_form_and_from_a_script(site: Site, ticket: tuple[int, int]) -> None:
    case_id, task_id = ticket
    handler = site.browser("handler")
    assert send(handler, task_id, MOVIE, "现场.mp4").status_code == 303
    sent = send(handler, task_id, b"%PDF-1.4 rest", "合同.pdf", json=True)
    assert (sent.status_code, sent.json) == (200, {"saved": True, "message": ""})

    page = handler.get(f"/cases/{case_id}/materials")
    assert "现场.mp4" in page.text and "合同.pdf" in page.text
    assert re.search(r'<video src="/attachments/\d+"', page.text)


def test_it_says_in_words_what_it_does_not_take(site: Site, ticket: tuple[int, int]) -> None:
    """Type, size and nothing at all; a script is told the same as a page."""
    _case_id, task_id = ticket
    handler = site.browser("handler")
    wrong = send(handler, task_id, b"MZ" + b"\0" * 300, "a.exe", json=True)
    assert wrong.status_code == 422 and "不支持的文件类型" in wrong.json["message"]
    large = send(handler, task_id, b"\xff" * 20_500_000, "大.mp4", json=True)
    assert large.status_code == 422 and large.json["message"] == "文件太大：不能超过 20 MB。"
    larger = send(handler, task_id, b"\xff" * 22_100_000, "更大.mp4", json=True)
    assert larger.status_code == 413 and larger.json["message"] == "文件太大：不能超过 20 MB。"
    assert send(handler, task_id, b"", "空.txt", json=True).status_code == 422
    handler.post(f"/tasks/{task_id}/files", {})
    assert "请先选择文件" in plain(handler.get("/"))


def test_it_plays_a_recording_in_ranges(site: Site, ticket: tuple[int, int]) -> None:
    """206 with what was asked for, 416 beyond the end, the whole when it is another file."""
    case_id, task_id = ticket
    handler = site.browser("handler")
    send(handler, task_id, MOVIE, "现场.mp4")
    path = f"/attachments/{newest(site).id}"

    whole = handler.get(path)
    kept = cleaned(MOVIE)
    assert whole.status_code == 200 and whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Content-Disposition"].startswith("attachment")
    part = handler.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, kept[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(MOVIE)}"
    assert handler.get(path, headers={"Range": "bytes=-50"}).data == kept[-50:]

    beyond = handler.get(path, headers={"Range": f"bytes={len(MOVIE)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(MOVIE)}"
    same = {"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]}
    other = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert handler.get(path, headers=same).status_code == 206
    changed = handler.get(path, headers=other)
    assert (changed.status_code, changed.data) == (200, kept)
    assert site.browser("sibling").get(path, headers=same).status_code == 404
    assert case_id


def test_it_offers_the_place_of_a_photo_to_the_case(site: Site, ticket: tuple[int, int]) -> None:
    """The file itself has lost it; the case gets it when somebody says so, and once."""
    case_id, task_id = ticket
    handler = site.browser("handler")
    send(handler, task_id, photo(), "现场.jpg")
    row = newest(site)
    assert not Image.open(io.BytesIO(handler.get(f"/attachments/{row.id}").data)).getexif()

    materials, decide = f"/cases/{case_id}/materials", f"/attachments/{row.id}/position"
    assert "拍摄于 38.784, 101.0885" in plain(handler.get(materials))
    assert "设为事项位置" not in plain(site.browser("worker").get(materials))
    assert site.browser("worker").post(decide, {"take": "yes"}).status_code == 403
    assert handler.post(decide, {"take": "yes"}).status_code == 303
    assert handler.post(decide, {"take": "yes"}).status_code == 409

    assert "坐标 38.784, 101.0885" in plain(handler.get(f"/cases/{case_id}"))
    assert "把照片或视频里的位置设为事项位置" in plain(handler.get(f"/cases/{case_id}/story"))
    with site.app.app_context(), reading() as db:
        case = db.get_one(Case, case_id)
        assert (case.latitude, case.longitude) == (38.784, 101.0885)
        assert "position" not in db.get_one(Attachment, row.id).proof["exif"]


def test_it_offers_the_place_of_a_film_and_keeps_none_in_it(
    site: Site, ticket: tuple[int, int]
) -> None:
    """As with a photo; one that cannot be read is refused in words."""
    case_id, task_id = ticket
    handler = site.browser("handler")
    send(handler, task_id, film(android()), "现场.mp4")
    row = newest(site)
    stored = handler.get(f"/attachments/{row.id}").data
    assert PLACE.encode() not in stored and GPS not in stored

    page = plain(handler.get(f"/cases/{case_id}/materials"))
    assert "拍摄于 38.784, 101.0885" in page and "文件自带位置" in page
    assert handler.post(f"/attachments/{row.id}/position", {"take": "yes"}).status_code == 303
    assert "坐标 38.784, 101.0885" in plain(handler.get(f"/cases/{case_id}"))
    broken = send(handler, task_id, film()[:200], "坏.mp4", json=True)
    assert broken.status_code == 422 and "视频或录音无法读取" in broken.json["message"]


def test_it_forgets_a_place_that_nobody_wants(site: Site, ticket: tuple[int, int]) -> None:
    """Declined, or no place on the earth: nothing of it is kept."""
    case_id, task_id = ticket
    handler = site.browser("handler")
    send(handler, task_id, photo(), "现场.jpg")
    row = newest(site)
    assert handler.post(f"/attachments/{row.id}/position", {"take": "no"}).status_code == 303
    with site.app.app_context(), reading() as db:
        assert db.get_one(Case, case_id).latitude is None
        assert "38.78" not in str(db.get_one(Attachment, row.id).proof)

    send(handler, task_id, photo((380.0, 0.0, 0.0)), "假.jpg")
    assert "380" not in str(newest(site).proof)
