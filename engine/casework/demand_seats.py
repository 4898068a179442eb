"""Through which post somebody speaks about a notice or a call: for the unit called, or above it."""

from __future__ import annotations

from engine.access import duties, policy
from engine.access.actors import Actor, Seat
from engine.models import Demand

NOTICE, CALL = "notice", "call"
# Who may issue which, from above.
VERBS = {NOTICE: "supervise", CALL: "call"}


def may_answer(actor: Actor, demand: Demand) -> Seat | None:
    """Return the seat through which the actor speaks for the unit that was called."""
    return next(
        (
            seat
            for seat in actor.seats
            if seat.unit_id == demand.unit_id and seat.role in policy.ANSWERERS
        ),
        None,
    )


def may_decide(actor: Actor, demand: Demand) -> Seat | None:
    """Return the seat through which the actor stands where the demand came from, or above it.

    None for whoever belongs to the unit that is called, or answered for it.
    """
    if duties.decides_about_itself(actor.seats, demand.unit_id):
        return None
    if actor.user_id == demand.answered_by:
        return None
    roles = policy.SUPERIOR_VERBS[VERBS[demand.kind]]
    return next(
        (
            seat
            for seat in actor.seats
            if seat.role in roles
            and (seat.unit_id == demand.issuer_id or policy.oversees(seat, demand.issuer))
        ),
        None,
    )
