"""How a citizen judges what was done: three opinions, as forms of call-backs have them too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from feel.text import Text

SATISFIED: Final = "satisfied"
MOSTLY: Final = "mostly"
DISSATISFIED: Final = "dissatisfied"
# By what is kept; the Chinese is what forms, expressions and returns know it as.
OPINIONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        SATISFIED: Text("满意", "Satisfied"),
        MOSTLY: Text("基本满意", "Mostly satisfied"),
        DISSATISFIED: Text("不满意", "Dissatisfied"),
    }
)
BY_WORD: Final[Mapping[str, str]] = MappingProxyType({one.zh: key for key, one in OPINIONS.items()})
# By which way somebody rated.
SITE: Final = "site"
CALL_BACK: Final = "call_back"
SOURCES: Final = (SITE, CALL_BACK)
MOST_STARS: Final = 5
