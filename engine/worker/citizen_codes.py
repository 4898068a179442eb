"""Codes for citizens' telephones: sent as soon as a tick finds them, each once."""

from __future__ import annotations

from datetime import datetime

from engine.citizens import phones
from engine.notices.channels import sending
from engine.notices.channels.sending import ClaimedMessage
from engine.storage.db import reading, transaction


def send(now: datetime) -> dict[str, int]:
    """Send what waits; what fails is not tried again: whoever waits asks for another."""
    with reading() as db:
        waiting = phones.waiting(db)
    sent = 0
    for code_id in waiting:
        with transaction() as db:
            letter = phones.claim(db, code_id, now)
        if letter is None:
            continue
        # No transaction is open while the network is waited for.
        outcome = sending.send(ClaimedMessage(0, (), letter.way, letter.message))
        if outcome.error is None:
            sent += 1
            continue
        with transaction() as db:
            phones.give_up(db, code_id)
    return {"sent": sent}
