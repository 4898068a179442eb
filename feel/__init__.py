"""FEEL, the one expression language of Fengqiao: pure, and knowing nothing of the project."""

from feel.codec import from_json, to_json
from feel.dmn import Decision, DecisionResult, DmnModel, load_dmn
from feel.expression import Expression, Result, Tests, compile_expression, compile_tests
from feel.faults import DmnFault, EvaluationFault, FeelError, LimitReached, SyntaxFault
from feel.limits import DEFAULT, LENIENT, EvaluationLimits
from feel.script import Script, parse_script
from feel.text import Text
from feel.values import Months, Range, Value

__all__ = [
    "DEFAULT",
    "LENIENT",
    "Decision",
    "DmnFault",
    "EvaluationFault",
    "Expression",
    "FeelError",
    "LimitReached",
    "EvaluationLimits",
    "DmnModel",
    "Months",
    "DecisionResult",
    "Range",
    "Result",
    "Script",
    "SyntaxFault",
    "Tests",
    "Text",
    "Value",
    "compile_expression",
    "compile_tests",
    "from_json",
    "load_dmn",
    "parse_script",
    "to_json",
]
