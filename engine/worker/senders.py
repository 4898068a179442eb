"""What the outbox makes besides notices: cases, documents, steps of merged ones, messages."""

from __future__ import annotations

from engine.casework import following, links
from engine.documents import volume
from engine.notices import outbox
from engine.notices.telling import messages
from engine.terms.channels import CASE, CITIZEN, DOCUMENT, MERGED


def register() -> None:
    """Register who makes what a diagram or a merger asks for, as a message is sent."""
    outbox.register(CASE, links.open_linked)
    outbox.register(DOCUMENT, volume.create)
    outbox.register(MERGED, following.call)
    outbox.register(CITIZEN, messages.send)
