"""Users, posts and deputies: filled, vacated, ended, and what they had signed for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.access import sessions
from engine.errors import InvalidInput
from engine.models import Deputy, Post, Task, User
from engine.org.people import UserEnded
from engine.org.posts import LastAdministrator, PostEnded
from engine.records import audit
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County

LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)


def post_of(db: Session, county: County, code: str, role: str, login: str | None) -> Post:
    user = county.user(login) if login else None
    return org.create_post(db, None, unit=county[code], role=role, user=user, now=NOW)


@pytest.mark.parametrize(
    ("login", "name", "field"),
    [
        ("wang", "王某", "login"),
        ("W 1", "王某", "login"),
        ("", "王某", "login"),
        ("王某", "王某", "login"),
        ("wang2", " ", "name"),
        ("wang2", "王" * 65, "name"),
    ],
)
def test_it_refuses_a_login_or_name_that_will_not_do(
    db: Session, county: County, login: str, name: str, field: str
) -> None:
    county.user("wang")

    with pytest.raises(InvalidInput) as refused:
        org.create_user(db, None, login=login, name=name, password_hash="x", now=NOW)

    assert list(refused.value.errors) == [field]


def test_it_keeps_periods_when_a_post_is_vacated_and_filled(db: Session, county: County) -> None:
    held = post_of(db, county, "T1", "leader", "wang")

    vacant = org.vacate_post(db, None, held, now=LATER)
    filled = org.fill_post(db, None, vacant, county.user("li"), now=LATER + DAY)

    rows = db.scalars(select(Post).where(Post.unit_id == county["T1"].id).order_by(Post.id))
    wang, li = county.user("wang").id, county.user("li").id
    assert [(row.user_id, row.from_at, row.until_at) for row in rows] == [
        (wang, NOW, LATER),
        (None, LATER, LATER + DAY),
        (li, LATER + DAY, None),
    ]
    assert filled.user_id == li


def test_it_refuses_to_change_a_post_that_somebody_changed_meanwhile(
    db: Session, county: County
) -> None:
    post = post_of(db, county, "T1", "leader", "wang")
    org.vacate_post(db, None, post, now=LATER)

    for attempt in (org.vacate_post, org.end_post):
        with pytest.raises(PostEnded):
            attempt(db, None, post, now=LATER)
    with pytest.raises(PostEnded):
        org.fill_post(db, None, post, county.user("li"), now=LATER)


def test_it_refuses_the_same_person_twice_and_ended_ones(db: Session, county: County) -> None:
    post_of(db, county, "T1", "leader", "wang")
    with pytest.raises(InvalidInput):
        post_of(db, county, "T1", "leader", "wang")

    org.end_user(db, None, county.user("li"), now=NOW)
    with pytest.raises(InvalidInput):
        post_of(db, county, "T1", "leader", "li")
    with pytest.raises(InvalidInput):
        post_of(db, county, "T1", "king", None)


def test_it_puts_back_what_the_holder_had_signed_for_in_that_post(
    db: Session, county: County
) -> None:
    post = post_of(db, county, "V1", "handler", "wang")
    case = county.case("V1", "V1", "V2", signed_by="wang")

    org.vacate_post(db, None, post, now=LATER)

    tasks = db.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.id)).all()
    assert [task.assignee_id for task in tasks] == [None, county.user("wang").id]
    assert audit.kinds(db, case) == ["task.released"]


def test_it_ends_a_user_and_leaves_the_posts_vacant(db: Session, county: County) -> None:
    wang = county.user("wang")
    post_of(db, county, "V1", "handler", "wang")
    other = post_of(db, county, "T1", "leader", "li")
    org.create_deputy(db, None, post=other, user=wang, from_at=NOW, until_at=NOW + DAY, now=NOW)
    first, second = county.case("V1", "V1", signed_by="wang"), county.case("V3", "V3")
    county.task(second, "V3", "mediator", "wang")
    logged_in(db, wang)

    released = org.end_user(db, None, wang, now=LATER)

    assert released == 2
    assert wang.ended_at == LATER
    assert sessions.of_user(db, wang.id, LATER) == []
    assert db.scalars(select(Task.id).where(Task.assignee_id == wang.id)).all() == []
    vacancy = select(Post).where(Post.unit_id == county["V1"].id, Post.until_at.is_(None))
    assert [row.user_id for row in db.scalars(vacancy)] == [None]
    assert org.holders(db, county["T1"].id, "leader", LATER)[0].user_id == county.user("li").id
    assert db.scalars(select(Deputy.until_at)).all() == [LATER]
    assert audit.kinds(db, first) == audit.kinds(db, second) == ["task.released"]
    with pytest.raises(UserEnded):
        org.end_user(db, None, wang, now=LATER)


def test_it_keeps_the_last_administrator(db: Session, county: County) -> None:
    post = post_of(db, county, "620725", "admin", "wang")
    for attempt in (
        lambda: org.vacate_post(db, None, post, now=LATER),
        lambda: org.end_post(db, None, post, now=LATER),
        lambda: org.end_user(db, None, county.user("wang"), now=LATER),
    ):
        with pytest.raises(LastAdministrator):
            attempt()

    post_of(db, county, "620725", "admin", "li")
    org.vacate_post(db, None, post, now=LATER)
    assert post.until_at == LATER


def test_it_refuses_a_deputyship_without_sense(db: Session, county: County) -> None:
    post = post_of(db, county, "T1", "leader", "wang")
    li = county.user("li")
    for user, from_at, until_at in (
        (county.user("wang"), NOW, LATER),
        (li, LATER, NOW),
        (li, NOW - DAY, NOW),
    ):
        with pytest.raises(InvalidInput):
            org.create_deputy(
                db, None, post=post, user=user, from_at=from_at, until_at=until_at, now=NOW
            )


def test_it_ends_a_running_deputyship_and_takes_back_a_coming_one(
    db: Session, county: County
) -> None:
    post = post_of(db, county, "T1", "leader", "wang")
    running, coming = (
        org.create_deputy(
            db,
            None,
            post=post,
            user=county.user("li"),
            from_at=start,
            until_at=start + DAY,
            now=NOW,
        )
        for start in (NOW, NOW + 2 * DAY)
    )

    org.end_deputy(db, None, running, now=LATER)
    org.end_deputy(db, None, coming, now=LATER)

    rows = db.scalars(select(Deputy)).all()
    assert [(row.id, row.until_at) for row in rows] == [(running.id, LATER)]


def test_it_ends_every_session_with_a_new_password(db: Session, county: County) -> None:
    wang = county.user("wang")
    logged_in(db, wang)

    org.set_password(db, None, wang, "new-hash", now=LATER)

    assert (wang.password_hash, wang.must_change) == ("new-hash", True)
    assert sessions.of_user(db, wang.id, LATER) == []


def logged_in(db: Session, user: User) -> None:
    """Let somebody be logged in, and have a token."""
    sessions.begin(db, user.id, now=NOW, lasting=30 * DAY)
    sessions.issue(db, user.id, "API", ["cases.read"], now=NOW, lasting=30 * DAY)
    db.flush()
    assert len(sessions.of_user(db, user.id, LATER)) == 2
