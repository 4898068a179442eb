"""Trying a draft in the county as it is: who would get which task, until when, and who is notified.

Nothing is written: a trial lives in the page that shows it, as the way it has come so far.
What a person or a clock does is a move; the way is played again for every page.
"""

from engine.drafting.trials.county import TrialQueue
from engine.drafting.trials.playing import (
    PlayedMove,
    TrialNotice,
    TrialRun,
    move_of_page,
    play,
    turned,
)
from engine.drafting.trials.scenario_saving import keep, path_for
from engine.drafting.trials.subject import NotReady, TrialSubject, of_draft
from engine.drafting.trials.trial_path import (
    BadTrialPath,
    bare,
    begin,
    cut,
    extended,
    parse,
    serialize,
)
from engine.drafting.trials.upcoming import UpcomingEvent, UpcomingTask

__all__ = [
    "BadTrialPath",
    "TrialQueue",
    "PlayedMove",
    "UpcomingEvent",
    "NotReady",
    "UpcomingTask",
    "TrialNotice",
    "TrialSubject",
    "TrialRun",
    "bare",
    "begin",
    "cut",
    "extended",
    "keep",
    "of_draft",
    "path_for",
    "play",
    "move_of_page",
    "parse",
    "turned",
    "serialize",
]
