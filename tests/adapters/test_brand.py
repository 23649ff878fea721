import pytest

from newsletter.adapters.highlighting import COLOURS
from tests.adapters.rendering_samples import TEMPLATES

TEXT = 4.5
"""WCAG 2.2, success criterion 1.4.3: text against what is behind it."""
SHAPE = 3.0
"""1.4.11: the edge of a field, the ring around what has the focus."""

PAIRS = [
    *((front, back, TEXT) for front in ("text", "muted", "link") for back in ("paper", "card")),
    ("text", "shade", TEXT),
    ("link", "shade", TEXT),
    *((f"code_{colour}", "shade", TEXT) for colour in COLOURS),
    ("button_text", "button", TEXT),
    ("error", "card", TEXT),
    ("error", "paper", TEXT),
    ("field", "card", SHAPE),
    ("field", "paper", SHAPE),
    ("button", "card", SHAPE),
    ("button", "paper", SHAPE),
    ("accent", "card", SHAPE),
    ("accent", "paper", SHAPE),
]


def luminance(colour: str) -> float:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_everybody_can_read_the_colours(palette: str, front: str, back: str, least: float) -> None:
    colours = TEMPLATES.brand[palette]

    assert contrast(colours[front], colours[back]) >= least


def test_both_palettes_have_the_same_colours() -> None:
    assert set(TEMPLATES.brand["light"]) == set(TEMPLATES.brand["dark"])
