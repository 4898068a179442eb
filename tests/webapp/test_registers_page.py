"""The registers of mediation on the pages of administrators."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.webapp.seats import seat
from tests.webapp.site import Site

COMMITTEE = {"name": "南湖村人民调解委员会", "kind": "village", "unit": "V1"}
PERSON = {
    "name": "王秀英", "sex": "female", "full_time": "yes", "office": "head",
    "appointed_on": "2024-01-01", "phone": "13812345678",
}  # fmt: skip


@pytest.fixture
def office(site: Site) -> Site:
    """The site, with an administrator of the county and one of the township beside."""
    for login, code in (("boss", "620725"), ("beside", "T2")):
        site.run(lambda world, who=login, where=code: seat(world, who, where, "admin"))
    return site


def test_it_enters_a_committee_and_its_people_and_shows_what_lacks(office: Site) -> None:
    admin = office.browser("boss")
    made = admin.post("/admin/committees/new", data=COMMITTEE)
    assert made.status_code == 303
    where = made.headers["Location"]
    assert admin.post(f"{where}/mediators/new", data=PERSON).status_code == 303
    page = admin.get(where).text
    assert office.browser("beside").get(where).status_code == 404
    assert "王秀英" in page and "不足 3 人" in page and "13812345678" not in page
    listed = admin.get("/admin/committees").text
    assert COMMITTEE["name"] in listed

    wrong = admin.post(f"{where}/mediators/new", data={**PERSON, "appointed_on": "明天"})
    assert wrong.status_code == 422 and "请填写日期" in wrong.text


def test_its_files_go_out_after_a_fresh_proof_and_come_in(office: Site) -> None:
    admin = office.browser("boss")
    admin.post("/admin/committees/new", data=COMMITTEE)
    out = admin.post("/admin/registers.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(out.data))
    assert [sheet.title for sheet in book.worksheets] == ["调委会", "调解员"]
    assert COMMITTEE["name"] in [cell.value for cell in book["调委会"]["A"]]
    file = (io.BytesIO(out.data), "名册.xlsx")
    back = admin.post("/admin/registers/import", data={"file": file}, follow_redirects=True)
    assert "1 行没有变化" in back.text
    none = admin.post(
        "/admin/registers/import", data={"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")}
    )
    assert none.status_code == 422


@pytest.mark.parametrize("login", ["worker", "village_leader"])
def test_for_everybody_else_there_are_no_registers(office: Site, login: str) -> None:
    if login == "village_leader":
        office.run(lambda world: seat(world, login, "V1", "leader"))
    for path in ("/admin/committees", "/admin/committees/new", "/admin/registers/import"):
        assert office.browser(login).get(path).status_code == 404
