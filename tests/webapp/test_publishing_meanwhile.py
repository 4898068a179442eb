"""Publishing while eight processes complete tasks: every case runs on exactly one version."""

from __future__ import annotations

import json
import re
import threading

import pytest
from sqlalchemy import func, select

from engine.definitions import versions
from engine.models import Case, Task, Version
from engine.operations import doctor
from engine.storage.db import reading, transaction
from tests.conftest import ROOT
from tests.faults.serving import environment
from tests.forks import Fork, Forks
from tests.webapp import completing
from tests.webapp.policy_desk import staff
from tests.webapp.site import Site

PROCESSES = 8
# Seconds for which a busy machine may keep everybody from opening a case.
PATIENCE = 60
PUBLISHED = 4
DIAGRAM = "processes/ticket/ticket.bpmn"
NAMES = re.compile(r'(<bpmn:userTask id="\w+" name=")([^"@]+)(?:@\d+)?"')


def children(site: Site, forks: Forks) -> list[Fork]:
    """Eight processes that wait for their start."""
    program, env = f"{completing.__name__}:main", environment(site)
    started = [forks.start(program, cwd=ROOT, env=env) for _number in range(PROCESSES)]
    for child in started:
        child.stdin.write(json.dumps(site.world.logins) + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
    for child in started:
        child.stdin.write("go\n")
        child.stdin.flush()
    return started


def publish_next(site: Site) -> None:
    """The next version, in which every task is called by the version's number."""
    with site.app.app_context(), transaction() as db:
        last = versions.latest(db, "ticket")
        assert last is not None
        files = versions.files_of(db, last.id)
        text = NAMES.sub(rf'\g<1>\g<2>@{last.number + 1}"', files[DIAGRAM].decode())
        files[DIAGRAM] = text.encode()
        versions.publish(db, "ticket", files, now=site.world.now)


def until_more_are_opened(site: Site) -> None:
    """Return when the processes have opened a few more cases than there are now."""
    counted, pause = select(func.count()).select_from(Case), threading.Event()
    with site.app.app_context():
        with reading() as db:
            wanted = db.scalar(counted) + PROCESSES
        for _ in range(PATIENCE * 20):
            with reading() as db:
                if db.scalar(counted) >= wanted:
                    return
            pause.wait(0.05)
    raise AssertionError("nobody opens cases")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_case_runs_on_exactly_one_version(site: Site, forks: Forks) -> None:
    staff(site)
    site.close()
    started = children(site, forks)
    for _number in range(PUBLISHED):
        until_more_are_opened(site)
        publish_next(site)
    opened: list[int] = []
    for child in started:
        out, err = child.communicate(timeout=120)
        assert child.returncode == 0, err[-3000:]
        opened += json.loads(out)

    with site.app.app_context(), reading() as db:
        number = dict(db.execute(select(Version.id, Version.number)).tuples().all())
        followed = {
            case_id: number[version_id]
            for case_id, version_id in db.execute(select(Case.id, Case.version_id))
        }
        named: dict[int, set[int]] = {}
        for case_id, name in db.execute(select(Task.case_id, Task.name)):
            named.setdefault(case_id, set()).add(int(name.partition("@")[2] or 1))
    assert set(followed) == set(opened) and len(opened) >= PROCESSES
    assert named == {case_id: {version} for case_id, version in followed.items()}
    # Somebody opened cases before, between and after.
    assert len(set(followed.values())) >= 3
    with site.app.app_context(), reading(snapshot=True) as db:
        assert doctor.examine(db, site.world.now).findings == []
