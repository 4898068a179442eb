"""A process as its cases go through it: the diagram in colours, steps, bottlenecks, ways."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import policy
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.errors import NotFound
from engine.models import Version
from engine.reports import omissions, process_view
from engine.reports.area import Area
from engine.reports.process_view import ProcessQuery, ProcessView, StepLine
from engine.storage.db import reading
from webapp import downloads, locales
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.period_query import NAMES, PeriodQuery, period_asked, version_asked
from webapp.reports import READERS, blueprint, labels, of_area, processes_of

# Of the longest tenth as a share of what the limit allowed: from which a step has which colour.
SHADES = (0.5, 0.75, 1.0, 1.5)


@dataclass(frozen=True)
class StepRow:
    """One step as the tables show it; ``before`` is the same of as many days before."""

    node: str
    name: str
    line: StepLine
    before: StepLine
    limit: str

    @property
    def slower(self) -> float | None:
        """Return by how many minutes the median grew; None where one of both is missing."""
        now, then = self.line.median, self.before.median
        return None if now is None or then is None else now - then


@blueprint.get("/reports/process")
def process() -> str:
    """The view of one process."""
    asked = period_asked()
    with reading() as db:
        area, mine = of_area(db)
        processes = processes_of(db)
        key = asked.process if asked.process in processes else process_view.busiest(db, area)
        key = key if key in processes else min(processes, default="")
        if not key:
            raise NotFound()
        known = _versions_of(db, key)
        version_id = _version(known, version_asked())
        query = ProcessQuery(key, area, asked.period, version_id)
        without = omissions.of_actor(db, current_actor(), area)
        found = process_view.view(db, query, now(), without=without)
        before = process_view.view(db, query.before, now(), without=without)
        drawn = versions.load(db, version_id or processes[key].id)
    rows = _rows(drawn, found, before)
    return render_template(
        "reports/process.html",
        area=area,
        mine=mine,
        asked=asked,
        query=query,
        names=NAMES,
        key=key,
        processes=processes,
        versions=known,
        drawn=drawn,
        found=found,
        rows=rows,
        slow=[row for row in sorted(rows, key=_slowness, reverse=True) if row.line.amount][:5],
        backs=_backs(drawn, found),
        facts=json.dumps(_facts(asked, query, found, rows), ensure_ascii=False),
        name_of=lambda node: _name(drawn, node),
        words=labels,
        behind=lambda measure, element: behind(asked, query, measure, element),
        shade=shade,
    )


@blueprint.get("/reports/process/<int:id>/diagram.bpmn")
def process_file(id: int) -> Response:
    """The diagram of a version, to be drawn on the page."""
    policy.require_role(current_actor(), *READERS)
    with reading() as db:
        published = versions.load(db, id)
        content = versions.files_of(db, id).get(published.definition.process.file)
    if content is None:
        raise NotFound(id)
    return downloads.download(content, f"{published.process}.bpmn", downloads.BPMN)


def behind(asked: PeriodQuery, query: ProcessQuery, measure: str, element: str) -> str:
    """Return the address of the cases behind a number of a step or a way."""
    parts: dict[str, Any] = {"measure": measure, "element": element, "unit": query.area.unit.id}
    if query.version_id is not None:
        parts["version"] = query.version_id
    return url_for("reports.cases", **{**asked.of_period, "process": query.process, **parts})


def shade(line: StepLine) -> int | None:
    """Return which colour a step has, from 0 (far within its limit) to 4; None without one."""
    share = line.share
    return None if share is None else sum(share > bound for bound in SHADES)


def _versions_of(db: Session, key: str) -> Sequence[Version]:
    of_process = select(Version).where(Version.process == key).order_by(Version.number.desc())
    return db.scalars(of_process).all()


def _version(known: Sequence[Version], asked: int | None) -> int | None:
    """Return the version asked for. Raises NotFound for one of another process."""
    if asked is not None and asked not in {version.id for version in known}:
        raise NotFound(asked)
    return asked


def _rows(drawn: PublishedVersion, found: ProcessView, before: ProcessView) -> list[StepRow]:
    """Return a row for each step with figures, in the order of the diagram, old ones last."""
    order = {node: place for place, node in enumerate(drawn.definition.nodes)}
    return [
        StepRow(
            node,
            _name(drawn, node),
            found.steps[node],
            before.steps.get(node, StepLine()),
            _limit(drawn, node),
        )
        for node in sorted(found.steps, key=lambda one: (order.get(one, len(order)), one))
    ]


def _slowness(row: StepRow) -> tuple[float, float]:
    """Return what bottlenecks are ordered by: the limit first, then plain time."""
    return (row.line.share or 0.0, row.line.p90 or 0.0)


def _name(drawn: PublishedVersion, node_id: str) -> str:
    node = drawn.node(node_id)
    if node is None:
        return node_id
    return (node.name_en if locales.english() and node.name_en else node.name) or node_id


def _limit(drawn: PublishedVersion, node_id: str) -> str:
    node = drawn.node(node_id)
    if node is None or not isinstance(node.limit, int):
        return ""
    return labels.limit(node.limit, node.limit_unit)


def _backs(drawn: PublishedVersion, found: ProcessView) -> list[tuple[str, str, int]]:
    pairs = sorted(found.backs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(_name(drawn, a), _name(drawn, b), many) for (a, b), many in pairs]


def _facts(
    asked: PeriodQuery, query: ProcessQuery, found: ProcessView, rows: Sequence[StepRow]
) -> Mapping[str, Any]:
    """Return what the script writes on the diagram."""
    return {
        "steps": {
            row.node: {
                "shade": shade(row.line),
                "late": row.line.late_now > 0,
                "text": _flag(row.line),
                "title": _title(row),
                "href": _target(asked, query, row),
            }
            for row in rows
        },
        "flows": found.flows,
    }


def _target(asked: PeriodQuery, query: ProcessQuery, row: StepRow) -> str:
    return behind(asked, query, "step_here" if row.line.here else "step_done", row.node)


def _flag(line: StepLine) -> str:
    parts = [str(line.here)] if line.here else []
    if line.p90 is not None:
        parts.append(labels.span(line.p90))
    return " · ".join(parts)


def _title(row: StepRow) -> str:
    return _(
        "%(step)s：停留 %(here)s 件，办结 %(done)s 件，中位 %(median)s，九成在 %(p90)s 以内",
        step=row.name,
        here=row.line.here,
        done=row.line.amount,
        median=labels.span(row.line.median),
        p90=labels.span(row.line.p90),
    )


def sentence(area: Area, rows: Sequence[StepRow]) -> str:
    """Return what the picture shows, in words."""
    late = sum(row.line.late_now for row in rows)
    here = sum(row.line.here for row in rows)
    slow = max(rows, key=_slowness, default=None)
    said = _(
        "%(unit)s现有 %(here)s 个环节在办，超期 %(late)s 个。",
        unit=area.unit.name,
        here=here,
        late=late,
    )
    if slow is None or slow.line.p90 is None:
        return said
    return said + _(
        "最慢的是“%(step)s”，一成的用时超过 %(p90)s。",
        step=slow.name,
        p90=labels.span(slow.line.p90),
    )


@blueprint.app_context_processor
def _sentences() -> dict[str, Any]:
    return {"process_sentence": sentence}
