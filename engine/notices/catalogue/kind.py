"""What a kind of notice is."""

from __future__ import annotations

from dataclasses import dataclass

from feel.text import Text

# How a notice names its case.
CASE = "{{ number }} {{ title }}"


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice; ``red`` ones mean that a limit has passed."""

    key: str
    group: str
    name: Text
    words: Text
    red: bool = False
    # Not offered for choosing: it answers somebody who has just asked for it.
    chosen: bool = True
