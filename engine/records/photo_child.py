"""The child process that decodes a photo: a kind and the bytes go in, a head and bytes come out.

The head is one line of JSON: what the photo claims of place and time, or why it is refused.
With words as well, the photo is one of ours, and comes out with the words across it.
"""

from __future__ import annotations

import json
import sys

from engine.isolation.child import limit_self
from engine.records.photo_coding import (
    BROKEN,
    TOO_HEAVY,
    PhotoRefused,
    claim,
    encoded_anew,
    watermark,
)

MEMORY = 768 * 1024 * 1024


def main() -> int:
    """Re-encode what stands on standard input."""
    kind, seconds, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    limit_self(memory=MEMORY, cpu=seconds)
    raw = sys.stdin.buffer.read()
    try:
        content = watermark(raw, kind, words[0]) if words else encoded_anew(raw, kind)
    except MemoryError:
        return _write({"refused": TOO_HEAVY})
    except PhotoRefused as refused:
        return _write({"refused": refused.reason})
    except Exception:
        # A damaged picture makes its decoder raise whatever the damage leads to.
        return _write({"refused": BROKEN})
    return _write({"claim": {} if words else claim(raw)}, content)


def _write(head: dict[str, object], content: bytes = b"") -> int:
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode() + b"\n" + content)
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
