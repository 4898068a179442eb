"""What people do with tasks besides their forms: each move one use case, permission and event.

Each runs in the caller's transaction, locks the case row first, asks policy, asks the same rule
as its button, and re-arms clocks without losing elapsed time.
"""

from engine.moves.assignments import assign
from engine.moves.cohandling import answer_help, ask_help, withdraw_help
from engine.moves.extensions import ask as ask_extension
from engine.moves.extensions import decide as decide_extension
from engine.moves.pauses import resume, suspend
from engine.moves.recalls import recall
from engine.moves.reclassifying import reclassify
from engine.moves.registry import MOVES, Offer, offers, standing
from engine.moves.remarks import comment
from engine.moves.reminders import urge
from engine.moves.reopening import reopen
from engine.moves.rules import Move
from engine.moves.transfers import transfer

__all__ = [
    "MOVES",
    "Move",
    "Offer",
    "answer_help",
    "ask_extension",
    "ask_help",
    "assign",
    "comment",
    "decide_extension",
    "offers",
    "recall",
    "reclassify",
    "reopen",
    "resume",
    "standing",
    "suspend",
    "transfer",
    "urge",
    "withdraw_help",
]
