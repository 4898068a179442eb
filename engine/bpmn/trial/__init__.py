"""Try a definition without a case: click through it, turn the clock, keep the way as a scenario.

Pure: nothing is written anywhere, and the clock is whatever the trial says.
"""

from engine.bpmn.trial.play import CannotPlay, FlowIndex, TrialCase, TrialTask
from engine.bpmn.trial.scenario import (
    BadScenario,
    Scenario,
    ScenarioMove,
    ScenarioResult,
    make,
    record,
    run,
)

__all__ = [
    "BadScenario",
    "CannotPlay",
    "ScenarioMove",
    "ScenarioResult",
    "FlowIndex",
    "Scenario",
    "TrialTask",
    "TrialCase",
    "make",
    "record",
    "run",
]
