"""Ids: unique and in order within a process, however many are drawn at once."""

from __future__ import annotations

import os
import threading

from engine.models import new_id


def test_it_gives_thousands_in_a_millisecond_without_repeating_one() -> None:
    """An import draws them faster than the clock moves."""
    ids = [new_id() for _ in range(200_000)]

    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)
    assert max(ids).bit_length() < 64


def test_it_gives_each_thread_its_own() -> None:
    drawn: list[list[int]] = [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda mine=mine: mine.extend(new_id() for _ in range(20_000)))
        for mine in drawn
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({one for mine in drawn for one in mine}) == 8 * 20_000


def test_it_counts_elsewhere_in_a_forked_process() -> None:
    """Two web processes come from one program that was loaded once."""
    drawn = [new_id(), *(_drawn_in_a_child() for _ in range(2))]

    assert len({one & (0xFFF << 10) for one in drawn}) > 1


def _drawn_in_a_child() -> int:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(new_id()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(read, 40))
