"""DMN: decision tables and decisions that build on each other, read from a DMN file."""

from feel.dmn.load import load_dmn
from feel.dmn.model import Broken, Decision, DecisionResult, Model

__all__ = ["Broken", "Decision", "Model", "DecisionResult", "load_dmn"]
