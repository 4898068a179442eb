"""What people do with tasks besides their forms: each move one use case, permission and event.

Each runs in the caller's transaction, locks the case row first, asks policy, asks the same rule
as its button, and re-arms clocks without losing elapsed time.
"""

from engine.casework.moves.assignments import assign
from engine.casework.moves.cohandling import answer_help, ask_help, withdraw_help
from engine.casework.moves.extensions import ask as ask_extension
from engine.casework.moves.extensions import decide as decide_extension
from engine.casework.moves.merging import merge, unmerge
from engine.casework.moves.pauses import decide as decide_pause
from engine.casework.moves.pauses import resume, suspend
from engine.casework.moves.recalls import recall
from engine.casework.moves.reclassifying import reclassify
from engine.casework.moves.registry import MOVES, MoveOffer, offers, standing
from engine.casework.moves.remarks import comment
from engine.casework.moves.reminders import urge
from engine.casework.moves.reopening import reopen
from engine.casework.moves.rules import MoveRule
from engine.casework.moves.transfers import transfer

__all__ = [
    "MOVES",
    "MoveRule",
    "MoveOffer",
    "answer_help",
    "ask_extension",
    "ask_help",
    "assign",
    "comment",
    "decide_extension",
    "decide_pause",
    "merge",
    "offers",
    "recall",
    "reclassify",
    "reopen",
    "resume",
    "standing",
    "suspend",
    "transfer",
    "unmerge",
    "urge",
    "withdraw_help",
]
