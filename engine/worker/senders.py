"""What the outbox makes besides notices: linked cases, documents, steps of merged cases, words to citizens."""

from __future__ import annotations

from engine.casework import following, links
from engine.documents import volume
from engine.notices import outbox
from engine.notices.telling import messages
from engine.terms.channels import CASE, CITIZEN, DOCUMENT, MERGED


def register() -> None:
    """Register who makes what a diagram or a merger asks for; the outbox makes it like a message is sent."""
    outbox.register(CASE, links.open_linked)
    outbox.register(DOCUMENT, volume.create)
    outbox.register(MERGED, following.call)
    outbox.register(CITIZEN, messages.send)
