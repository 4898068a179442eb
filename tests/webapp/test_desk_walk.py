"""A ticket worked off through the pages, without a script."""

from __future__ import annotations

import io
import re

from PIL import Image

from tests.engine.casework.world import ACCEPT, REPORT
from tests.webapp.site import Site, hidden, plain


def photo() -> tuple[io.BytesIO, str]:
    """A small photo as a browser uploads it."""
    image = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(image, "JPEG")
    image.seek(0)
    return image, "现场.jpg"


def test_it_opens_a_ticket_and_shows_it_to_the_next_person(site: Site) -> None:
    worker = site.browser("worker")
    form = worker.get("/cases/new/ticket")
    assert form.status_code == 200, form.text[:500]

    answer = worker.post("/cases/new/ticket", {**REPORT, "once": hidden(form, "once")})
    assert answer.status_code == 303, plain(answer)
    case_path = answer.headers["Location"]
    assert REPORT["summary"] in plain(worker.get(case_path))

    leader = site.browser("grid_leader")
    queue = leader.get("/?queue=to_sign")
    assert REPORT["summary"] in plain(queue)
    page = leader.get(case_path)
    assert "签收" in plain(page)
    task_id = re.search(r"/tasks/(\d+)/sign", page.text)[1]
    assert leader.post(f"/tasks/{task_id}/sign").status_code == 303
    page = leader.get(case_path)
    assert f"/tasks/{task_id}/complete" in page.text
    done = leader.post(f"/tasks/{task_id}/complete", ACCEPT)
    assert done.status_code == 303, plain(done)
    case_id = int(case_path.rsplit("/", 1)[1])
    assert site.run(lambda world: world.open_nodes(case_id)) == ["dispatch"]
