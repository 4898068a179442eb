"""The built-in functions of FEEL, by subject; importing this package declares them all."""

from feel.builtins import contexts, conversion, lists, numbers, ranges, strings, times
from feel.builtins.registry import BUILT_IN, BuiltIn

__all__ = [
    "BUILT_IN",
    "BuiltIn",
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "strings",
    "times",
]
