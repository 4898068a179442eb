"""The register of mediators: appointed, changed, dismissed, taught; and both registers as files."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.errors import InvalidInput
from engine.models import Mediator, User
from engine.org import register
from engine.registers import committees, mediators, sheets, words
from engine.registers.sheets import ImportResult
from engine.storage.db import reading, transaction
from feel.text import Text
from webapp import administration_log, downloads
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.admin.committees import (
    change_text,
    ending_fields,
    field_labels,
    options,
    to_committee,
    today,
)
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    posted_text,
    posted_texts,
    value_or_error,
    within_reach,
)
from webapp.clock import now
from webapp.excel_style import MIME, text
from webapp.locales import localize
from webapp.statuses import status_of

NO_USER = Text("没有这个用户名，或不在管理范围内。", "No such user within reach.")


@blueprint.get("/mediators/<int:mediator_id>")
def mediator(mediator_id: int) -> str:
    """One mediator: what the register says, courses."""
    with reading() as db:
        one = mediators.one(db, reach(), mediator_id)
        history = [row for row in committees.history(db, one.committee)
                   if row[0].mediator_id == mediator_id]  # fmt: skip
        return render_template(
            "admin/mediator.html",
            mediator=one,
            known=mediators.particulars(one),
            courses=mediators.courses(db, one),
            history=history,
            words=words,
            labels=field_labels(),
            change_words=change_text,
        )


@blueprint.route("/committees/<int:committee_id>/mediators/new", methods=["GET", "POST"])
def new_mediator(committee_id: int) -> Answer:
    """Enter somebody into a committee's register."""
    with reading() as db:
        committee = committees.one(db, reach(), committee_id)
    change = ChangeForm(
        title=_("新增调解员：%(name)s", name=committee.name),
        button=_("新增"),
        back=url_for("admin.committee", committee_id=committee_id),
        fields=_fields({}, ""),
    )

    def act(db: Session) -> Mediator:
        typed = posted_texts(change.fields)
        mine = committees.one(db, reach(), committee_id)
        actor_id, user = current_actor().user_id, _user(db)
        return mediators.appoint(db, actor_id, mine, typed, user, today(), now=now())

    return carry_out(change, act, lambda _made: to_committee(committee_id, _("已新增。")))


@blueprint.route("/mediators/<int:mediator_id>/edit", methods=["GET", "POST"])
def edit_mediator(mediator_id: int) -> Answer:
    """Correct what the register says of somebody."""
    with reading() as db:
        one = mediators.one(db, reach(), mediator_id)
        login = one.user.login if one.user is not None else ""
    change = ChangeForm(
        title=_("修改：%(name)s", name=one.name),
        button=_("保存"),
        back=url_for("admin.mediator", mediator_id=mediator_id),
        fields=_fields(mediators.typed_of(one), login),
    )

    def act(db: Session) -> None:
        typed = posted_texts(change.fields)
        mine = mediators.one(db, reach(), mediator_id)
        actor_id, user = current_actor().user_id, _user(db)
        mediators.change(db, actor_id, mine, typed, user, today(), now=now())

    return carry_out(change, act, lambda _done: _to(mediator_id, _("已保存。")))


@blueprint.route("/mediators/<int:mediator_id>/dismiss", methods=["GET", "POST"])
def dismiss_mediator(mediator_id: int) -> Answer:
    """End somebody's time in a committee; the account and its posts stay."""
    with reading() as db:
        one = mediators.one(db, reach(), mediator_id)
    change = ChangeForm(
        title=_("解聘：%(name)s", name=one.name),
        button=_("解聘"),
        back=url_for("admin.mediator", mediator_id=mediator_id),
        consequence=(_("只从名册中解聘；账号和岗位在“人员”中另行处理。"),),
        fields=ending_fields(),
        danger=True,
    )

    def act(db: Session) -> None:
        typed = posted_texts(change.fields)
        mine = mediators.one(db, reach(), mediator_id)
        mediators.dismiss(db, current_actor().user_id, mine, typed, today(), now=now())

    return carry_out(change, act, lambda _done: _to(mediator_id, _("已解聘。")))


@blueprint.route("/mediators/<int:mediator_id>/course", methods=["GET", "POST"])
def teach_mediator(mediator_id: int) -> Answer:
    """Write down a course that somebody took."""
    with reading() as db:
        one = mediators.one(db, reach(), mediator_id)
    change = ChangeForm(
        title=_("培训：%(name)s", name=one.name),
        button=_("保存"),
        back=url_for("admin.mediator", mediator_id=mediator_id),
        fields=(
            ChangeField("held_on", _("培训日期"), "date", value=today().isoformat()),
            ChangeField("hours", _("学时"), "number", longest=3),
            ChangeField("topic", _("内容"), longest=120),
        ),
    )

    def act(db: Session) -> None:
        typed = posted_texts(change.fields)
        mine = mediators.one(db, reach(), mediator_id)
        mediators.teach(db, current_actor().user_id, mine, typed, today(), now=now())

    return carry_out(change, act, lambda _done: _to(mediator_id, _("已保存。")))


@blueprint.post("/registers.xlsx")
@step_up.with_fresh_proof
def registers_workbook() -> Response:
    """Both registers as a workbook, what is sealed of people in clear; noted as an export."""
    actor, book = current_actor(), Workbook(write_only=True)
    with transaction() as db:
        administration_log.enter(db, "export.made", actor, what="mediation registers")
        for title, rows in (
            ("调委会", sheets.committee_rows(db, reach())),
            ("调解员", sheets.mediator_rows(db, reach())),
        ):
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append([text(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return downloads.download(file.getvalue(), f"{_('调解组织和名册')}.xlsx", MIME)


@blueprint.get("/registers/import")
def registers_import() -> str:
    """Ask for a file of committees, mediators, or both."""
    return render_template("admin/registers.html", heads=sheets, error="")


@blueprint.post("/registers/import")
def import_registers() -> Answer:
    """Take in a file, all of it or nothing."""
    upload = request.files.get("file")
    content = upload.stream.read(sheets.LARGEST + 1) if upload is not None else b""
    try:
        with transaction() as db:
            done = sheets.take_in(db, current_actor().user_id, reach(), content, today(), now=now())
    except InvalidInput as error:
        said = " ".join(localize(one) for one in error.errors.values())
        page = render_template("admin/registers.html", heads=sheets, error=said)
        return page, status_of(error)
    flash(_counted(done), "success")
    return redirect(url_for("admin.mediation"), 303)


def _counted(done: ImportResult) -> str:
    return _(
        "新增 %(added)s 行，修改 %(changed)s 行，%(same)s 行没有变化。",
        added=done.added,
        changed=done.changed,
        same=done.same,
    )


def _fields(known: dict[str, str], login: str) -> tuple[ChangeField, ...]:
    labels = field_labels()

    def typed(name: str, longest: int, *, required: bool = False, help: str = "") -> ChangeField:
        value = known.get(name, "")
        return ChangeField(
            name, labels[name], value=value, required=required, longest=longest, help=help
        )

    def chosen(name: str, choices: words.Choices, usual: str = "") -> ChangeField:
        return ChangeField(
            name, labels[name], "select", value=known.get(name, usual), options=options(choices),
            blank=_("未填"), required=bool(usual),
        )  # fmt: skip

    def day(name: str, *, required: bool) -> ChangeField:
        value = known.get(name, "")
        return ChangeField(name, labels[name], "date", value=value, required=required)

    account = ChangeField(
        "user", _("账号"), value=login, required=False, longest=64,
        help=_("有系统账号的填用户名，没有的不填。"),
    )  # fmt: skip
    return (
        ChangeField("name", _("姓名"), value=known.get("name", ""), longest=64),
        chosen("sex", words.SEXES),
        chosen("education", words.EDUCATIONS),
        chosen("full_time", words.YES_NO, "no"),
        chosen("office", words.OFFICE_NAMES, "mediator"),
        chosen("rank", words.RANKS),
        day("appointed_on", required=True),
        day("birth", required=False),
        typed("nation", 20),
        chosen("politics", words.POLITICS),
        typed("phone", 20),
        typed("certificate", 40),
        account,
    )


def _user(db: Session) -> User | None:
    login = posted_text("user")
    if not login:
        return None
    user_id = db.scalar(select(User.id).where(User.login == login.lower()))
    found = within_reach(lambda: register.user_in(db, reach(), user_id or 0, now()))
    return value_or_error(found, "user", NO_USER)


def _to(mediator_id: int, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("admin.mediator", mediator_id=mediator_id), 303)
