import pytest

from newsletter.issues.domain.contrast import CODE_COLOURS, PAIRS, contrast, read_colour
from newsletter.issues.writing.highlighting import COLOURS
from tests.issues.rendering_samples import TEMPLATES


def test_the_colours_of_code_are_among_the_pairs() -> None:
    assert set(CODE_COLOURS) == set(COLOURS)
    assert {f"code_{colour}" for colour in COLOURS} <= {front for front, _, _ in PAIRS}


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
