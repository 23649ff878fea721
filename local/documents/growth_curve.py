"""docs/growth.svg: calls to AWS for a thousand readers, from a thousand readers to a million."""

from __future__ import annotations

from math import log10
from typing import Any

from jinja2 import Environment, StrictUndefined

from local.documents.numbers import results
from local.process import ROOT

FILE = ROOT / "docs" / "growth.svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 56, 20, 44, 44
MOST = 160
"""Calls for a thousand at the top of the picture."""

PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" role="img" font-family="sans-serif"
 font-size="13">
<title>AWS calls for 1,000 readers, by the size of the list</title>
<desc>{{ words }}</desc>
<rect width="{{ width }}" height="{{ height }}" fill="#fff"/>
<text x="{{ left }}" y="22" font-weight="bold" fill="#222">AWS calls for 1,000 readers</text>
{% for value, y in levels %}
<path d="M{{ left }} {{ y }}H{{ width - right }}" stroke="#ddd"/>
<text x="{{ left - 8 }}" y="{{ y + 4 }}" text-anchor="end" fill="#555">{{ value }}</text>
{% endfor %}
{% for label, x in sizes %}
<text x="{{ x }}" y="{{ height - 16 }}" fill="#555"
 text-anchor="{{ 'end' if loop.last else 'middle' }}">{{ label }}</text>
{% endfor %}
{% for line in lines %}
<polyline fill="none" stroke="{{ line.colour }}" stroke-width="2.5" points="{{ line.points }}"/>
<text x="{{ width - right }}" y="{{ line.y }}" fill="{{ line.colour }}" text-anchor="end"
 font-weight="bold">{{ line.name }}</text>
{% endfor %}
</svg>
"""


def as_text() -> str:
    """Return the picture."""
    growth = results()["growth"]
    sizes = sorted(growth, key=int)
    lines = [
        _line("sending", "#0b5a6b", growth, sizes, nudge=-10),
        _line("planning", "#b0442b", growth, sizes, nudge=-8),
    ]
    words = "; ".join(
        f"{int(size):,} readers: {growth[size]['planning']['calls_per_1000']:g} to plan, "
        f"{growth[size]['sending']['calls_per_1000']:g} to send"
        for size in sizes
    )
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    return environment.from_string(PICTURE).render(
        width=WIDTH, height=HEIGHT, left=LEFT, right=RIGHT, words=words, lines=lines,
        levels=[(value, _y(value)) for value in range(0, MOST + 1, 40)],
        sizes=[(f"{int(size):,}", _x(size, sizes)) for size in sizes],
    )  # fmt: skip


def _line(name: str, colour: str, growth: dict[str, Any], sizes: list[str], *, nudge: int) -> dict[str, Any]:
    values = [growth[size][name]["calls_per_1000"] for size in sizes]
    points = " ".join(f"{_x(size, sizes)},{_y(value)}" for size, value in zip(sizes, values, strict=True))
    return {"name": name, "colour": colour, "points": points, "y": _y(values[-1]) + nudge}


def _x(size: str, sizes: list[str]) -> float:
    first, last = log10(int(sizes[0])), log10(int(sizes[-1]))
    return round(LEFT + 20 + (WIDTH - LEFT - RIGHT - 20) * (log10(int(size)) - first) / (last - first), 1)


def _y(value: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / MOST, 1)
