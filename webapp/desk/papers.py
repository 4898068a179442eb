"""The papers of a case: begun from what it says, edited, seen as pictures, made final."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.casework import unmask
from engine.documents.papers import check_codes, printing, writing
from engine.documents.papers.catalogue import KINDS, PaperKind
from engine.documents.papers.writing import PaperFile
from engine.errors import Conflict, InvalidInput, NotFound
from engine.reading.casefile import CaseFile
from engine.storage.db import reading, transaction
from forms import InvalidAnswers
from webapp import downloads, locales, logs, qr
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page, pages
from webapp.form_pages import posted_forms, sources
from webapp.locales import localize
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]


@blueprint.get("/cases/<int:case_id>/papers")
def papers(case_id: int) -> str:
    """Which papers the case's diagram names, and those that were made."""
    actor = current_actor()
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "papers")
        made = writing.of_case(db, page.file.case)
        mine = unmask.holds(db, actor, page.file.case, {one.unit_id for one in page.file.open})
    return render_template(
        "desk/papers.html",
        page=page,
        case=page.file.case,
        kinds=_kinds(page.file),
        made=made,
        titles={kind.key: kind.title for kind in KINDS.values()},
        mine=mine,
    )


def _kinds(file: CaseFile) -> list[tuple[PaperKind, bool]]:
    """Return what can be made now, before what will be."""
    found = [(kind, _timely(file, kind)) for kind in kinds_of_diagram(file)]
    return sorted(found, key=lambda one: not one[1])


def kinds_of_diagram(file: CaseFile) -> list[PaperKind]:
    """Return the kinds that the diagram names, in the order of the catalogue."""
    keys = {key for node in file.version.definition.nodes.values() for key in node.papers}
    return [kind for kind in KINDS.values() if kind.key in keys]


def _timely(file: CaseFile, kind: PaperKind) -> bool:
    """Return whether a step that the paper belongs to was done, or is open."""
    reached = {*file.state.passed, *(one.node_id for one in file.open)}
    nodes = file.version.definition.nodes.values()
    return any(kind.key in node.papers and node.id in reached for node in nodes)


@blueprint.post("/cases/<int:case_id>/papers/<kind>")
@step_up.proven_where(pages.in_other_hands)
def draft_paper(case_id: int, kind: str) -> Response:
    """Begin a paper, or go on with the draft that is there."""
    logs.bind_case(case_id)
    with transaction() as db:
        row = writing.draft(db, current_actor(), case_id, kind, now=now())
        paper_id = row.id
    return redirect(url_for("desk.paper", paper_id=paper_id), 303)


@blueprint.get("/papers/<int:paper_id>")
def paper(paper_id: int) -> Answer:
    """The words of a draft with what it lacks, and its pages as a picture."""
    with transaction() as db:
        writing.look(db, current_actor(), paper_id, now=now())
    return _page(paper_id)


@blueprint.post("/papers/<int:paper_id>")
def write_paper(paper_id: int) -> Answer:
    """Keep what was written."""
    actor = current_actor()
    with reading() as db:
        file = writing.opened(db, actor, paper_id, now=now())
    posted = posted_forms.parse(file.kind.words, actor, file.paper.county_id)
    if posted.only_reshaped or posted.errors:
        return _page(paper_id, posted.answers, posted.errors)
    try:
        with transaction() as db:
            writing.write(db, actor, paper_id, posted.answers, now=now())
    except InvalidAnswers as error:
        return _page(paper_id, posted.answers, error.errors)
    except Conflict as error:
        return _page(paper_id, posted.answers, {"": (error.text,)})
    flash(_("已保存。"), "success")
    return redirect(url_for("desk.paper", paper_id=paper_id), 303)


@blueprint.post("/papers/<int:paper_id>/discard")
def discard_paper(paper_id: int) -> Response:
    """Throw a draft away, on purpose."""
    with transaction() as db:
        case_id = writing.discard(db, current_actor(), paper_id, now=now())
    flash(_("草稿已放弃。"), "success")
    return redirect(url_for("desk.papers", case_id=case_id), 303)


@blueprint.post("/papers/<int:paper_id>/final")
def finish_paper(paper_id: int) -> Answer:
    """Make the paper final: checked, numbered, set, and a file of the case from now on."""
    actor, moment = current_actor(), now()
    with reading() as db:
        file = writing.opened(db, actor, paper_id, now=moment)
        number = writing.next_number(db, file, moment)
    logs.bind_case(file.paper.case_id)
    try:
        lacking = writing.lacks(file) if file.paper.state == "draft" else []
        if lacking:
            return _page(paper_id, told=[localize(one) for one in lacking], status=422)
        # Setting takes a while: nobody waits for the case's lock meanwhile.
        done = printing.printed(
            file.html(number, moment.isoformat(), _mark(paper_id)), picture=False
        )
        with transaction() as db:
            writing.finish(db, actor, file, done, number, now=moment)
    except (InvalidInput, Conflict) as error:
        texts = error.errors.values() if isinstance(error, InvalidInput) else [error.text]
        return _page(paper_id, told=[localize(one) for one in texts], status=status_of(error))
    flash(_("已定稿，放在材料里。"), "success")
    return redirect(url_for("desk.papers", case_id=file.paper.case_id), 303)


def _mark(paper_id: int) -> str:
    """Return the code by which whoever holds the paper can check it."""
    return str(qr.page_code("desk.check_paper", code=check_codes.code_of(paper_id)))


@blueprint.get("/papers/<int:paper_id>/picture.png")
def paper_picture(paper_id: int) -> Response:
    """The pages of a draft below each other, as they would be printed now.

    What is final is a file of the case, and each time that it is opened is recorded.
    """
    with transaction() as db:
        file = writing.look(db, current_actor(), paper_id, now=now())
    if file.paper.state == "final":
        raise NotFound(paper_id)
    done = printing.printed(file.html(file.paper.number or ""), picture=True)
    return downloads.picture(done.picture)


def _page(
    paper_id: int,
    typed: Any = None,
    errors: Any = None,
    *,
    told: list[str] | None = None,
    status: int | None = None,
) -> Answer:
    actor = current_actor()
    with reading() as db:
        file: PaperFile = writing.opened(db, actor, paper_id, now=now())
        page = case_page.head(db, actor, file.paper.case_id, None, "papers")
        words = file.words if typed is None else typed
        filled = posted_forms.show(file.kind.words, words, errors)
        looked_up = sources.look_up(db, actor, filled.model if filled else None)
    lacking = told if told is not None else [localize(one) for one in file.gaps]
    shown = render_template(
        "desk/paper.html",
        page=page,
        case=page.file.case,
        paper=file.paper,
        title=file.kind.title.to(locales.current()),
        form=filled,
        sources=looked_up,
        lacking=lacking,
        refused=told is not None,
    )
    return shown, status or (422 if errors else 200)
