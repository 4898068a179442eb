"""How much work something is: the clicks that people make in their browsers, and the seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.browser.desk import Person

# A press of Enter makes a click of its own, which counts no presses of a button.
COUNT = """document.addEventListener('click', (event) => {
  if (event.isTrusted && event.detail > 0) window.paceCount();
}, true);"""


@dataclass
class Pace:
    """Counts from the moment on which it was made."""

    clicks: int = 0
    began: float = field(default_factory=time.monotonic)

    def watch(self, person: Person) -> Person:
        """Count what this person clicks on every page from here on."""
        context = person.page.context
        context.expose_function("paceCount", self._count)
        context.add_init_script(COUNT)
        return person

    def _count(self) -> None:
        self.clicks += 1

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.began
