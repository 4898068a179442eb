"""DMN: decision tables and decisions that build on each other, read from a DMN file."""

from feel.dmn.load import load_dmn
from feel.dmn.model import Decision, Model, Outcome

__all__ = ["Decision", "Model", "Outcome", "load_dmn"]
