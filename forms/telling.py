"""How citizens want to be told where their case stands, as an opening form asks for it.

A form that asks has fields of these names; what they mean is the same in every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# The choice of the way, the address of mail, and whether a confidential reporter calls it safe.
BY: Final = "tell_by"
MAIL: Final = "tell_mail"
SAFE: Final = "tell_safe"

WAYS: Mapping[str, str] = MappingProxyType(
    {"短信": "sms", "邮件": "mail", "由工作人员转告": "person", "不用告知": "none"}
)
"""What is chosen, and the way that it means."""
