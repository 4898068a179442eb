"""Compiled expressions and cells: what the rest of the program holds and evaluates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from feel.compiler import FeelCompiler
from feel.faults import EvaluationFault, FeelError, LimitReached
from feel.frame import Code, Frame
from feel.limits import DEFAULT, EvaluationLimits
from feel.parse import parse_expression, parse_tests
from feel.syntax import SyntaxNode, UnaryTests
from feel.text import Text
from feel.values import Value

_COMPOUND = (list, dict)
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Result:
    """A value, and the reasons why it or parts of it became null."""

    value: Value
    notes: tuple[Text, ...]


def first_note(frame: Frame) -> EvaluationFault:
    """Return the first reason for a null, as an error; wrong types before all others."""
    nothing = (Text("没有结果。", "There is no result."), None)
    text, position = frame.cause or (frame.notes or [nothing])[0]
    return EvaluationFault(text, position=position)


class CompiledText:
    """What expressions and cells have in common: their text and what they refer to.

    `variables`: the free names, those inside filters included; `uncertain`: the ones among
    them that may be properties of a filtered list's items instead; `paths`: accesses such as
    `("case", "priority")`, bare names included; `functions`: names of called functions that
    are not built in.
    """

    __slots__ = (
        "_code",
        "_slots",
        "functions",
        "node",
        "paths",
        "source",
        "uncertain",
        "variables",
    )

    def __init__(self, source: str, node: SyntaxNode, names: Collection[str]) -> None:
        compiler = FeelCompiler(names)
        try:
            self._code: Code = compiler.compile(node)
        except FeelError as error:
            raise error.locate(source) from None
        self._slots = compiler.slots
        self.source = source
        self.node = node
        self.variables = frozenset(compiler.variables - {"?"})
        self.uncertain = frozenset(compiler.variables - compiler.certain - {"?"})
        self.paths = frozenset(path for path in compiler.paths if path[0] != "?")
        self.functions = frozenset(compiler.functions)

    def run(self, frame: Frame) -> Value:
        """Evaluate in a frame of the caller's. Raises EvaluationFault or LimitReached."""
        outside = frame.slots
        if self._slots:
            frame.slots = [None] * self._slots
        try:
            return self._code(frame)
        except FeelError as error:
            raise error.locate(self.source) from None
        except RecursionError:
            raise self._too_deep() from None
        finally:
            frame.slots = outside

    def _too_deep(self) -> LimitReached:
        return LimitReached(
            Text("计算嵌套太深，已停止。", "Stopped: the evaluation nests too deeply."),
            source=self.source,
        )

    def _notes(self, frame: Frame) -> tuple[Text, ...]:
        notes = frame.notes or ()
        return tuple(
            EvaluationFault(text, source=self.source, position=place).text for text, place in notes
        )


class Expression(CompiledText):
    """One compiled expression; immutable, and safe to evaluate from many threads."""

    __slots__ = ()

    def evaluate(
        self,
        variables: Mapping[str, Any],
        *,
        functions: Functions | None = None,
        limits: EvaluationLimits = DEFAULT,
        strict: bool = False,
    ) -> Value:
        """Return the value, after FEEL: what cannot be computed is null.

        Raises EvaluationFault for a variable or function that nobody declared, LimitReached
        when the evaluation costs more than `limits` allow. With `strict`, raises
        EvaluationFault also where values of wrong types met on the way, and for a null that
        comes of a division by zero and the like; a null that comes of a missing value stays
        null.
        """
        frame = Frame(variables, self._slots, functions, limits)
        try:
            value = self._code(frame)
            if strict and frame.notes and (value is None or frame.cause):
                raise first_note(frame)
            return frame.weigh(value) if type(value) in _COMPOUND else value
        except FeelError as error:
            raise error.locate(self.source) from None
        except RecursionError:
            raise self._too_deep() from None

    def examine(
        self,
        variables: Mapping[str, Any],
        *,
        functions: Functions | None = None,
        limits: EvaluationLimits = DEFAULT,
    ) -> Result:
        """Return the value together with the reasons for whatever became null on the way."""
        frame = Frame(variables, self._slots, functions, limits)
        value = frame.weigh(self.run(frame))
        return Result(value, self._notes(frame))

    def holds(
        self,
        variables: Mapping[str, Any],
        *,
        functions: Functions | None = None,
        limits: EvaluationLimits = DEFAULT,
    ) -> bool:
        """Evaluate a condition: is it true?

        Null because a value is missing counts as false. Raises EvaluationFault when it came to
        something else than yes or no, and when values of wrong types met on the way: what it
        came to then is no answer to what was asked.
        """
        frame = Frame(variables, self._slots, functions, limits)
        value = self.run(frame)
        if frame.cause or (frame.notes and type(value) is not bool):
            raise first_note(frame).locate(self.source, 0)
        if value is True or value is False:
            return value
        if value is None:
            return False
        reason = Text("条件的结果不是“是/否”。", "The condition is neither true nor false.")
        raise EvaluationFault(reason, source=self.source, position=0)


class Tests(CompiledText):
    """The compiled cell of a decision table."""

    __slots__ = ()
    node: UnaryTests

    @property
    def anything(self) -> bool:
        """Return whether every input matches, as in an empty cell."""
        return not self.node.tests

    def matches(
        self,
        value: Any,
        variables: Mapping[str, Any] | None = None,
        *,
        functions: Functions | None = None,
        limits: EvaluationLimits = DEFAULT,
    ) -> bool:
        """Return whether the input passes the tests; null and what cannot be compared do not."""
        frame = Frame({**(variables or {}), "?": value}, self._slots, functions, limits)
        return self.run(frame) is True


def compile_expression(text: str, *, names: Collection[str] = ()) -> Expression:
    """Compile an expression once, to evaluate it often.

    `names` are the declared variables: they may contain spaces and symbols, and are null
    where no value is given. Raises SyntaxFault or LimitReached.
    """
    return _expression(text, frozenset(names))


def compile_tests(text: str, *, names: Collection[str] = ()) -> Tests:
    """Compile the cell of a decision table. Raises SyntaxFault or LimitReached."""
    return _tests(text, frozenset(names))


@lru_cache(maxsize=2048)
def _expression(text: str, names: frozenset[str]) -> Expression:
    return Expression(text, parse_expression(text, names), names)


@lru_cache(maxsize=4096)
def _tests(text: str, names: frozenset[str]) -> Tests:
    return Tests(text, parse_tests(text, names), names)
