"""A report with unmistakable strings in every personal place, worked to its end.

Fifteen people look for them by every route of the URL map, and the database is searched without
the key of the vault. Whoever may know the reporter finds them: else the search would prove nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, text
from werkzeug.routing import Rule

from engine import org
from engine.casework import attaching, cases
from engine.casework.moves import (
    assignments,
    cohandling,
    extensions,
    pauses,
    recalls,
    reclassifying,
    remarks,
    reminders,
    reopening,
    transfers,
)
from engine.definitions import versions
from engine.insight.statistics import returns
from engine.models import (
    Attachment,
    Base,
    Case,
    Demand,
    Outbox,
    Post,
    ReturnRow,
    Task,
    Unit,
    User,
)
from engine.operations import backup
from engine.records import attachments
from engine.reports import figures, omissions, period
from engine.reports.area import Area
from engine.storage.db import reading, transaction
from engine.worktime import Limit
from tests.engine.casework.test_demands import issue
from tests.engine.casework.world import World
from tests.processes.desk import PEOPLE, Desk
from tests.processes.walk import ROOT
from tests.webapp import address_ids
from tests.webapp.seats import seat, seat_too
from tests.webapp.site import Browser, Site

# What only the reporter has: name, number, identity, address, the name and content of a file.
CANARIES = {
    "caller_name": "金丝雀",
    "caller_phone": "13877700777",
    "caller_id": "620725197707077777",
    "caller_address": "金丝雀路七百七十七号",
}
FILE_NAME, FILE_WORDS, EXIF_WORDS = "金雀录音", "CANARYINSIDETHEFILE", "CANARYINEXIF"
# As a part of them is masked elsewhere, and as they stand in URLs or escaped in JSON.
PARTS = ("138****0777", "6207**********7777", "金**", "38.7771")
OFFICERS = ("officer", "operator")
WATCHERS = (
    "county_dispatcher",
    "water_handler",
    "helper",
    "county_supervisor",
    "county_leader",
    "department_leader",
    "handler",
    "sibling",
    "grid_leader",
    "town_leader",
    "deputy",
    "administrator",
    "auditor",
    "editor",
    "publisher",
)
EXTRA = (
    ("officer", "620725", "confidential_officer"),
    ("deputy", "T2", "leader"),
    ("administrator", "620725", "admin"),
    ("auditor", "620725", "auditor"),
    ("editor", "620725", "policy_editor"),
    ("publisher", "620725", "policy_publisher"),
    ("water_leader", "620725-SWJ", "leader"),
    ("helper", "620725-ZZ", "handler"),
    # Leads the bureau that is reported, and sits at the county's desks as well.
    ("double", "620725-ZJJ", "leader"),
)
DOUBLE = ("leader", "supervisor", "admin", "policy_publisher")
# Whose handler has the task for a while, and helps with it later.
HELPER = "620725-ZZ"


@dataclass
class Report:
    """The report with everything that names it in addresses."""

    site: Site
    desk: Desk
    ids: dict[str, list[str]] = field(default_factory=dict)

    def note(self, **named: object) -> None:
        """Remember an id for the walk over the addresses."""
        for key, value in named.items():
            known = self.ids.setdefault(key, [])
            if str(value) not in known:
                known.append(str(value))


def words() -> Iterable[str]:
    return (*CANARIES.values(), *PARTS, FILE_NAME, FILE_WORDS, EXIF_WORDS)


def found_in(said: str) -> list[str]:
    """Which of them a text gives away, however it is written."""
    ways = {one: one.encode("unicode_escape").decode() for one in words()}
    return [one for one, escaped in ways.items() if one in said or escaped in said]


def photo() -> bytes:
    """A picture that names its maker and the place where it was taken."""
    exif = Image.Exif()
    exif[0x013B] = EXIF_WORDS
    exif[0x8825] = {1: "N", 2: (38.0, 46.0, 37.56), 3: "E", 4: (101.0, 5.0, 18.6)}
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(out, "JPEG", exif=exif, comment=FILE_WORDS.encode())
    return out.getvalue()


def people(world: World) -> None:
    """Everybody whom the hotline needs, and who should not learn anything."""
    for login, code, role in (*PEOPLE, *EXTRA):
        seat(world, login, code, role)
    for role in DOUBLE:
        seat_too(world, "double", "620725", role)
    with transaction() as db:
        watches = (Post.role == "supervisor", Post.user_id == world.logins["county_supervisor"])
        post = db.scalars(select(Post).where(*watches)).one()
        org.create_deputy(
            db,
            None,
            post=post,
            user=db.get_one(User, world.logins["deputy"]),
            from_at=world.now,
            until_at=world.now.replace(year=2027),
            now=world.now,
        )
        files = versions.read_directory(ROOT)
        for key in ("dispute", "hotline", versions.STATISTICS):
            versions.publish(db, key, files[key], now=world.now)


def upload(world: World, login: str, raw: bytes, name: str) -> str:
    ready = attachments.make_ready(io.BytesIO(raw))
    with transaction() as db:
        county_id = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
        row = attachments.receive(
            db, world.actor(db, login), ready, name, county_id=county_id, now=world.now
        )
        return str(row.id)


@pytest.fixture
def report(site: Site) -> Iterator[Report]:
    """A report against the housing bureau, opened, worked with every move, closed, reopened."""
    made = Report(site, Desk(site.world, "hotline"))
    with site.app.app_context():
        people(site.world)
        work(made)
        case_id = made.desk.case_id
        made.ids |= {**address_ids.rows(case_id), **address_ids.administration(site.world, case_id)}
    yield made


def work(report: Report) -> None:
    """Open the report with everything that is personal, work it, close it, open it again."""
    register(report)
    dispatch(report)
    desk, world = report.desk, report.desk.world
    act(world, "water_handler", attaching.file, seen(report, "handle").id, *handed_in())
    world.work(world.now.replace(day=world.now.day + 8))
    desk.do("water_handler", "handle")
    seen(report, "check")
    desk.do("county_dispatcher", "check", reply_ok=True)
    seen(report, "call_back")
    desk.do("operator", "call_back", satisfaction="满意", solved=True)
    with reading() as db:
        assert db.get_one(Case, desk.case_id).closed_at is not None
    send_return(report)
    act(world, "county_leader", reopening.reopen, desk.case_id, "check", "再核一次")
    seen(report, "check")
    world.work(world.now)


def send_return(report: Report) -> None:
    """The statistics of its month, which the unit that registered it fills in and sends."""
    world = report.desk.world
    period = f"{world.now:%Y-%m}"
    with transaction() as db:
        unit_id = db.get_one(Case, report.desk.case_id).unit_id
        for login in ("county_leader", "operator"):
            actor = world.actor(db, login)
            code = unit_id if login == "operator" else actor.seats[0].unit_id
            about = returns.subject(db, actor, address_ids.TABLE, code, period)
            row = returns.fill(db, actor, about, now=world.now)
    report.note(period=period)
    with reading() as db:
        assert db.scalars(select(ReturnRow.case_id)).all() == [report.desk.case_id], row


def register(report: Report) -> None:
    """A report against the housing bureau, with a photo and a document."""
    desk, world = report.desk, report.desk.world
    pdf = f"%PDF-1.4 {FILE_WORDS}".encode()
    files = [
        upload(world, "operator", photo(), f"{FILE_NAME}.jpg"),
        upload(world, "operator", pdf, f"{FILE_NAME}.pdf"),
    ]
    desk.open(
        "operator",
        request_kind="举报",
        identity="实名保密",
        against="620725-ZJJ",
        place="V1",
        topic="住房建设",
        area="城区",
        attachments=files,
        **CANARIES,
    )
    report.note(case_id=desk.case_id, attachment_id=files[0], message="withdraw", move="urge")
    report.note(attachment_id=files[1])


def dispatch(report: Report) -> None:
    """Every move that is open while it waits for its unit, and while that handles it."""
    desk, world = report.desk, report.desk.world
    case_id, task = desk.case_id, seen(report, "dispatch")
    values = {"category": "投诉"}
    act(world, "county_leader", reclassifying.reclassify, case_id, values, "试着改类别")
    act(world, "county_dispatcher", cases.sign, task.id)
    act(world, "county_dispatcher", cases.release, task.id)
    dispatched = send_to_water(report)
    act(world, "county_dispatcher", recalls.recall, dispatched)
    send_to_water(report)
    desk.send("water_handler", "bounce", suggested_unit=HELPER)
    send_to_water(report, statutory=True)
    told = (seen(report, "interim").id, "dispatch", "不属法定程序")
    act(world, "water_handler", cases.return_task, *told)
    send_to_water(report)
    task = seen(report, "handle")
    hand_on(report, task.id)
    ask_for_help(report, task.id)
    act(world, "county_supervisor", reminders.urge, task.id)
    handle(world, task.id)
    act(world, "county_leader", remarks.comment, case_id, "请 @员工county_supervisor 跟进")
    report.note(demand_id=issue(world, case_id, to="620725-SWJ"))


def send_to_water(report: Report, **more: Any) -> int:
    """Dispatch to the bureau of water; returns the task of dispatching."""
    task = report.desk.world.task(report.desk.case_id, "dispatch")
    chosen = {"unit_choice": "另行指定", "chosen_unit": "620725-SWJ"}
    report.desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", **chosen, **more)
    return task.id


def hand_on(report: Report, task_id: int) -> None:
    """To a bureau beside it and back."""
    world = report.desk.world
    there, back = (unit_id(code) for code in (HELPER, "620725-SWJ"))
    act(world, "water_handler", transfers.transfer, task_id, there, "归城管")
    act(world, "helper", transfers.transfer, task_id, back, "归水务")


def ask_for_help(report: Report, task_id: int) -> None:
    """Two bureaus are asked: one answers, of the other it is taken back."""
    world = report.desk.world
    limit = Limit(1, "working_days")
    asked = (task_id, unit_id(HELPER), limit, "请查该处执法记录")
    row = act(world, "water_handler", cohandling.ask_help, *asked)
    act(world, "helper", cohandling.answer_help, task_id, row.id, "没有记录")
    again = act(world, "water_handler", cohandling.ask_help, *asked)
    act(world, "water_handler", cohandling.withdraw_help, task_id, again.id)
    report.note(participation_id=row.id)


def unit_id(code: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()


def handle(world: World, task_id: int) -> None:
    """What people do with a task in hand: given, paused, lengthened."""
    act(world, "water_leader", assignments.assign, task_id, world.logins["water_handler"])
    act(world, "water_handler", pauses.suspend, task_id, "evidence", "等检测结果")
    act(world, "water_handler", pauses.resume, task_id)
    act(world, "water_handler", extensions.ask, task_id, 2, "检测还要两天")
    act(world, "water_leader", extensions.decide, task_id, True, "同意")


def seen(report: Report, node: str) -> Task:
    """The open task of a node, remembered for the walk."""
    task = report.desk.world.task(report.desk.case_id, node)
    report.note(task_id=task.id)
    return task


def act(world: World, login: str, do: Any, *given: Any) -> Any:
    """One move of somebody, in a transaction of its own."""
    with transaction() as db:
        return do(db, world.actor(db, login), *given, now=world.now)


def handed_in() -> tuple[attachments.Upload, str]:
    """A file of the handling unit, which everybody who sees the case may have."""
    return attachments.make_ready(io.BytesIO(b"%PDF-1.4 of the handler")), "核查记录.pdf"


def addresses(report: Report) -> Iterator[str]:
    """Every address that can be asked for without changing anything, with every known id."""
    with report.site.app.test_request_context():
        for rule in report.site.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.endpoint != "static":
                yield from _paths(rule, report.ids)


def _paths(rule: Rule, known: dict[str, list[str]]) -> Iterator[str]:
    names, ids = sorted(rule.arguments), address_ids.of_rule(rule, known)
    if not set(names) <= ids.keys():
        return
    asked = address_ids.question(rule, known)
    combinations: list[dict[str, str]] = [{}]
    for one in names:
        combinations = [{**known, one: value} for known in combinations for value in ids[one]]
    for values in combinations:
        built = rule.build({**values})
        assert built is not None
        yield "?".join(filter(None, (built[1], asked)))


def searches(report: Report) -> Iterator[str]:
    """Looking for what one knows of somebody finds no report."""
    for value in CANARIES.values():
        yield f"/cases?q={value}"
        yield f"/api/v1/cases?q={value}"


def asked(browser: Browser, path: str) -> str:
    """The text of an answer; of a workbook, what is packed in it."""
    return unpacked(browser.get(path).get_data())


def unpacked(data: bytes) -> str:
    """What a search has to look at: a ZIP hides from it whatever it holds."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return "".join(unpacked(book.read(name)) for name in book.namelist())
    return data.decode("utf-8", "replace")


def test_the_walk_passes_no_address_by(report: Report) -> None:
    """Whatever somebody adds is asked, too; ``address_ids`` says what it takes."""
    for rule in report.site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            missing = rule.arguments - address_ids.of_rule(rule, report.ids).keys()
            assert missing <= address_ids.ELSEWHERE, f"say what {rule} takes: {missing}"
    told = "".join(addresses(report))
    assert "/returns/hotline_rates/" in told and "/responded" in told and "?number=" in told


# Some thousand requests: more than the time that a test has on a busy machine.
@pytest.mark.timeout(900)
def test_nobody_who_handles_or_oversees_finds_the_reporter(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    """By any page, list, export, file, print or interface; nor in each notice, nor in the logs."""
    paths = [*addresses(report), *searches(report)]
    assert len(paths) > 60
    told = {}
    for login in WATCHERS:
        browser = report.site.browser(login)
        for path in paths:
            # What one looked for stands in the box that one typed it into.
            said = asked(browser, path).replace(path.partition("q=")[2] or "\0", "")
            if found_in(said):
                told[login, path] = found_in(said)
        for notice in re.findall(r"/notices/(\d+)", asked(browser, "/notices")):
            assert not found_in(asked(browser, f"/notices/{notice}"))
    assert told == {}
    logged = capsys.readouterr()
    written = logged.out + logged.err
    assert '"endpoint": "desk.' in written and not found_in(written)


def test_what_the_handler_filed_is_everybodys(report: Report) -> None:
    case_id = report.ids["case_id"][0]
    for login in ("county_dispatcher", "county_leader", "operator"):
        page = asked(report.site.browser(login), f"/cases/{case_id}/materials")
        assert "核查记录.pdf" in page


def test_who_may_know_the_reporter_does(report: Report) -> None:
    """The search above is worth nothing if the strings are nowhere to be found."""
    case_id, photo_id = report.ids["case_id"][0], report.ids["attachment_id"][0]
    for login in OFFICERS:
        browser = report.site.browser(login)
        assert "金**" in asked(browser, f"/cases/{case_id}")
        assert f"{FILE_NAME}.jpg" in asked(browser, f"/cases/{case_id}/materials")
        assert browser.get(f"/attachments/{photo_id}").status_code == 200
        shown = browser.post(
            f"/cases/{case_id}/reveal", {"node": "intake", "name": "caller_phone"}
        ).text
        assert CANARIES["caller_phone"] in shown


@pytest.mark.timeout(900)
def test_nobody_of_the_unit_reported_learns_that_there_is_a_case(report: Report) -> None:
    case_id = report.ids["case_id"][0]
    with report.site.app.app_context(), reading() as db:
        number = db.get_one(Case, int(case_id)).number
    for login in ("handler", "colleague", "department_leader", "double"):
        browser = report.site.browser(login)
        for path in [*addresses(report), *searches(report)]:
            # A series of numbers says the last one that it gave, whatever case it went to.
            if "/numbers" not in path:
                assert number not in asked(browser, path), (login, path)
        for path in addresses(report):
            if case_id in path:
                assert browser.get(path).status_code in (302, 303, 404), (login, path)


def test_no_figure_counts_a_case_before_whom_it_goes_round(report: Report) -> None:
    """Nothing else happened in the county, so that there is nothing at all."""
    site = report.site
    with site.app.app_context(), reading() as db:
        area, now = Area(db.get_one(Unit, int(report.ids["county"][0]))), site.world.now
        # By then everything that is open is late.
        later = now + timedelta(days=30)
        year = period.Period(date(2026, 1, 1), date(2026, 12, 31))
        for login, counted in (("double", False), ("county_leader", True)):
            without = omissions.of_actor(db, site.world.actor(db, login), area)
            found = figures.figures(db, area, year, later, without=without)
            days = figures.trend(db, area, year, without=without)
            assert bool(found.total[figures.LATE]) == counted == any(found.total.counts.values())
            assert any(any(counts.values()) for counts in days.values()) == counted
            assert bool(found.processes) == counted
            some = period.Period(now.date(), now.date())
            found = figures.figures(db, area, some, now, "hotline", without=without)
            assert any(found.total.counts.values()) == counted
    for login, counted in (("double", False), ("county_leader", True)):
        page = site.browser(login).get("/reports").text
        assert ("measure=opened" in page) == counted


def test_the_database_without_its_keys_does_not_tell(report: Report) -> None:
    """Every column of every table; the names of files and what they claim are encrypted, too."""
    with report.site.app.app_context(), reading() as db:
        for table in Base.metadata.sorted_tables:
            for row in db.execute(select(table)):
                assert not found_in(" ".join(map(_plain, row))), table.name
        assert db.execute(text("SELECT count(*) FROM blind_index")).scalar() == 0


def test_the_list_of_a_backup_does_not_tell(report: Report, tmp_path: Path) -> None:
    """What stands in clear before and beside the encrypted content."""
    target = tmp_path / "backup.fqb"
    with report.site.app.app_context():
        made = backup.make(target, now=report.site.world.now)
    assert not found_in(target.read_bytes().decode("utf-8", "replace"))
    assert not found_in(str(made))


def test_messages_that_leave_the_house_say_the_number_alone(report: Report) -> None:
    with report.site.app.app_context(), reading() as db:
        case = db.get_one(Case, int(report.ids["case_id"][0]))
        rows = list(db.scalars(select(Outbox).where(Outbox.case_id == case.id)))
        assert rows and all(row.data["title"] == "保密件" for row in rows)
        assert case.title not in str([row.data for row in rows])
        assert db.scalars(select(Demand)).all()


def test_pictures_are_stored_without_what_the_camera_said(report: Report) -> None:
    with report.site.app.app_context(), reading() as db:
        row = db.get_one(Attachment, int(report.ids["attachment_id"][0]))
        kept = Path(attachments.path_of(row)).read_bytes()
        assert EXIF_WORDS.encode() not in kept and FILE_WORDS.encode() not in kept
        assert attachments.proof_of(row)["exif"]["position"]


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
