"""How tests are shared among the processes of a run: whoever measures time comes last, alone."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import WorkStealingScheduling
from xdist.workermanage import WorkerController

# Fewer than this and a worker waits for more, or for its end.
FEW = 2


class AloneLast(WorkStealingScheduling):
    """Work stealing; what wants to be alone is run by the last worker when the others have gone."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        self.alone: list[int] | None = None

    @property
    def tests_finished(self) -> bool:
        """Whether every test has been run."""
        return not self.alone and super().tests_finished

    @property
    def has_pending(self) -> bool:
        """Whether any test has still to be run."""
        return bool(self.alone) or super().has_pending

    def check_schedule(self) -> None:
        """Give tests to whoever is idle."""
        if self.alone is None:
            self.alone = [at for at in self.pending if wants_to_be_alone(self._name(at))]
            self.pending = [at for at in self.pending if at not in set(self.alone)]
        if self.alone and len(self.node2pending) == 1:
            self.pending += self.alone
            self.alone = []
        keeper = self._keeper()
        if not self.alone or keeper is None or not self._nothing_left_for(keeper):
            super().check_schedule()
            return
        # Idle as it is, the last worker must not be sent home.
        held = self.node2pending.pop(keeper)
        super().check_schedule()
        self.node2pending = {keeper: held, **self.node2pending}

    def _keeper(self) -> WorkerController | None:
        return next((node for node in self.node2pending if not node.shutting_down), None)

    def _nothing_left_for(self, keeper: WorkerController) -> bool:
        enough = len(self.pending) >= FEW * len(self.node2pending)
        if enough or self.steal_requested_from_node is not None:
            return False
        others = (one for node, one in self.node2pending.items() if node is not keeper)
        return len(self.node2pending[keeper]) < FEW and all(len(one) <= FEW for one in others)

    def _name(self, at: int) -> str:
        assert self.collection is not None
        return self.collection[at]


def wants_to_be_alone(test: str) -> bool:
    """Whether a test measures time: those of the files called test_speed*."""
    return test.partition("::")[0].rpartition("/")[2].startswith("test_speed")
