"""What a definition stands in: who sits where, told to the check."""

from __future__ import annotations

from sqlalchemy import select

from engine import org
from engine.definitions import versions
from engine.drafting import check_context, prepublish_check
from engine.models import Post
from engine.storage.db import reading, transaction
from tests.conftest import ROOT
from tests.engine.casework.world import World

FILES = versions.read_directory(ROOT)["ticket"]


def gap(world: World, role: str, level: str) -> tuple[int, int, tuple[str, ...]]:
    with reading() as db:
        found = check_context.current_context(db, world.now).gaps
    assert found is not None
    one = found[role][level]
    return one.lacking, one.of, one.names


def test_it_counts_units_in_which_nobody_holds_a_role(world: World) -> None:
    """V1 and V3 have a grid leader; the third village has none."""
    lacking, total, names = gap(world, "grid_leader", "village")
    assert (lacking, total) == (1, 3) and len(names) == 1
    # The centre of the township works for the township, that of the county for the county.
    assert gap(world, "dispatcher", "county") == (0, 1, ())
    assert gap(world, "mediator", "county")[:2] == (1, 1)


def test_it_sees_a_post_that_has_ended_and_one_that_is_vacant(world: World) -> None:
    before = gap(world, "grid_leader", "village")[0]
    with transaction() as db:
        held = Post.user_id == world.logins["grid_leader"]
        org.end_post(db, None, db.scalars(select(Post).where(held)).one(), now=world.now)
    assert gap(world, "grid_leader", "village")[0] == before + 1
    with transaction() as db:
        held = Post.user_id == world.logins["sibling"]
        org.vacate_post(db, None, db.scalars(select(Post).where(held)).one(), now=world.now)
    assert gap(world, "grid_leader", "village")[0] == before + 2


def test_it_names_units_by_code_and_by_name(world: World) -> None:
    with reading() as db:
        units = check_context.current_context(db, world.now).units
    assert units is not None and {"620725", "620725-ZJJ"} <= units


def test_a_draft_is_checked_again_once_a_post_has_changed(world: World) -> None:
    """The same files, another county: the findings are those of now."""
    path = "processes/ticket/ticket.bpmn"
    fixed = FILES[path].replace(
        b'form="ticket/accept"', b'form="ticket/accept" role="mediator" level="county"'
    )
    files = {key: data for key, data in FILES.items() if "scenarios" not in key}
    files[path] = fixed
    with reading() as db:
        vacant = check_context.current_context(db, world.now)
    assert vacancies(files, vacant) == [("warning", "accept")]
    with transaction() as db:
        where = select(Post).where(Post.user_id == world.logins["county_leader"])
        seat = db.scalars(where).one()
        org.create_post(db, None, unit=seat.unit, role="mediator", user=seat.user, now=world.now)
    with reading() as db:
        filled = check_context.current_context(db, world.now)
    assert vacancies(files, filled) == []


def vacancies(files: dict[str, bytes], known: check_context.CheckContext) -> list[tuple[str, str]]:
    report = prepublish_check.prove("ticket", files, known).report
    return [
        (finding["severity"], finding["element"])
        for file in report.files
        for finding in file.findings
        if finding["rule"] == "role-nobody-holds" and finding["severity"] == "warning"
    ]
