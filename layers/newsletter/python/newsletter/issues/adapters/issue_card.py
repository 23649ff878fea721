"""The picture of an issue that social networks and chats show beside a link to it: its title, drawn in the brand."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.issues.domain.site import HEIGHT, WIDTH, IssueCard

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONT = Path("brand", "SourceSerifPro-Bold.otf")
"""Latin, Greek and Cyrillic. Its licence, the SIL Open Font License, lies beside it."""

MARGIN = 80
BAR = 16
SMALL = 34
TITLE_SIZES = (84, 72, 62, 54, 46)
"""Pixels; the first at which the whole title fits. At the last it is cut."""

TITLE_HEIGHT = 350
LEADING = 1.22

COLOURS = 64
"""Of the picture: enough for smooth letters on one ground, and a sixth of the bytes of full colour."""


class PillowCards:
    """Draws cards with a font of ours and nothing from outside: no file of a stranger is opened here.

    Pillow is imported with the first card, since few who carry this object draw one.
    """

    def __init__(self, templates_dir: Path) -> None:
        self._font_file = templates_dir / FONT

    def draw(self, card: IssueCard) -> bytes:
        """Return the card as PNG; the same card is always the same bytes.

        What the font has no letters for is left out: emoji by themselves, and any other text as a whole.
        """
        from PIL import Image
        from PIL.ImageDraw import Draw

        image = Image.new("RGB", (WIDTH, HEIGHT), card.paper)
        pen = Draw(image)
        pen.rectangle((0, 0, WIDTH, BAR), fill=card.accent)
        self._write(pen, MARGIN, self._drawable(card.newsletter_name), SMALL, card.muted)
        self._write(pen, HEIGHT - MARGIN - SMALL, self._drawable(card.day), SMALL, card.muted)
        lines, size = self._title(self._drawable(card.title))
        top = (HEIGHT - len(lines) * size * LEADING) / 2
        for number, line in enumerate(lines):
            self._write(pen, round(top + number * size * LEADING), line, size, card.text)
        file = BytesIO()
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG")
        return file.getvalue()

    def _write(self, pen: ImageDraw, top: int, text: str, size: int, ink: str) -> None:
        pen.text((MARGIN, top), text, font=self._font(size), fill=ink)

    def _title(self, text: str) -> tuple[list[str], int]:
        lines: list[str] = []
        for size in TITLE_SIZES:
            lines = self._wrapped(text, size)
            if len(lines) * size * LEADING <= TITLE_HEIGHT and all(self._fits(line, size) for line in lines):
                return lines, size
        size = TITLE_SIZES[-1]
        most = int(TITLE_HEIGHT / (size * LEADING))
        cut = lines[:most]
        last = cut[-1] if len(lines) == most and self._fits(cut[-1], size) else f"{cut[-1]}…"
        while not self._fits(last, size):
            last = f"{last[:-2].rstrip()}…"
        return [*(line if self._fits(line, size) else self._shortened(line, size) for line in cut[:-1]), last], size

    def _shortened(self, text: str, size: int) -> str:
        while not self._fits(f"{text}…", size):
            text = text[:-1]
        return f"{text}…"

    def _wrapped(self, text: str, size: int) -> list[str]:
        lines: list[str] = []
        for word in text.split(" "):
            if lines and self._fits(f"{lines[-1]} {word}", size):
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def _fits(self, text: str, size: int) -> bool:
        return self._font(size).getlength(text) <= WIDTH - 2 * MARGIN

    def _drawable(self, text: str) -> str:
        """Return the text without emoji; nothing where the font lacks one of its letters."""
        kept = "".join(
            each for each in unicodedata.normalize("NFC", text) if unicodedata.category(each) not in _UNDRAWN
        )
        words = " ".join(kept.split())
        return words if all(self._knows(each) for each in set(words) - {" "}) else ""

    def _knows(self, character: str) -> bool:
        return bytes(self._font(SMALL).getmask(character)) != self._unknown

    @cached_property
    def _unknown(self) -> bytes:
        """The box that stands for a letter which the font lacks."""
        return bytes(self._font(SMALL).getmask("\U0010fffd"))

    def _font(self, size: int) -> FreeTypeFont:
        if size not in self._fonts:
            from PIL import ImageFont

            # The basic engine is the same everywhere; the other depends on what is installed beside Pillow.
            self._fonts[size] = ImageFont.truetype(self._font_file, size, layout_engine=ImageFont.Layout.BASIC)
        return self._fonts[size]

    @cached_property
    def _fonts(self) -> dict[int, FreeTypeFont]:
        return {}


_UNDRAWN = frozenset({"So", "Sk", "Cs", "Co", "Cf", "Cc", "Mn", "Me"})
