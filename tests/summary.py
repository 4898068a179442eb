"""What a run says at its end: passed, left out and why, the slowest, each database's share."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests import left_out

SLOWEST = 30
DATABASES = ("sqlite", "postgresql")


def write(reporter: Any) -> None:
    """Write the summary above pytest's own closing line."""
    reports = list(_reports(reporter.stats))
    seconds: dict[str, float] = defaultdict(float)
    for report in reports:
        seconds[report.nodeid] += report.duration
    reporter.write_sep("=", f"slowest {SLOWEST} tests, with set-up")
    slowest = sorted(seconds.items(), key=lambda one: -one[1])[:SLOWEST]
    for test, took in slowest:
        reporter.write_line(f"{took:7.2f} s  {test}")
    reporter.write_sep("=", f"dearest {SLOWEST} files")
    for line in by_file(seconds):
        reporter.write_line(line)
    reporter.write_sep("=", "by database")
    for line in by_database(reporter.stats, seconds):
        reporter.write_line(line)
    reasons = left_out_reasons(reporter.stats)
    reporter.write_sep("=", "left out")
    for line in reasons_counted(reasons):
        reporter.write_line(line)
    passed, failed = _count(reporter.stats, "passed"), _count(reporter.stats, "failed", "error")
    most = sum(left_out.allowed().values())
    reporter.write_line(
        f"Passed {passed}, failed {failed}, left out {len(reasons)} (CI allows at most {most})"
    )


def by_database(stats: dict[str, list[Any]], seconds: dict[str, float]) -> Iterator[str]:
    """A line for each database and one for the tests without any."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for name in ("passed", "failed", "skipped", "error"):
        for report in stats.get(name, ()):
            outcomes[database_of(report.nodeid)][name] += 1
    for database in (*DATABASES, "none"):
        if counted := outcomes[database]:
            took = sum(some for test, some in seconds.items() if database_of(test) == database)
            failed = counted["failed"] + counted["error"]
            yield (
                f"{database:10s} passed {counted['passed']}, failed {failed},"
                f" left out {counted['skipped']}, {took:.0f} s of work"
            )


def by_file(seconds: dict[str, float]) -> Iterator[str]:
    """A line for each of the files that took longest, with how many tests they hold."""
    took: dict[str, list[float]] = defaultdict(list)
    for test, some in seconds.items():
        took[test.partition("::")[0]].append(some)
    for name, each in sorted(took.items(), key=lambda one: -sum(one[1]))[:SLOWEST]:
        yield f"{sum(each):7.1f} s  {len(each):4d}  {name}"


def database_of(test: str) -> str:
    """The database that a test ran on, by its id."""
    chosen = test.partition("[")[2].rstrip("]").split("-")
    return next((name for name in DATABASES if name in chosen), "none")


def left_out_reasons(stats: dict[str, list[Any]]) -> list[str]:
    """Why each test was left out."""
    found = [report.longrepr for report in stats.get("skipped", ())]
    return [one[2].removeprefix("Skipped: ") for one in found if isinstance(one, tuple)]


def reasons_counted(reasons: Iterable[str]) -> Iterator[str]:
    """A line for each reason, the most frequent first."""
    counted = Counter(reasons)
    if not counted:
        yield "nothing"
    for reason, count in counted.most_common():
        yield f"{count:4d}  {reason}"


def judge(session: pytest.Session) -> None:
    """In CI, fail a run that left out more than the list allows."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI") or session.exitstatus:
        return
    if found := left_out.too_many(left_out_reasons(reporter.stats)):
        reporter.write_line(f"error: CI left out {'; '.join(found)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reports(stats: dict[str, list[Any]]) -> Iterator[Any]:
    seen: set[int] = set()
    for reports in stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and id(report) not in seen:
                seen.add(id(report))
                yield report


def _count(stats: dict[str, list[Any]], *names: str) -> int:
    return sum(len(stats.get(name, ())) for name in names)
