"""The web's settings with a gate before the program: a new process starts when a test lets it.

``FENGQIAO_GATE_FILE`` names a file; its text is ``open``, ``shut`` or ``broken``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from deploy.serving import *  # noqa: F403

wsgi_app = "tests.faults.gated:application()"


def application() -> Any:
    """The program, once the gate is open. Raises RuntimeError for a broken one."""
    gate = Path(os.environ["FENGQIAO_GATE_FILE"])
    while (state := gate.read_text()) != "open":
        if state == "broken":
            raise RuntimeError("broken on purpose")
        time.sleep(0.02)
    from webapp import create_app

    return create_app()
