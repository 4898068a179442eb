"""The round seal of a unit: its name around a star, drawn like the page that it is put on."""

from __future__ import annotations

import math

from jinja2 import Environment

from engine.documents.papers import printing

# Millimetres, and degrees of the ring that a name may fill.
SIZE, RING, MOST = 42, 16.6, 300
STAR, INNER = 6.4, 2.45
_SHEET = Environment(autoescape=True).from_string(
    """<!doctype html><html lang="zh-CN"><style>
@page { size: {{ size }}mm {{ size }}mm; margin: 0 }
html { font: {{ type }}mm "FandolSong", "Noto Serif CJK SC", "HanaMinB", serif; color: #d9001b }
body { margin: 0 }
svg { position: absolute; left: 0; top: 0; width: {{ size }}mm; height: {{ size }}mm }
span { position: absolute; width: 8mm; height: 8mm; line-height: 8mm; text-align: center }
</style><body><svg viewBox="0 0 {{ size }} {{ size }}"><circle cx="{{ size / 2 }}" \
cy="{{ size / 2 }}" r="{{ size / 2 - 0.8 }}" fill="none" stroke="#d9001b" stroke-width="1.2"/>
<polygon points="{{ star }}" fill="#d9001b"/></svg>{% for one in signs %}<span style="\
left: {{ one.x }}mm; top: {{ one.y }}mm; transform: rotate({{ one.turn }}deg)">{{ one.sign }}</span>
{% endfor %}</body></html>"""
)


def draw(name: str) -> bytes:
    """Return the seal of a unit of this name, red on nothing: one page of PDF.

    Raises InvalidInput where setting does.
    """
    step = min(26.0, MOST / max(1, len(name) - 1))
    middle = SIZE / 2
    signs = []
    for at, sign in enumerate(name):
        turn = step * (at - (len(name) - 1) / 2)
        angle = math.radians(turn)
        x, y = middle + RING * math.sin(angle), middle - RING * math.cos(angle)
        signs.append(
            {"sign": sign, "x": f"{x - 4:.3f}", "y": f"{y - 4:.3f}", "turn": f"{turn:.2f}"}
        )
    # Long names have narrow steps: their characters shrink with them.
    kind = min(5.2, RING * math.radians(step) * 0.95)
    page = _SHEET.render(size=SIZE, type=f"{kind:.2f}", star=_star(middle), signs=signs)
    return printing.printed(page, picture=False).pdf


def _star(middle: float) -> str:
    corners = []
    for at in range(10):
        far, angle = (STAR if at % 2 == 0 else INNER), at * math.pi / 5
        corners.append(f"{middle + far * math.sin(angle):.3f},{middle - far * math.cos(angle):.3f}")
    return " ".join(corners)
