"""Which nodes of a process can still be reached from which: questions about its graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Graph = Mapping[str, Sequence[str]]

END: Final = ""


def successors(made: Any) -> list[str]:
    """Return the specs that a token at ``made`` may go to next."""
    return [way.target for way in getattr(made, "ways", ())] + list(getattr(made, "members", ()))


def graph_of(spec: Any) -> dict[str, list[str]]:
    """Return the successors of every node of a process."""
    return {made.name: successors(made) for made in spec.task_specs.values()}


def reach(spec: Any, source: str, avoiding: str) -> frozenset[str]:
    """Return the specs from which a token can get to ``source`` without passing ``avoiding``."""
    return spread(source, backward(graph_of(spec)), avoiding)


def onward(spec: Any, start: str, avoiding: str = "") -> frozenset[str]:
    """Return the specs that a token at ``start`` can get to without passing ``avoiding``."""
    return spread(start, graph_of(spec), avoiding)


def backward(graph: Graph) -> dict[str, list[str]]:
    """Turn every edge round."""
    back: dict[str, list[str]] = defaultdict(list)
    for name, targets in graph.items():
        for target in targets:
            back[target].append(name)
    return back


def spread(start: str, graph: Graph, avoiding: str = "") -> frozenset[str]:
    """Return everything that can be got to from ``start``, itself included."""
    if start == avoiding:
        return frozenset()
    seen = {start}
    stack = [start]
    while stack:
        for name in graph.get(stack.pop(), ()):
            if name not in seen and name != avoiding:
                seen.add(name)
                stack.append(name)
    return frozenset(seen)


@dataclass(frozen=True)
class BranchBlock:
    """What lies between a fork and the node where its branches meet again (or the end)."""

    fork: str
    branches: tuple[frozenset[str], ...]

    @property
    def inside(self) -> frozenset[str]:
        """Every node of every branch."""
        return frozenset().union(*self.branches)


def block(graph: Graph, fork: str, meets: Mapping[str, str]) -> BranchBlock:
    """Return the branches that begin at ``fork``."""
    meet = meets.get(fork, END)
    return BranchBlock(fork, tuple(spread(name, graph, meet) for name in graph[fork]))


def meeting_points(graph: Graph) -> dict[str, str]:
    """Return for each node the first one that every path from it must pass; END if none.

    These are the immediate postdominators, computed after Cooper, Harvey and Kennedy,
    "A Simple, Fast Dominance Algorithm". Nodes that cannot get to an end are left out.
    """
    ahead = {name: list(targets) or [END] for name, targets in graph.items()}
    back = backward(ahead)
    order = _postorder(END, back)
    rank = {name: index for index, name in enumerate(order)}
    found = {END: END}
    changed = True
    while changed:
        changed = False
        for name in reversed(order[:-1]):
            candidates = [target for target in ahead[name] if target in found]
            best = candidates[0]
            for other in candidates[1:]:
                best = _common(best, other, found, rank)
            changed = changed or found.get(name) != best
            found[name] = best
    return found


def _common(one: str, other: str, found: Mapping[str, str], rank: Mapping[str, int]) -> str:
    while one != other:
        while rank[one] < rank[other]:
            one = found[one]
        while rank[other] < rank[one]:
            other = found[other]
    return one


def _postorder(start: str, graph: Graph) -> list[str]:
    order: list[str] = []
    seen = {start}
    stack = [(start, iter(graph.get(start, ())))]
    while stack:
        name, rest = stack[-1]
        following = next((other for other in rest if other not in seen), None)
        if following is None:
            order.append(name)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(graph.get(following, ()))))
    return order
