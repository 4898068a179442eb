"""Run a pattern's program over a text: all its threads at once, one character at a time."""

from __future__ import annotations

from typing import Any

from feel.frame import Frame
from feel.patterns.parser import CHAR, JUMP, MATCH, SAVE, SPLIT, PatternProgram

Match = tuple[Any, ...]
"""Start and end of the whole, then of each group; None for a group that took no part."""

Threads = list[tuple[int, Match]]

_PRICE = 3
"""Eight moves of a thread cost one step."""


def search(program: PatternProgram, text: str, start: int, frame: Frame) -> Match | None:
    """Return the leftmost match from a place on, preferring what the pattern prefers."""
    machine = _Machine(program, text)
    threads: Threads = []
    best: Match | None = None
    for place in range(start, len(text) + 1):
        if best is None:
            machine.add(threads, 0, place, program.blank)
        elif not threads:
            break
        threads, hit = machine.advance(threads, place)
        best = hit or best
        if machine.moves > 4096:
            frame.spend(machine.moves >> _PRICE)
            machine.moves = 0
    frame.spend(1 + (machine.moves >> _PRICE))
    return best


class _Machine:
    def __init__(self, program: PatternProgram, text: str) -> None:
        self.code = program.code
        self.text = text
        self.moves = 0
        self.seen_addresses: set[int] = set()
        self.seen_at = -1

    def advance(self, threads: Threads, place: int) -> tuple[Threads, Match | None]:
        """Move every thread over one character; a match stops those of lower preference."""
        sign = self.text[place] if place < len(self.text) else None
        following: Threads = []
        for address, saved in threads:
            self.moves += 1
            kind, argument, _ = self.code[address]
            if kind == MATCH:
                return following, saved
            if sign is not None and argument(sign):
                self.add(following, address + 1, place + 1, saved)
        return following, None

    def add(self, threads: Threads, address: int, place: int, saved: Match) -> None:
        """Add a thread, following jumps to the places where it waits for a character."""
        if self.seen_at != place:
            self.seen_addresses, self.seen_at = set(), place
        stack = [(address, saved)]
        while stack:
            address, saved = stack.pop()
            if address in self.seen_addresses:
                continue
            self.seen_addresses.add(address)
            self.moves += 1
            kind, first, second = self.code[address]
            if kind in (CHAR, MATCH):
                threads.append((address, saved))
            elif kind == JUMP:
                stack.append((first, saved))
            elif kind == SPLIT:
                stack += [(second, saved), (first, saved)]
            elif kind == SAVE:
                stack.append((address + 1, (*saved[:first], place, *saved[first + 1 :])))
            elif first(self.text, place):
                stack.append((address + 1, saved))
