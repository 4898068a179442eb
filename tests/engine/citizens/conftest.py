"""The county with everybody whom the three processes need, and its public site open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.citizens import reporting, sites
from engine.citizens.reporting import CitizenReport, ReportReceipt
from engine.models import Case
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World

ONCE = "0123456789abcdef" * 2
REPORT = CitizenReport(
    kind="report",
    choice="道路设施",
    details="北街路口井盖破损，电话13893612345。昨天有人摔倒。",
    once=ONCE,
    place="V1",
)
WHISTLE = replace(REPORT, kind="whistle", choice="单位和工作人员", details="镇上有人收钱办低保。")


class PublicDesk:
    """Sends reports as strangers do, and looks at what became of them."""

    def __init__(self, world: World) -> None:
        self.world = world

    def send(self, report: CitizenReport = REPORT, **changed: Any) -> ReportReceipt:
        with transaction() as db:
            county = sites.county(db, "620725")
            return reporting.receive(db, county, replace(report, **changed), now=self.world.now)

    def case(self, receipt: ReportReceipt) -> Case:
        with reading() as db:
            return db.query(Case).filter(Case.number == receipt.number).one()


@pytest.fixture
def desk(people: World) -> PublicDesk:
    return PublicDesk(people)
