"""The picture beside a link to an issue: legible, light, the same each time, and nobody's who has one of their own."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from newsletter.issues.adapters.issue_card import MARGIN, SMALL, PillowCards
from newsletter.issues.archive.archive import Archive
from newsletter.issues.domain.site import HEIGHT, WIDTH, IssueCard, ShownIssue
from tests.issues.rendering_samples import NEWSLETTER, ROOT, TEMPLATES, URL, rendered, sample

LARGEST = 100 * 1024
PAPER, ACCENT = "#f5f2ec", "#b4492f"
CARD = IssueCard("More for more", "1 December 2026", "The Briefing", PAPER, "#22262b", "#585f66", ACCENT)
CARDS = PillowCards(ROOT / "templates")
TITLE = (0, MARGIN + 2 * SMALL, WIDTH, HEIGHT - MARGIN - SMALL)


def picture(card: IssueCard) -> Image.Image:
    return Image.open(BytesIO(CARDS.draw(card))).convert("RGB")


def ink(card: IssueCard, box: tuple[int, int, int, int] = TITLE) -> tuple[int, int, int, int] | None:
    """Return the smallest box around what is drawn there; None if nothing is."""
    part = picture(card).crop(box)
    different = Image.eval(part.convert("L"), lambda grey: 255 if grey < 200 else 0)
    return different.getbbox()


@pytest.mark.parametrize(
    "title",
    [
        "More for more",
        "Why co-production between councils and citizens asks more of both, and gives more to everybody " * 4,
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
        "Ŵyr ŷd, Łódź, Ångström, «guillemets» and “quotes” – 10 €",
        "Новости недели",
    ],
)
def test_every_title_stands_between_the_margins_on_a_light_picture(title: str) -> None:
    card = replace(CARD, title=title)
    drawn = CARDS.draw(card)

    assert Image.open(BytesIO(drawn)).size == (1200, 630)
    assert len(drawn) <= LARGEST
    around = ink(card)
    assert around is not None
    left, top, right, bottom = around
    assert MARGIN - 8 <= left <= right <= WIDTH - MARGIN + 8
    assert 0 < top <= bottom < TITLE[3] - TITLE[1]


def test_the_card_is_in_the_colours_of_the_brand() -> None:
    drawn = picture(CARD)

    assert "#{:02x}{:02x}{:02x}".format(*drawn.getpixel((5, 300))) == PAPER  # type: ignore[misc] # RGB: three numbers
    assert "#{:02x}{:02x}{:02x}".format(*drawn.getpixel((600, 4))) == ACCENT  # type: ignore[misc]


def test_the_same_words_are_the_same_bytes() -> None:
    assert CARDS.draw(CARD) == PillowCards(ROOT / "templates").draw(CARD)
    assert CARDS.draw(CARD) != CARDS.draw(replace(CARD, title="More for less"))


@pytest.mark.parametrize("title", ["نشرة الأخبار", "חדשות", "新闻 and more", "한국어"])
def test_a_title_that_the_font_cannot_write_is_left_out_as_a_whole(title: str) -> None:
    assert ink(replace(CARD, title=title)) is None
    assert ink(replace(CARD, title=title), (0, MARGIN, WIDTH, MARGIN + SMALL)) is not None


def test_emoji_are_left_out_and_the_words_stay() -> None:
    assert CARDS.draw(replace(CARD, title="More 👨\u200d👩\u200d👧 for 🎉 more 🇬🇧")) == CARDS.draw(CARD)


def test_a_page_names_its_card_and_an_issue_with_a_picture_of_its_own_has_none() -> None:
    archive = Archive(TEMPLATES, NEWSLETTER, URL, feed_namespace="n", draw=CARDS.draw)
    issue = ShownIssue(rendered("Words.", title='A "quoted" title'))
    card = archive.card(issue)
    page = archive.issue_page(issue).body.decode()

    assert card is not None
    assert card.content_type == "image/png"
    assert "immutable" in card.cache_control
    for name, content in (
        ("og:image", f"{URL}/{card.path}"),
        ("og:image:width", str(WIDTH)),
        ("og:image:height", str(HEIGHT)),
        ("og:image:alt", "A &#34;quoted&#34; title"),
    ):
        assert f'<meta property="{name}" content="{content}">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert archive.card(ShownIssue(sample())) is None
    assert "/card-" not in archive.issue_page(ShownIssue(sample())).body.decode()


def test_a_preview_names_no_card_because_none_is_on_the_site_yet() -> None:
    archive = Archive(TEMPLATES, NEWSLETTER, URL, feed_namespace="n", draw=CARDS.draw)

    assert "/card-" not in archive.preview_page(ShownIssue(rendered("Words.")), "Not public.").body.decode()
