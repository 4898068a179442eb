"""DMN: decision tables and decisions that build on each other, read from a DMN file."""

from feel.dmn.load import load_dmn
from feel.dmn.model import BrokenDecision, Decision, DecisionResult, DmnModel

__all__ = ["BrokenDecision", "Decision", "DmnModel", "DecisionResult", "load_dmn"]
