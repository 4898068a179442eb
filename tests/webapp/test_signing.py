"""A final paper is signed on a screen, on a telephone or by hand, and sealed as one PDF."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select, update

from engine.casework import recusal
from engine.documents.signing import ink
from engine.errors import InvalidInput
from engine.models import Attachment, Case, Event, Paper, PaperSignature
from engine.records import attachments
from engine.storage.db import reading, transaction
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_people_page import NAME, PARTIES, dispute

STROKES = [[[10, 10], [120, 90], [200, 20]], [[40, 40], [60, 150]]]
WHOLE = {"party_sex": "女", "party_birth": "1980-05-01", "party_address": "南湖村三社 12 号"}
TERM = {"who": "王建国", "does": "修桥", "to_whom": NAME, "due_on": "2026-12-31", "manner": "当面"}
EVERYBODY = {"party-0", "party-1", "mediator-0", "recorder", "seal"}


@pytest.fixture
def mediator(site: Site) -> Browser:
    """The mediator of a dispute whose agreement is final."""
    case_id = dispute(site, rich(PARTIES))
    mediator = site.browser("worker")
    finish_agreement(mediator, case_id)
    return mediator


def rich(parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parties of whom everything is said that an agreement asks for."""
    return [{**one, **WHOLE} for one in parties]


def finish_agreement(mediator: Browser, case_id: int) -> int:
    """Make the agreement of a dispute final; return its id."""
    begun = mediator.post(f"/cases/{case_id}/papers/agreement")
    path = re.sub(r"^https?://[^/]+", "", begun.location)
    words = {"facts": "桥面破损。", "liability": "各半。", "place": "村委会", "copies": "3"}
    words |= {"agreed_on": "2026-11-20", **{f"terms-0-{key}": term for key, term in TERM.items()}}
    assert mediator.post(path, words).status_code == 303
    final = mediator.post(f"{path}/final")
    assert final.status_code == 303, plain(final)
    return int(path.rsplit("/", 1)[1])


def places(site: Site) -> dict[str, PaperSignature]:
    with site.app.app_context(), reading() as db:
        return {row.key: row for row in db.scalars(select(PaperSignature))}


def paper(site: Site) -> Paper:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Paper)).one()


def sign(browser: Browser, row: PaperSignature, strokes: Any = STROKES) -> Any:
    return browser.post(f"/signatures/{row.id}", {"strokes": json.dumps(strokes)})


def content(site: Site, attachment_id: int | None) -> bytes:
    with site.app.app_context(), reading() as db:
        return attachments.path_of(db.get_one(Attachment, attachment_id)).read_bytes()


def link(browser: Browser, row: PaperSignature) -> str:
    """Make a link; returns its token."""
    page = browser.post(f"/signatures/{row.id}/link").text
    found = re.search(r"/sign#([\w-]+)", page)
    assert found is not None
    return found[1]


def scan(browser: Browser, paper_id: int, kind: str = "JPEG", name: str = "scan.jpg") -> Any:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, kind)
    return browser.post(f"/papers/{paper_id}/scan", {"file": (io.BytesIO(out.getvalue()), name)})


def change(site: Site, statement: Any) -> None:
    with site.app.app_context(), transaction() as db:
        db.execute(statement)


def conceal(site: Site) -> None:
    """Make the only case confidential."""
    with site.app.app_context(), transaction() as db:
        case = db.scalars(select(Case)).one()
        recusal.keep(db, case, None, by_id=None, now=site.world.now)


def test_on_screen_by_telephone_and_by_hand_it_is_sealed_as_one_file(
    site: Site, mediator: Browser
) -> None:
    rows, final = places(site), paper(site)
    assert set(rows) == EVERYBODY
    address = f"/papers/{final.id}/signing"
    assert plain(mediator.get(address)).count("未签") == 4
    assert NAME in plain(mediator.get(f"/signatures/{rows['party-0'].id}"))
    assert sign(mediator, rows["party-0"]).status_code == 303
    telephone = site.browser()
    assert telephone.post("/sign", {"token": link(mediator, rows["party-1"])}).status_code == 303
    assert "王建国" in plain(telephone.get("/sign/paper"))
    assert telephone.get("/sign/paper/pages.png").data.startswith(b"\x89PNG")
    done = telephone.post("/sign/paper", {"strokes": json.dumps(STROKES)})
    assert "已签名" in plain(done)

    leader = site.browser("grid_leader")
    early = leader.post(f"/papers/{final.id}/seal")
    assert early.status_code == 409 and "人民调解员、记录人" in plain(early)
    assert scan(mediator, final.id).status_code == 303
    assert plain(leader.get(address)).count("已签") == 4
    assert mediator.post(f"/papers/{final.id}/seal").status_code == 403
    assert leader.post(f"/papers/{final.id}/seal").status_code == 303

    row = paper(site)
    made = content(site, row.sealed_id)
    assert made.startswith(content(site, row.attachment_id)) and row.sealed_digest is not None
    assert proven(made) == (True, True)
    # A byte changed, or a piece added.
    at = len(made) // 3
    assert proven(made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :])[0] is False
    assert proven(added_to(made))[1] is False
    assert "已盖章" in plain(leader.get(address))
    assert leader.get(f"/attachments/{row.sealed_id}").mimetype == "application/pdf"
    assert sign(mediator, rows["party-0"]).status_code == 303
    assert leader.post(f"/papers/{final.id}/seal").status_code == 409
    story = plain(mediator.get(f"/cases/{row.case_id}/story"))
    for words in (
        "申请人在《人民调解协议书》上签名",
        "收下签好的纸质",
        "在《人民调解协议书》上盖章",
    ):
        assert words in story
    checked = site.browser().get(printed_check(site, row.id)).text
    assert row.digest is not None and row.digest in checked and row.sealed_digest in checked


def printed_check(site: Site, paper_id: int) -> str:
    from engine.documents.papers import check_codes

    with site.app.app_context():
        return f"/check/{check_codes.code_of(paper_id)}"


def added_to(pdf: bytes) -> bytes:
    """The file with a further revision behind the signature, as an editor would save it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Lang"] = generic.TextStringObject("en")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def proven(pdf: bytes) -> tuple[bool, bool]:
    """Whether the signature holds, and whether it covers the whole file: by pyHanko's reader."""
    (found,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    roots = [found.signer_cert]
    state = validate_pdf_signature(
        found, ValidationContext(trust_roots=roots, allow_fetching=False)
    )
    return state.intact and state.valid, state.coverage.name == "ENTIRE_FILE"


def test_a_link_opens_one_place_once_for_two_days(site: Site, mediator: Browser) -> None:
    row = places(site)["party-0"]
    first, token = link(mediator, row), link(mediator, row)
    with site.app.app_context(), reading() as db:
        kept = db.scalars(select(Event.data).where(Event.kind == "paper.link")).all()
    assert len(kept) == 2 and token not in "".join(map(str, kept))
    stranger = site.browser()
    answers = {
        (page.status_code, re.sub(r'value="[^"]*"', "", page.text))
        for page in (stranger.post("/sign", {"token": one}) for one in (first, "", "x" * 300, "é"))
    }
    assert len(answers) == 1 and next(iter(answers))[0] == 404
    assert site.browser().get("/sign/paper").status_code == 404
    assert site.browser().get("/sign/paper/pages.png").status_code == 404
    assert stranger.post("/sign", {"token": token}).status_code == 303
    empty = stranger.post("/sign/paper", {"strokes": "[]"})
    assert empty.status_code == 422 and "请重签" in plain(empty)
    assert stranger.post("/sign/paper", {"strokes": json.dumps(STROKES)}).status_code == 200
    assert stranger.get("/sign/paper").status_code == 404
    assert site.browser().post("/sign", {"token": token}).status_code == 404
    other = link(mediator, places(site)["party-1"])
    site.world.now += timedelta(hours=49)
    assert site.browser().post("/sign", {"token": other}).status_code == 404


def test_a_link_closes_when_its_case_becomes_confidential(site: Site, mediator: Browser) -> None:
    token = link(mediator, places(site)["party-0"])
    telephone = site.browser()
    telephone.post("/sign", {"token": token})
    conceal(site)
    assert telephone.get("/sign/paper").status_code == 404
    assert telephone.post("/sign/paper", {"strokes": json.dumps(STROKES)}).status_code == 404


def test_nobody_else_signs_or_looks(site: Site, mediator: Browser) -> None:
    row, final = places(site)["party-0"], paper(site)
    stranger = site.browser("handler")
    for path in (f"/papers/{final.id}/signing", f"/signatures/{row.id}"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(f"/signatures/{row.id}/pages.png").status_code in (403, 404)
    assert sign(stranger, row).status_code == 404
    assert stranger.post(f"/signatures/{row.id}/link").status_code == 404
    assert stranger.post(f"/papers/{final.id}/seal").status_code == 404
    above = site.browser("county_leader")
    assert NAME not in above.get(f"/papers/{final.id}/signing").text
    assert above.get(f"/signatures/{row.id}").status_code == 403
    assert sign(above, row).status_code == 403
    seal = places(site)["seal"]
    assert sign(mediator, seal).status_code == 404


def test_what_was_changed_behind_our_back_is_not_sealed(site: Site, mediator: Browser) -> None:
    rows = places(site)
    for key in EVERYBODY - {"seal"}:
        assert sign(mediator, rows[key]).status_code == 303
    mine = PaperSignature.id == rows["party-0"].id
    change(site, update(PaperSignature).where(mine).values(device="ab" * 32))
    refused = site.browser("grid_leader").post(f"/papers/{paper(site).id}/seal")
    assert refused.status_code == 409 and "被改动过" in plain(refused)


def test_a_scan_is_a_pdf_or_a_photo(site: Site, mediator: Browser) -> None:
    final = paper(site).id
    words = {"file": (io.BytesIO(b"words"), "scan.pdf")}
    refused = mediator.post(f"/papers/{final}/scan", words)
    assert refused.status_code == 422 and "PDF 或者照片" in plain(refused)
    assert mediator.post(f"/papers/{final}/scan").status_code == 422
    assert scan(mediator, final).status_code == 303
    again = scan(mediator, final)
    assert again.status_code == 409 and "已经签过名" in plain(again)


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        {},
        [],
        "x",
        [[]],
        [[[1, 1]]],
        [[[0, 0], [10, 10]]],
        [[[0, 0], [1e9, 0]]],
        [[[0, 0], [9000, 0]]],
        [[[0, 0], [True, 90]]],
        [[[0, 0, 0], [90, 90, 0]]],
        [[[0, 0], [float("nan"), 90]]],
        [[[0, 0], [90, 90]]] * 201,
        [[[0, 0], [90, 90]] * 10_001],
    ],
)
def test_what_is_no_signature_is_refused(strokes: Any) -> None:
    with pytest.raises(InvalidInput):
        ink.check(strokes)


def test_ink_stays_within_its_place() -> None:
    """Also of a signature that is one dot and a line, or as wide as a screen."""
    for strokes in (STROKES, [[[5, 5]], [[0, 0], [0, 200]]], [[[0, 0], [8000, 1]]]):
        lines = ink.drawing(ink.check(strokes), 108, 34).decode()
        points = re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml]\b", lines)
        assert points and all(0 <= float(x) <= 108 and 0 <= float(y) <= 34 for x, y in points)


def test_without_an_address_of_its_own_it_makes_no_link(site: Site, mediator: Browser) -> None:
    site.configure(public_url="")
    refused = site.browser("worker").post(f"/signatures/{places(site)['party-0'].id}/link")
    assert refused.status_code == 409 and "对外地址" in plain(refused)
    assert places(site)["party-0"].token_mac is None


def test_a_paper_of_a_case_that_became_confidential_is_sealed_by_nobody(
    site: Site, mediator: Browser
) -> None:
    assert scan(mediator, paper(site).id).status_code == 303
    conceal(site)
    refused = site.browser("grid_leader").post(f"/papers/{paper(site).id}/seal")
    assert refused.status_code in (403, 404) and paper(site).sealed_at is None
