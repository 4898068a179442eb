"""The small county again: acceptance tests play whole processes in it, on both databases."""

from tests.engine.casework.conftest import own_settings, world

__all__ = ["own_settings", "world"]
