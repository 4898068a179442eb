"""Files inside of a list: each row keeps its own, a row with nothing but a file is a row."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import select

from engine.models import Unit
from engine.storage.db import reading
from forms import load
from tests.webapp.site import Site
from webapp.form_pages import posted_forms

FORM = load(
    {
        "key": "test/people",
        "title": {"zh_CN": "证人", "en": "Witnesses"},
        "groups": [
            {
                "title": {"zh_CN": "证人", "en": "Witnesses"},
                "fields": [
                    {
                        "name": "people",
                        "kind": "list",
                        "label": {"zh_CN": "证人", "en": "People"},
                        "fields": [
                            {
                                "name": "said",
                                "kind": "text",
                                "label": {"zh_CN": "陈述", "en": "Words"},
                            },
                            {
                                "name": "photos",
                                "kind": "files",
                                "accept": "photo",
                                "label": {"zh_CN": "照片", "en": "Photos"},
                            },
                        ],
                    }
                ],
            }
        ],
    }
)


def jpeg(name: str) -> tuple[io.BytesIO, str]:
    image = io.BytesIO()
    Image.new("RGB", (20, 20), "blue").save(image, "JPEG")
    image.seek(0)
    return image, name


def read(site: Site, data: dict[str, object]) -> posted_forms.PostedForm:
    """What the desk takes out of this post of the worker's."""
    with site.app.test_request_context("/", method="POST", data=data):
        with reading() as db:
            actor = site.world.actor(db, "worker")
            county = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
        return posted_forms.parse(FORM, actor, county)


def test_it_takes_the_files_of_each_row(site: Site) -> None:
    posted = read(
        site,
        {
            "people-0-said": "看见了",
            "people-0-photos": "77",
            "people-0-photos-upload": jpeg("一.jpg"),
            "people-3-said": "",
            "people-3-photos-upload": jpeg("二.jpg"),
        },
    )
    first, second = posted.answers["people"]
    assert posted.errors == {}
    assert first["said"] == "看见了" and first["photos"][0] == "77"
    assert len(first["photos"]) == 2 and len(second["photos"]) == 1


def test_it_names_the_row_whose_file_is_refused(site: Site) -> None:
    fake = (io.BytesIO(b"<html><script>alert(1)</script></html>"), "x.jpg")
    posted = read(site, {"people-4-said": "听说的", "people-4-photos-upload": fake})
    assert list(posted.errors) == ["people-0-photos"]
    assert posted.answers["people"] == [{"said": "听说的"}]


def test_it_keeps_files_when_a_row_is_added(site: Site) -> None:
    posted = read(
        site,
        {"people-0-said": "看见了", "people-0-photos-upload": jpeg("一.jpg"), "people-add": "1"},
    )
    assert posted.only_reshaped
    first, second = posted.answers["people"]
    assert len(first["photos"]) == 1 and second == {}
