"""What a citizen may do with their own case, who has no post: the steps that are theirs, and this.

Whoever calls has proved that the case is theirs; asked here is that it is this one, and no more.
"""

from __future__ import annotations

from engine.access.actors import Actor
from engine.errors import NotAllowed, NotFound
from engine.models import Case, Task

# Besides the steps that the forms give to citizens.
VERBS = frozenset({"see", "reopen", "rate", "write"})


def require(actor: Actor, verb: str, subject: Task | Case) -> None:
    """Require that a citizen may do this in their own case, for which they need no seat.

    Raises NotFound for every other case, NotAllowed for what is the staff's.
    """
    of_task = isinstance(subject, Task)
    case_id = subject.case_id if isinstance(subject, Task) else subject.id
    if case_id != actor.citizen_of:
        raise NotFound(subject.id)
    own_step = isinstance(subject, Task) and subject.node_id in actor.citizen_steps
    if not (verb in VERBS or (of_task and verb == "complete" and own_step)):
        raise NotAllowed(verb, subject.id)
