"""Templates of papers in a draft: uploaded, checked, seen with a case, given back to what ships."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import settings
from engine.definitions import versions
from engine.definitions.paper_templates import FILE, NAMES, PAPER_TEMPLATES, path_of
from engine.documents.papers import printing
from engine.documents.papers.catalogue import KINDS, PaperKind
from engine.documents.templates import filling, previews, starters
from engine.documents.templates.package import LARGEST, TemplateFinding
from engine.drafting import drafts, prepublish_check
from engine.errors import InvalidInput, NotAllowed, NotFound, Refusal
from engine.models import ProcessDraft
from engine.storage.db import reading, transaction
from webapp import downloads
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.locales import localize
from webapp.policy import blueprint
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.post("/paper-templates")
def begin_paper_templates() -> Response:
    """Begin a draft of the templates: of those in force, or of none."""
    actor = current_actor()
    with transaction() as db:
        known = versions.lasting(db, PAPER_TEMPLATES)
        if known is not None:
            draft = drafts.from_version(db, actor, known.id, now=now())
        else:
            title = localize(NAMES)
            draft = drafts.begin(db, actor, PAPER_TEMPLATES, title, {}, now=now())
        draft_id = draft.id
    return redirect(url_for("policy.paper_templates", id=draft_id), 303)


@blueprint.get("/drafts/<int:id>/templates")
def paper_templates(id: int) -> str:
    """Every kind of paper with the template that it has, and what the check says."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), id, now=now())
    draft, files = _own(exhibit.draft), exhibit.files
    own = {found[1] for path in files if (found := FILE.fullmatch(path))}
    return render_template(
        "policy/paper_templates.html",
        draft=draft,
        kinds=KINDS.values(),
        own=own,
        report=exhibit.prove().report,
    )


@blueprint.get("/drafts/<int:id>/templates/<key>")
def paper_template(id: int, key: str) -> Answer:
    """One template: what it may name, its file, and how it looks."""
    return _page(id, key)


@blueprint.post("/drafts/<int:id>/templates/<key>")
def replace_paper_template(id: int, key: str) -> Answer:
    """Replace a template by a Word file; without one, the sheet that ships holds again."""
    draft, kind, _data = _draft(id, key)
    sent = request.files.get("template")
    data = sent.read(LARGEST + 1) if sent is not None else b""
    if not data and request.form.get("revert") != "yes":
        return _page(id, key, told=[_("请选择文件。")], status=422)
    try:
        found = filling.check(kind, data) if data else []
        if found:
            return _page(id, key, told=[_sentence(one) for one in found], status=422)
        with transaction() as db:
            revision = request.form.get("revision", type=int) or draft.revision
            changes = {path_of(key): data or None}
            drafts.save(db, current_actor(), id, revision, changes, now=now())
    except (InvalidInput, Refusal) as error:
        texts = error.errors.values() if isinstance(error, InvalidInput) else [error.text]
        return _page(id, key, told=[localize(one) for one in texts], status=status_of(error))
    flash(_("模板已更换。") if data else _("已恢复自带的版式。"), "success")
    return redirect(url_for("policy.paper_template", id=id, key=key), 303)


@blueprint.get("/drafts/<int:id>/templates/<key>.docx")
def paper_template_file(id: int, key: str) -> Response:
    """The template as it is in the draft; without one, a file to begin with."""
    _draft_row, kind, data = _draft(id, key)
    return downloads.download(data or starters.starter(kind), f"{kind.title.zh}.docx", DOCX)


@blueprint.get("/drafts/<int:id>/templates/<key>/preview.png")
def paper_template_picture(id: int, key: str) -> Response:
    """The template's pages, with made-up answers or with a real case whose people are covered."""
    _draft_row, kind, data = _draft(id, key)
    today = settings.current().local_day(now())
    number = request.args.get("case", "").strip()
    if number:
        with reading() as db:
            words, facts = previews.of_case(db, current_actor(), number, kind, today)
    else:
        words, facts = previews.made_up(kind, today)
    if data is None:
        page = printing.as_html(kind, words, facts)
    else:
        page = filling.fill(kind, data, words, facts).html
    return downloads.picture(printing.printed(page, picture=True).picture)


def _draft(id: int, key: str) -> tuple[ProcessDraft, PaperKind, bytes | None]:
    kind = KINDS.get(key)
    if kind is None:
        raise NotFound(key)
    with reading() as db:
        draft = _own(drafts.visible(db, current_actor(), id))
        return draft, kind, drafts.files_of(db, draft).get(path_of(key))


def _own(draft: ProcessDraft) -> ProcessDraft:
    if draft.process != PAPER_TEMPLATES:
        raise NotFound(draft.id)
    return draft


def _page(id: int, key: str, *, told: list[str] | None = None, status: int = 200) -> Answer:
    draft, kind, data = _draft(id, key)
    number = request.args.get("case", "").strip()
    missing = False
    if number:
        with reading() as db:
            try:
                previews.of_case(
                    db, current_actor(), number, kind, settings.current().local_day(now())
                )
            except (NotFound, NotAllowed):
                missing, number = True, ""
    page = render_template(
        "policy/paper_template.html",
        draft=draft,
        kind=kind,
        has_own=data is not None,
        told=told or [],
        number=number,
        missing=missing,
        names=_names(kind),
        how_to=_how_to(),
    )
    return page, status


def _names(kind: PaperKind) -> list[tuple[str, str, bool]]:
    """Each placeholder with what it prints, and whether a template must have it."""
    found: list[tuple[str, str, bool]] = []
    for field in kind.words.fields:
        if field.asks:
            inner = [one.name for one in field.fields if one.asks]
            more = f"[{', '.join(inner)}]" if inner else ""
            needed = field.name in kind.required_words
            found.append((f"words.{field.name}{more}", localize(field.label), needed))
    plain: dict[str, Any] = {
        "number": (_("编号"), kind.numbered),
        "parties": (
            _("当事人，逐个循环：side、name、sex、age、home、phone、agents 等"),
            kind.sides,
        ),
        "mediators": (_("人民调解员"), False),
        "unit": (_("单位"), False),
        "case_number": (_("案件编号"), False),
        "case_title": (_("案由"), False),
    }
    return found + [(name, *words) for name, words in plain.items()]


def _how_to() -> str:
    return _(
        "在 Word 里把内容写成 {{ words.facts }}；逐项的一段写 {%p for p in parties %}、"
        "{%p endfor %}，表格的行写 {%tr for t in words.terms %}、{%tr endfor %}，"
        "有条件的写 {% if p.firm %}、{% else %}、{% endif %}。不能有图片、宏、外部链接、"
        "自动编号和修订痕迹；页码用 Word 的页码域。"
    )


def _sentence(one: TemplateFinding) -> str:
    return _("%(place)s：%(text)s", place=localize(one.place), text=localize(one.text))
