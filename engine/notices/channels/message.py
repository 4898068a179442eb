"""What a transport gets: the words, the recipient and what makes a message known again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.notices.channels.preferences import Address


@dataclass(frozen=True)
class MessageLine:
    """One notice in a message."""

    text: str
    link: str


@dataclass(frozen=True)
class Message:
    """One message, composed. ``key`` stays the same through every attempt, ``at`` is this one's."""

    key: str
    kind: str
    subject: str
    text: str
    at: datetime
    html: str = ""
    name: str = ""
    to: Address = Address()
    lines: tuple[MessageLine, ...] = ()
    # What another system learns: ids, numbers and times, nothing personal.
    event: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChannelSnapshot:
    """A channel as it was when the message was claimed, its secrets in clear."""

    kind: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    seconds: int = 10
