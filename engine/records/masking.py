"""What a masked value shows: for each kind of personal field the signs that stay readable.

Which fields are personal is said by the form (``"personal": true``); a kind without a rule here
shows nothing of itself.
"""

from __future__ import annotations


def mask(kind: str, value: str) -> str:
    """Return what a role without the right to see it reads: 138****1234, 6207**********1234,
    王**.
    """
    # Of anything shorter the ends that are shown would be most of it, or all.
    if kind == "phone" and len(value) >= 11:
        return f"{value[:3]}****{value[-4:]}"
    if kind == "resident_id" and len(value) >= 15:
        return f"{value[:4]}{'*' * (len(value) - 8)}{value[-4:]}"
    if kind == "person" and value:
        return value[0] + ("**" if len(value) > 2 else "*")
    return "****" if value else ""
