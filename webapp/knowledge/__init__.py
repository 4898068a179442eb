"""The knowledge base: found, read, written, confirmed; and questions that it has no answer to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access.actors import Actor
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.hotline import knowledge
from engine.hotline.knowledge import ArticleDraft
from engine.models import Article, Unit
from engine.storage.db import reading, transaction
from webapp import display
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.form_pages import sources
from webapp.locales import localize
from webapp.statuses import status_of

blueprint = Blueprint("knowledge", __name__, url_prefix="/knowledge")
LONGEST_SEARCH = 60
Answer = Response | str | tuple[str, int]


@blueprint.get("/")
def index() -> str:
    """Every article, or those that answer a question."""
    actor, asked = _reader(), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with reading() as db:
        found = knowledge.search(db, _county(actor), asked)
        uses = knowledge.uses(db, [one.id for one in found])
        missing = len(knowledge.gaps(db, _county(actor)))
    return render_template(
        "knowledge/index.html",
        articles=found,
        uses=uses,
        asked=asked,
        missing=missing,
        present=now(),
        today=display.local(now()).date(),
    )


@blueprint.get("/gaps")
def gaps() -> str:
    """Questions for which nobody found an article, the most frequent first."""
    actor = _reader()
    with reading() as db:
        found = knowledge.gaps(db, _county(actor))
    return render_template("knowledge/gaps.html", gaps=found)


@blueprint.post("/gaps")
def miss() -> Answer:
    """Note that there is no article for a question."""
    actor, question = _reader(), request.form.get("question", "")
    try:
        with transaction() as db:
            knowledge.miss(db, _county(actor), question, now=now())
    except InvalidInput:
        flash(_("请先填写要找的问题。"), "warning")
    else:
        flash(_("已记入知识缺口。"), "success")
    return redirect(url_for("knowledge.index"), 303)


@blueprint.post("/gaps/<int:gap_id>/close")
def close_gap(gap_id: int) -> Answer:
    """Take a question off the list."""
    actor = _reader()
    with transaction() as db:
        knowledge.close_gap(db, _county(actor), gap_id, now=now())
    return redirect(url_for("knowledge.gaps"), 303)


@blueprint.get("/new")
def new() -> Answer:
    """An empty article."""
    actor = _reader()
    title = request.args.get("title", "")[:LONGEST_SEARCH]
    return _form(actor, None, {"title": title}, {})


@blueprint.post("/new")
def create() -> Answer:
    """Write a new article."""
    return _write(None)


@blueprint.get("/<int:article_id>")
def article(article_id: int) -> str:
    """One article with its versions."""
    actor = _reader()
    with reading() as db:
        found = knowledge.load(db, _county(actor), article_id)
        versions = knowledge.versions_of(db, found)
        uses = knowledge.uses(db, [article_id]).get(article_id, 0)
    return render_template(
        "knowledge/article.html",
        article=found,
        versions=versions,
        uses=uses,
        writes=knowledge.may_write(actor, found.unit_id),
        confirms=knowledge.speaks_for(actor, found.unit_id)
        and found.changed_by != actor.user_id
        and found.state == "proposed",
        present=now(),
        today=display.local(now()).date(),
    )


@blueprint.get("/<int:article_id>/edit")
def edit(article_id: int) -> Answer:
    """The article to be changed."""
    actor = _reader()
    with reading() as db:
        found = knowledge.load(db, _county(actor), article_id)
    if not knowledge.may_write(actor, found.unit_id):
        raise NotAllowed("write", article_id)
    given = {
        **{name: getattr(found, name) for name in knowledge.LONGEST},
        "unit": found.unit.code,
        "review_on": found.review_on.isoformat(),
        "public": "yes" if found.public else "",
    }
    return _form(actor, found, given, {})


@blueprint.post("/<int:article_id>/edit")
def save(article_id: int) -> Answer:
    """Write another version."""
    return _write(article_id)


@blueprint.post("/<int:article_id>/confirm")
def confirm(article_id: int) -> Answer:
    """Confirm what it says, for its unit."""
    return _act(article_id, knowledge.confirm, _("已确认。"))


@blueprint.post("/<int:article_id>/withdraw")
def withdraw(article_id: int) -> Answer:
    """Take it out of use."""
    return _act(article_id, knowledge.withdraw, _("已停用。"))


def _act(article_id: int, act: Any, words: str) -> Answer:
    actor = _reader()
    try:
        with transaction() as db:
            act(db, actor, _county(actor), article_id, now=now())
    except Conflict as error:
        flash(localize(error.text), "warning")
    else:
        flash(words, "success")
    return redirect(url_for("knowledge.article", article_id=article_id), 303)


def _write(article_id: int | None) -> Answer:
    actor, given = _reader(), request.form.to_dict()
    try:
        with transaction() as db:
            kept = knowledge.write(
                db,
                actor,
                _county(actor),
                _draft(given),
                now=now(),
                today=display.local(now()).date(),
                article_id=article_id,
            )
            link = url_for("knowledge.article", article_id=kept.id)
    except InvalidInput as error:
        errors = {name: localize(text) for name, text in error.errors.items()}
        with reading() as db:
            known = knowledge.load(db, _county(actor), article_id) if article_id else None
        page = _form(actor, known, given, errors)
        return page, status_of(error)
    flash(_("已保存，待该单位另一人在 3 个工作日内确认。"), "success")
    return redirect(link, 303)


def _draft(given: Mapping[str, str]) -> ArticleDraft:
    try:
        review_on = date.fromisoformat(given.get("review_on", ""))
    except ValueError:
        review_on = None
    texts = {name: given.get(name, "").strip() for name in knowledge.LONGEST}
    unit = given.get("unit", "").strip()[:40]
    return ArticleDraft(unit, review_on=review_on, public=given.get("public") == "yes", **texts)


def _form(
    actor: Actor, article: Article | None, given: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    with reading() as db:
        units = _units(db, actor)
    return render_template(
        "knowledge/edit.html",
        article=article,
        given=given,
        errors=errors,
        units=units,
        longest=knowledge.LONGEST,
    )


def _units(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return the units that the actor may write for: departments and townships, or the own ones."""
    query = select(Unit).where(Unit.at_county == _county(actor), Unit.ended_at.is_(None))
    if actor.roles & knowledge.WRITERS:
        query = query.where(Unit.level.in_(("county", "township")), Unit.kind != "committee")
    else:
        query = query.where(Unit.id.in_(actor.unit_ids))
    return [(unit.code, unit.name) for unit in db.scalars(query.order_by(Unit.code))]


def _reader() -> Actor:
    """Return the actor, who answers or handles questions. Raises NotFound."""
    actor = current_actor()
    if not actor.roles & knowledge.READERS or sources.county_of(actor) is None:
        raise NotFound("knowledge")
    return actor


def _county(actor: Actor) -> int:
    county = sources.county_of(actor)
    assert county is not None
    return county
