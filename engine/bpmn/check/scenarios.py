"""Scenarios are played at every check: what a change breaks is found before anybody meets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from engine.bpmn.check import dry_run, fixes
from engine.bpmn.check.findings import ERROR, Finding
from engine.bpmn.check.reading import FileReading
from engine.bpmn.check.rules.scenarios import bad_scenario, scenario_fails
from engine.bpmn.check.subject import CheckSubject
from engine.bpmn.errors import BadDiagram, EngineFault
from engine.bpmn.labels import quoted
from engine.bpmn.nodes import ParsedFile
from engine.bpmn.trial import (
    BadScenario,
    CannotPlay,
    Scenario,
    ScenarioMove,
    ScenarioResult,
    TrialCase,
    record,
    run,
)
from engine.bpmn.trial.play import FlowIndex
from engine.worktime import Calendar, published_calendar
from feel.text import Text
from forms import InvalidAnswers

BAD_SCENARIO = bad_scenario.RULE
FAILS = scenario_fails.RULE


@dataclass
class ScenarioOutcomes:
    """What came of all scenarios: findings, and the flows taken by diagram."""

    findings: list[Finding] = field(default_factory=list)
    coverage: dict[str, Mapping[str, list[str]]] = field(default_factory=dict)


def play(scene: CheckSubject, broken: set[str], begin: Callable[[str], None]) -> ScenarioOutcomes:
    """Play every scenario whose process has no errors; ``begin`` is called with each file first."""
    played = ScenarioOutcomes()
    taken: dict[str, set[str]] = {}
    for read in scene.files.readings.values():
        if read.scenario is None or read.file not in scene.files.reported_files:
            continue
        begin(read.file)
        source = scene.home.get(read.scenario.process)
        if source is None:
            name = quoted(read.scenario.process)
            text = Text(f"没有流程“{name}”。", f"There is no process “{name}”.")
            played.findings.append(BAD_SCENARIO.finding(read.file, text))
        elif source.file not in broken:
            outcome = _outcome(scene, source, read.scenario)
            taken.setdefault(source.file, set()).update(outcome.taken_flows)
            played.findings += _failed(scene, source, read, outcome)
    for file, flows in taken.items():
        source = next(one for one in scene.files.sources if one.file == file)
        untaken = sorted(source.flows.keys() - flows)
        played.coverage[file] = {"taken": sorted(flows & source.flows.keys()), "untaken": untaken}
    return played


def _outcome(scene: CheckSubject, source: ParsedFile, scenario: Scenario) -> ScenarioResult:
    try:
        trial = _trial(scene, source, scenario)
    except BadDiagram as bad:
        return ScenarioResult(frozenset(), bad.faults[0].text)
    except EngineFault as fault:
        return ScenarioResult(frozenset(), fault.text, fault.node_id or "")
    return run(scenario, trial)


def _trial(scene: CheckSubject, source: ParsedFile, scenario: Scenario) -> TrialCase:
    return TrialCase(
        dry_run.parsed(scene, source, scenario.process),
        scene.forms,
        level=scenario.level,
        now=scenario.start,
        calendar=_calendar(),
        place=scenario.place or None,
        picture=FlowIndex.of(flow for one in scene.files.sources for flow in one.flows.values()),
    )


def _failed(
    scene: CheckSubject, source: ParsedFile, read: FileReading, outcome: ScenarioResult
) -> list[Finding]:
    assert read.scenario is not None
    if outcome.failure is None:
        return []
    name = read.scenario.name
    text = Text(
        f"用例“{quoted(name.zh)}”未通过。{outcome.failure.zh}",
        f"The scenario “{quoted(name.en)}” fails. {outcome.failure.en}",
    )
    return [
        FAILS.finding(
            read.file,
            text,
            element=outcome.element or None,
            severity=ERROR,
            fixes=_again(scene, source, read),
        )
    ]


def _again(scene: CheckSubject, source: ParsedFile, read: FileReading) -> list[fixes.Fix]:
    """Return the same moves with what comes of them now, where every one of them can still be
    made.
    """
    assert read.scenario is not None
    try:
        trial = _trial(scene, source, read.scenario)
        moves = tuple(_recorded(trial, move) for move in read.scenario.moves)
    except (BadDiagram, BadScenario, CannotPlay, EngineFault, InvalidAnswers):
        return []
    fresh = replace(read.scenario, moves=moves).as_json()
    text = json.dumps(fresh, ensure_ascii=False, indent=2) + "\n"
    label = Text("按当前结果重新保存此用例", "Save this scenario with what happens now")
    return [fixes.Fix(label, (fixes.whole(read.file, text),))]


def _recorded(trial: TrialCase, move: ScenarioMove) -> ScenarioMove:
    done = record(trial, move)
    return done if move.expect is not None else replace(done, expect=None)


@lru_cache(maxsize=1)
def _calendar() -> Calendar:
    return published_calendar()
