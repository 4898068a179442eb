"""What the guide holds, in order, and which section explains which page of the product."""

from __future__ import annotations

from dataclasses import dataclass

from feel.text import Text

PROCESS_PAGES = ("ticket", "dispute", "hotline", "centre", "escalation")


@dataclass(frozen=True)
class Chapter:
    """Pages of the guide that belong together."""

    name: Text
    pages: tuple[str, ...]


CHAPTERS = (
    Chapter(
        Text("按岗位", "By post"),
        (
            "tour",
            "guides/operator",
            "guides/grid",
            "guides/mediator",
            "guides/handler",
            "guides/leader",
            "guides/supervisor",
            "guides/policy",
            "guides/administrator",
        ),
    ),
    Chapter(
        Text("日常办理", "Daily work"),
        ("desk", "moves", "clocks", "boards", "statistics", "notices", "citizens"),
    ),
    Chapter(Text("流程说明", "Processes"), tuple(f"processes/{one}" for one in PROCESS_PAGES)),
    Chapter(Text("制作流程", "Making processes"), ("policy", "forms", "feel", "check")),
    Chapter(Text("系统管理", "Administration"), ("operations", "import", "api")),
    Chapter(Text("常见问题和词汇", "Questions and words"), ("faq", "glossary")),
)
ENTRANCE = "tour"
# By address, or by part of the product for all its addresses; the part after # is a heading.
TOPICS = {
    "account": "faq#signing-in",
    "account.away": "desk#absence-and-deputies",
    "account.notice_settings": "notices#times",
    "account.staff_absence": "desk#absence-and-deputies",
    "admin": "guides/administrator",
    "admin.clock": "operations#11-when-something-is-wrong",
    "admin.confidential": "desk#confidential-cases",
    "admin.grants": "guides/administrator#posts",
    "admin.mediation": "statistics#registers-of-mediation",
    "admin.committee": "statistics#registers-of-mediation",
    "admin.mediator": "statistics#registers-of-mediation",
    "admin.registers_import": "statistics#registers-of-mediation",
    "admin.move_limits_page": "guides/administrator#calendars-rules-notifications",
    "admin.notices": "notices",
    "admin.operations": "operations#10-monitoring",
    "admin.numbers": "import#case-numbers",
    "admin.search_synonyms": "desk#search",
    "admin.unit": "guides/administrator#units",
    "admin.user": "guides/administrator#people",
    "admin.users": "guides/administrator#people",
    "admin.work_calendar": "clocks#which-calendar",
    "admin.work_calendars": "clocks#which-calendar",
    "citizens": "citizens#for-citizens",
    "confidential": "desk#confidential-cases",
    "demands": "clocks#supervision-orders-and-centre-calls",
    "desk": "desk#workbench",
    "desk.case": "desk#the-page-of-a-case",
    "desk.cases": "desk#search",
    "desk.choose": "desk#taking-calls",
    "desk.clocks": "clocks#three-clocks",
    "desk.diagram": "desk#the-page-of-a-case",
    "desk.former": "desk#confidential-cases",
    "desk.materials": "desk#materials",
    "desk.case_move": "moves#details",
    "desk.notices": "notices",
    "desk.opening": "desk#taking-calls",
    "desk.papers": "desk#documents",
    "desk.paper": "desk#documents",
    "desk.signing": "desk#documents",
    "desk.signature": "desk#documents",
    "desk.people": "desk#parties",
    "desk.remarks": "desk#comments-and-internal-notes",
    "desk.story": "desk#the-page-of-a-case",
    "desk.task_move": "moves#details",
    "escalations": "boards#supervision",
    "escalations.calculator": "clocks#three-clocks",
    "escalations.emergencies": "clocks#emergency-mode",
    "escalations.empty": "boards#vacant-posts",
    "escalations.switch_off": "clocks#emergency-mode",
    "escalations.switch_on": "clocks#emergency-mode",
    "escalations.withdrawals": "boards#withdrawing-false-escalations",
    "home": "boards#home",
    "incidents": "operations#11-when-something-is-wrong",
    "knowledge": "desk#knowledge-base",
    "policy": "policy",
    "reports": "boards#figures",
    "reports.county_map": "boards#map",
    "reports.process": "boards#process-view",
    "returns": "statistics",
    "screenings": "statistics#screening-rounds",
    "trail": "guides/administrator#the-record",
}


def topic(endpoint: str | None) -> tuple[str, str]:
    """Return the page and the heading that explain an address; the way in where none does."""
    part = (endpoint or "").partition(".")[0]
    found = TOPICS.get(endpoint or "") or TOPICS.get(part) or ENTRANCE
    name, _, heading = found.partition("#")
    return name, heading
