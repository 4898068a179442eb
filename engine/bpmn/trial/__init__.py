"""Try a definition without a case: click through it, turn the clock, keep the way as a scenario.

Pure: nothing is written anywhere, and the clock is whatever the trial says.
"""

from engine.bpmn.trial.play import CannotPlay, Seen, Trial
from engine.bpmn.trial.scenario import BadScenario, Move, Outcome, Scenario, record, run

__all__ = [
    "BadScenario",
    "CannotPlay",
    "Move",
    "Outcome",
    "Scenario",
    "Seen",
    "Trial",
    "record",
    "run",
]
