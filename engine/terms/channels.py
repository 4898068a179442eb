"""Channels: those by which a case comes in, and those by which the system passes something on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from feel.text import Text

# A case whose opening form does not say how it came in, and one that another case became.
DESK: Final = "desk"
TRANSFER: Final = "transfer"
CASE_CHANNELS: Final[Mapping[str, Text]] = MappingProxyType(
    {DESK: Text("窗口登记", "At the desk"), TRANSFER: Text("由其他事项转来", "From another case")}
)

# What a row of the outbox becomes: a notice in the application, a case, a document, a step of
# what is merged into a case, or words to the citizens of a case by whatever way reaches them.
IN_APP: Final = "in_app"
CASE: Final = "case"
DOCUMENT: Final = "document"
MERGED: Final = "merged"
CITIZEN: Final = "citizen"
OUTBOX_CHANNELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        IN_APP: Text("站内通知", "Notice in this system"),
        CASE: Text("另立事项", "Linked case"),
        DOCUMENT: Text("生成文书", "Document"),
        MERGED: Text("告知并入的事项", "Merged cases are told"),
        CITIZEN: Text("告知群众", "Message to citizens"),
    }
)
