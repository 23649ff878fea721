import pytest

from newsletter.issues.domain.contrast import SHAPE, TEXT, contrast, read_colour
from newsletter.issues.writing.highlighting import COLOURS
from tests.issues.rendering_samples import TEMPLATES

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


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_everybody_can_read_the_colours(palette: str, front: str, back: str, least: float) -> None:
    colours = TEMPLATES.brand[palette]

    one, other = read_colour(colours[front]), read_colour(colours[back])

    assert one is not None
    assert other is not None
    assert contrast(one, other) >= least


def test_both_palettes_have_the_same_colours() -> None:
    assert set(TEMPLATES.brand["light"]) == set(TEMPLATES.brand["dark"])
