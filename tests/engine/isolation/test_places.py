"""Who gets a place among the children, who waits for one, and who is sent away."""

from __future__ import annotations

import time

import pytest

from engine.isolation.places import ChildPlaces, NoChildPlace


def test_it_gives_a_place_back_whatever_happens() -> None:
    places = ChildPlaces(1, 1, 1.0)
    for _ in range(3):
        with pytest.raises(ValueError), places.take(time.monotonic()):
            raise ValueError


def test_it_sends_away_who_waits_too_long() -> None:
    places = ChildPlaces(1, 1, 0.5)
    with places.take(None), pytest.raises(NoChildPlace), places.take(time.monotonic() + 0.02):
        pass


def test_it_lets_only_so_many_wait() -> None:
    places = ChildPlaces(1, 0, 1.0)
    with places.take(None), pytest.raises(NoChildPlace), places.take(time.monotonic() + 60):
        pass
