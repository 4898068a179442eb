"""How the installation fares: facts for monitoring, and what of it needs somebody to act."""

from engine.operations.vitals.facts import Vitals, look, queues
from engine.operations.vitals.signs import VitalSign, signs

__all__ = ["VitalSign", "Vitals", "look", "queues", "signs"]
