"""What a hostile text may cost."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail when the block takes more than these seconds of this thread's time on the processor.

    What else the machine does is not the text's fault, nor is the garbage of the tests before.
    A text that gets through takes hours, so the bounds are generous.
    """
    gc.disable()
    start = time.thread_time()
    try:
        yield
        assert time.thread_time() - start < seconds
    finally:
        gc.enable()
