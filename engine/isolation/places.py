"""How many children work at once, and how long others wait for one of their places."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


class NoChildPlace(Exception):
    """All places are taken, and whoever asks is not to wait for longer."""


class ChildPlaces:
    """``places`` children at once; ``chairs`` may wait, a ``patience`` part of their time."""

    def __init__(self, places: int, chairs: int, patience: float) -> None:
        self.free = BoundedSemaphore(places)
        self.chairs = BoundedSemaphore(chairs)
        self._patience = patience

    @contextmanager
    def take(self, deadline: float | None) -> Iterator[None]:
        """One of the places: at once, or after waiting for it, in a hurry not for long.

        ``deadline`` is by the monotonic clock; without one the wait has no end.
        Raises NoChildPlace.
        """
        if not self.free.acquire(blocking=deadline is None):
            assert deadline is not None
            self._wait(self._patience * (deadline - time.monotonic()))
        try:
            yield
        finally:
            self.free.release()

    def _wait(self, seconds: float) -> None:
        # Whoever waits holds one of the few threads that answer pages.
        if not self.chairs.acquire(blocking=False):
            raise NoChildPlace()
        try:
            if not self.free.acquire(timeout=max(0.0, seconds)):
                raise NoChildPlace()
        finally:
            self.chairs.release()
