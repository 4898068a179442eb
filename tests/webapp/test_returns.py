"""The pages of statistical returns, as the village fills, the township adds up and nobody peeks."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from engine import org
from engine.definitions import versions
from engine.errors import InvalidInput
from engine.insight.statistics import exchange
from engine.models import AdminEvent, Case, Confidentiality, StatisticReturn, Unit, User
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ROOT
from tests.processes.desk import Desk
from tests.webapp.seats import seat
from tests.webapp.site import Site, plain

QUARTER = "2026-Q4"
ROW = re.compile(r'class="row-link" href="/cases/(\d+)')
NUMBER = re.compile(r'href="(/returns/[^"]+/cases\?[^"]+)">([\d.]+)</a>')


@pytest.fixture
def filed(site: Site) -> list[int]:
    """Two disputes settled on the spot in V1: one without an amount, one of 300 yuan."""

    def make(world: Any) -> list[int]:
        with transaction() as db:
            for login, role in (("worker", "mediator"), ("grid_leader", "leader")):
                unit = org.unit_by_code(db, "V1")
                assert unit is not None
                user = db.get_one(User, world.logins[login])
                org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
            files = versions.read_directory(ROOT)
            for process in ("dispute", versions.STATISTICS):
                versions.publish(db, process, files[process], now=world.now)
        found = []
        for amount in (None, 300):
            desk = Desk(world, "dispute")
            desk.open(
                "worker", place="V1", people_count=2, amount=0, channel="网格员排查",
                violence=False, self_harm=False, gathering=False, pending_elsewhere="没有",
                dispute_type="邻里纠纷", on_spot=True, spot_told=True, agreed_on="2026-11-19",
                agreed_terms="互相谅解。", agreed_amount=amount, visit_after=7,
            )  # fmt: skip
            found.append(desk.case_id)
        return found

    return site.run(make)


def at(site: Site, code: str, key: str = "mediation_cases", period: str = QUARTER) -> str:
    """The address of a unit's return."""
    with site.app.app_context(), reading() as db:
        unit_id = db.scalars(select(Unit.id).where(Unit.code == code)).one()
    return f"/returns/{key}/{unit_id}/{period}"


def sign(site: Site, login: str, path: str) -> None:
    """Look at the check code and sign."""
    browser = site.browser(login)
    page = browser.get(f"{path}/sign").text
    code = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert code is not None, page
    answer = browser.post(f"{path}/sign", {"seen": code[1]})
    assert answer.status_code == 303, answer.text


def test_the_village_fills_mends_signs_and_sends_and_the_township_adds_up(
    site: Site, filed: list[int]
) -> None:
    village, path = site.browser("grid_leader"), at(site, "V1")
    assert "统计报表" in plain(village.get("/returns/"))
    assert "本期尚未填报" in plain(village.get(path))
    assert village.post(f"{path}/fill").status_code == 303
    page = village.get(path)
    assert "1 件没有协议金额" in plain(page)

    # Every number leads to as many cases as it says.
    links = {html.unescape(one): number for one, number in NUMBER.findall(page.text)}
    counted = {one: int(number) for one, number in links.items() if "number=total" in one}
    assert list(counted.values()) and set(counted.values()) == {2}
    for one, number in counted.items():
        assert len(ROW.findall(village.get(one).text)) == number

    lacking = village.get(f"{path}/cases?number=gap:amount")
    assert ROW.findall(lacking.text) == [str(filed[0])]
    mend = f"{path}/correct/{filed[0]}/amount"
    assert f'href="{mend}"' in lacking.text
    assert village.post(mend, {"value": "很多", "reason": "协议书"}).status_code == 422
    assert village.post(mend, {"value": "700", "reason": "协议书第二条"}).status_code == 303
    page = village.get(path)
    assert "没有协议金额" not in plain(page) and ">0.10<" in page.text

    assert village.post(f"{path}/enter", {"prevented": "x"}).status_code == 422
    assert village.post(f"{path}/enter", {"prevented": "4"}).status_code == 303
    sign(site, "grid_leader", path)
    assert village.post(f"{path}/fill").status_code == 409
    assert village.post(f"{path}/send").status_code == 303

    above, town = site.browser("town_leader"), at(site, "T1")
    assert above.post(f"{town}/fill").status_code == 303
    page = above.get(town)
    assert "南湖村" in plain(page) and ">0.10<" in page.text and "北滩村" in plain(page)
    behind = above.get(f"{town}/cases?number=total")
    assert sorted(map(int, ROW.findall(behind.text))) == sorted(filed)

    # What was wrong is stated anew, and both versions can be read.
    assert village.post(f"{path}/restate", {"reason": ""}).status_code == 422
    assert village.post(f"{path}/restate", {"reason": "漏报排查"}).status_code == 303
    assert village.post(f"{path}/enter", {"prevented": "5"}).status_code == 303
    sign(site, "grid_leader", path)
    assert village.post(f"{path}/send").status_code == 303
    assert "这是旧版" in plain(village.get(f"{path}?version=1"))
    assert "下级有新报送" in plain(above.get(town))
    assert above.post(f"{town}/fill").status_code == 303
    assert "下级有新报送" not in plain(above.get(town))
    sign(site, "town_leader", town)
    with site.app.app_context(), reading() as db:
        rows = db.scalars(select(StatisticReturn).order_by(StatisticReturn.signed_at)).all()
        told = {(row.unit_id, row.number): row.sums or {} for row in rows}
    assert sorted(sums["prevented"] // 1_000_000 for sums in told.values()) == [4, 5, 5]


def test_nobody_else_reads_a_return_and_who_fills_does_not_sign(
    site: Site, filed: list[int]
) -> None:
    path = at(site, "V1")
    site.browser("worker").post(f"{path}/fill")

    assert site.browser("worker").get(path).status_code == 200
    for login in ("sibling", "handler", "water_handler"):
        assert site.browser(login).get(path).status_code == 404, login
    assert site.browser("town_leader").get(path).status_code == 200
    assert site.browser("worker").post(f"{path}/sign", {"seen": "x"}).status_code == 403
    assert site.browser("town_leader").post(f"{path}/fill").status_code == 403
    assert site.browser("county_supervisor").post(f"{path}/fill").status_code == 403
    assert site.browser("grid_leader").get(at(site, "V1", "nothing")).status_code == 404
    assert site.browser("grid_leader").get(at(site, "V1", period="2026-11")).status_code == 404


def test_a_confidential_case_is_counted_without_a_way_to_it(site: Site, filed: list[int]) -> None:
    path = at(site, "V1")
    with site.app.app_context(), transaction() as db:
        case = db.get_one(Case, filed[1])
        case.guarded = True
        kept = Confidentiality(case_id=case.id, county_id=case.county_id, at=site.world.now)
        db.add(kept)
    village = site.browser("grid_leader")
    village.post(f"{path}/fill")

    assert 'number=total&amp;version=1">2</a>' in village.get(path).text
    with site.app.app_context(), reading() as db:
        number = db.get_one(Case, filed[1]).number
    for page in (village.get(f"{path}/cases?number=total"), village.get(f"{path}/list")):
        assert str(filed[0]) in page.text and "另有 1 件只计数" in plain(page)
        assert str(filed[1]) not in page.text and number not in page.text
    mended = village.post(f"{path}/correct/{filed[1]}/amount", {"value": "1", "reason": "协议书"})
    assert mended.status_code == 404


def test_a_return_leaves_as_a_workbook_in_the_template_of_the_county(
    site: Site, filed: list[int]
) -> None:
    village, path = site.browser("grid_leader"), at(site, "V1")
    village.post(f"{path}/fill")

    plain_book = load_workbook(io.BytesIO(village.get(f"{path}.xlsx").data))
    cells = [cell.value for row in plain_book.worksheets[0].iter_rows() for cell in row]
    assert "人民调解案件情况统计表" in cells and 0.03 in cells
    assert plain_book.worksheets[1].max_row == 3

    def dress(world: Any) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet["B2"], sheet["C3"] = "共 {{total}} 件，{{unit}}", "{{people}}"
        file = io.BytesIO()
        book.save(file)
        with transaction() as db:
            files = dict(versions.read_directory(ROOT)[versions.STATISTICS])
            files["statistics/mediation_cases.xlsx"] = file.getvalue()
            versions.publish(db, versions.STATISTICS, files, now=world.now)

    site.run(dress)
    village.post(f"{path}/fill")
    sheet = load_workbook(io.BytesIO(village.get(f"{path}.xlsx").data)).worksheets[0]
    assert sheet["B2"].value == "共 2 件，南湖村"
    assert isinstance(sheet["C3"].value, int)


def test_what_a_case_says_is_text_in_a_workbook(site: Site, filed: list[int]) -> None:
    """It is no formula, and no mark of the template."""
    name = {"zh_CN": "说", "en": "Said"}

    def dress(world: Any) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet["A1"] = "{{row:said}}"
        file = io.BytesIO()
        book.save(file)
        with transaction() as db:
            files = dict(versions.read_directory(ROOT)[versions.STATISTICS])
            path = "statistics/mediation_cases"
            table = json.loads(files[f"{path}.json"])
            said = {"key": "said", "name": name, "feel": '"=1+1 {{filled_by}}"'}
            table["lines"] = [said]
            files[f"{path}.json"] = json.dumps(table).encode()
            files[f"{path}.xlsx"] = file.getvalue()
            versions.publish(db, versions.STATISTICS, files, now=world.now)

    site.run(dress)
    village, path = site.browser("grid_leader"), at(site, "V1")
    village.post(f"{path}/fill")
    sheet = load_workbook(io.BytesIO(village.get(f"{path}.xlsx").data)).worksheets[0]
    assert [cell.value for cell in sheet["A"]][:2] == ["'=1+1 {{filled_by}}"] * 2
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value)


def test_the_database_keeps_what_was_signed(site: Site, filed: list[int]) -> None:
    path = at(site, "V1")
    site.browser("grid_leader").post(f"{path}/fill")
    sign(site, "grid_leader", path)

    for statement in (
        "UPDATE statistic_return SET entered = '{}', reason = 'x'",
        "UPDATE statistic_return SET state = 'draft'",
        "DELETE FROM statistic_return",
        "UPDATE return_cell SET amount = 7",
        "DELETE FROM return_cell",
        "UPDATE return_row SET facts = '{}', case_id = 1",
        "INSERT INTO return_part SELECT id, 1 FROM statistic_return",
    ):
        with site.app.app_context(), pytest.raises(DBAPIError), transaction() as db:
            db.execute(text(statement))


def test_records_of_the_exchange_hold_people_for_who_signs_and_name_lacking_codes(
    site: Site, filed: list[int]
) -> None:
    path = at(site, "V1")
    site.browser("worker").post(f"{path}/fill")
    assert site.browser("worker").get(f"{path}/exchange").status_code == 403
    assert site.browser("sibling").get(f"{path}/exchange").status_code == 404
    assert site.browser("worker").post(f"{path}/exchange").status_code == 403
    with site.app.app_context(), reading() as db:
        # Nothing was taken along, so nothing is said to have been.
        assert "export.made" not in db.scalars(select(AdminEvent.kind)).all()

    leader = site.browser("grid_leader")
    page = leader.get(f"{path}/exchange")
    assert "本单位 2 件" in plain(page) and "邻里纠纷" in plain(page)
    site.run(lambda world: codes(world, {"category": "邻里纠纷=0102\n其他纠纷=0199"}))
    assert "邻里纠纷" not in plain(leader.get(f"{path}/exchange"))

    answer = leader.post(f"{path}/exchange")
    assert answer.status_code == 200
    head, *rows = load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True)
    records = [dict(zip(head, row, strict=True)) for row in rows]
    assert [record["事件类别"] for record in records] == ["0102", "0102"]
    assert {record["化解是否成功"] for record in records} == {"1"}
    assert all(record["姓名"] and record["化解情况"] == "互相谅解。" for record in records)
    with site.app.app_context(), reading() as db:
        kinds = db.scalars(select(AdminEvent.kind)).all()
    assert kinds.count("export.made") == 1 and kinds.count("personal.shown") == 2


def codes(world: Any, told: dict[str, str]) -> None:
    """Codes that an administrator filled in."""
    with transaction() as db:
        exchange.keep_codes(db, world.actor(db, "town_leader"), told, now=world.now)


def test_a_line_of_a_code_table_that_is_none_is_refused(site: Site) -> None:
    def act(world: Any) -> None:
        for line in ("邻里纠纷", "=1", "邻里纠纷=", "邻里纠纷=" + "1" * 30):
            with pytest.raises(InvalidInput):
                codes(world, {"category": line})
        codes(world, {"category": "邻里纠纷 = 0102\n\n", "sex": "男=1"})
        with reading() as db:
            assert exchange.codes(db)["category"] == {"邻里纠纷": "0102"}

    site.run(act)


def test_a_box_takes_as_much_as_it_says(site: Site) -> None:
    site.run(lambda world: seat(world, "boss", "620725", "admin"))
    much = "\r\n".join(f"类别{number}=0{number}" for number in range(1200))
    answer = site.browser("boss").post("/admin/exchange-codes", {"category": much})
    assert answer.status_code == 422 and "最多 8000 字" in plain(answer)
    assert "类别1199=01199" in answer.text
    # An end of line is sent as two characters, and is one.
    fits = "\r\n".join("一" * 30 + f"{number:03}=1" for number in range(8000 // 36))
    assert site.browser("boss").post("/admin/exchange-codes", {"category": fits}).status_code == 303


def test_only_what_a_draft_counts_is_corrected_in_it(site: Site, filed: list[int]) -> None:
    """A case of another period is seen, and is none of this return's."""
    path = at(site, "V1")
    leader = site.browser("grid_leader")
    mend = f"correct/{filed[0]}/amount", {"value": "7", "reason": "协议书"}
    leader.post(f"{path}/fill")
    earlier = at(site, "V1", period="2026-Q3")
    leader.post(f"{earlier}/fill")
    assert leader.get(f"{earlier}/{mend[0]}").status_code == 404
    assert leader.post(f"{earlier}/{mend[0]}", mend[1]).status_code == 404
    assert leader.post(f"{path}/{mend[0]}", mend[1]).status_code == 303
    sign(site, "grid_leader", path)
    assert leader.post(f"{path}/{mend[0]}", mend[1]).status_code == 404


@pytest.mark.parametrize("sum_of", ["10**30", "sum(for i in 1..1900, j in 1..1900 return i * j)"])
def test_what_cannot_be_counted_is_said_and_breaks_nothing(
    site: Site, filed: list[int], sum_of: str
) -> None:
    def publish(world: Any) -> None:
        with transaction() as db:
            files = dict(versions.read_directory(ROOT)[versions.STATISTICS])
            path = "statistics/mediation_cases.json"
            table = json.loads(files[path])
            name = {"zh_CN": "太重的数", "en": "Too heavy"}
            table["columns"].append({"key": "heavy", "name": name, "sum": sum_of})
            files[path] = json.dumps(table).encode()
            versions.publish(db, versions.STATISTICS, files, now=world.now)

    site.run(publish)
    path = at(site, "V1")
    answer = site.browser("grid_leader").post(f"{path}/fill")
    assert answer.status_code == 409 and "太重的数" in plain(answer)
    assert site.browser("grid_leader").get(path).status_code == 200


def test_the_list_of_allowances_goes_by_the_countys_rates(site: Site) -> None:
    """Only a leader of the county sets them; the others read the list."""
    site.run(_seat_and_publish)
    unit = site.run(lambda _world: _id_of("V1"))
    where = f"/returns/mediation_award/{unit}/2026-Q4"
    head = site.browser("award_head")
    assert head.get(f"{where}/awards").status_code == 404
    assert head.post(f"{where}/fill").status_code == 303
    assert "还没有填写标准" in head.get(f"{where}/awards").text
    assert head.get(f"{where}/awards/rates").status_code == 403
    leader = site.browser("county_leader")
    wrong = leader.post(f"{where}/awards/rates", {"rate_0": "很多"})
    assert wrong.status_code == 422
    kept = leader.post(f"{where}/awards/rates", {"rate_0": "50", "note": "按季发放"})
    assert kept.status_code == 303
    page = head.get(f"{where}/awards").text
    assert "还没有填写标准" not in page and "按季发放" in page
    assert head.get(f"{where}/awards.xlsx").status_code == 200
    assert head.post(f"{where}/discard").status_code == 303
    assert head.get(f"{where}/awards").status_code == 404


def _seat_and_publish(world: Any) -> None:
    seat(world, "award_head", "V1", "leader")
    with transaction() as db:
        if versions.latest(db, versions.STATISTICS) is None:
            files = versions.read_directory(ROOT)[versions.STATISTICS]
            versions.publish(db, versions.STATISTICS, files, now=world.now)


def _id_of(code: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()
