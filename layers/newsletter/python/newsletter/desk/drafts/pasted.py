"""A text that came from another program: pasted, or read out of its document."""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_PASTE = 10 * 1024 * 1024
"""Characters of HTML as it comes from the clipboard, with the pictures within it."""

LARGEST_MARKUP = 2 * 1024 * 1024
"""Characters of HTML without its pictures and remarks. Word needs some 200 KB for ten pages."""

MOST_TAGS = 20_000
"""Tags of a paste. Word writes some ten for each paragraph."""

_HEADING = re.compile(r"^(> )?#{1,5}(?= )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PastedPicture:
    """A picture of a pasted text, as far as it came along."""

    name: str
    """What the text calls it: `picture-1.png`."""
    body: bytes = b""
    """The picture itself; empty if the clipboard only says where it is."""
    source: str = ""
    """Where it is, if it did not come along: an address on the web, or the name of a file of the person who pastes."""
    alt: str = ""
    """What it shows, in words, as the other program has it."""


@dataclass(frozen=True, slots=True)
class PastedText:
    """Markdown, the pictures it names, and what could not be kept."""

    markdown: str
    pictures: tuple[PastedPicture, ...] = ()
    title: str = ""
    """Of a document that begins with one."""
    not_kept: tuple[str, ...] = ()
    """As words such as `comments`."""


def below_the_title(markdown_text: str) -> str:
    """Return Markdown whose headings begin at the second rank: the first is the title of the issue."""
    if not re.search(r"^(> )?# ", markdown_text, re.MULTILINE):
        return markdown_text
    return _HEADING.sub(lambda found: f"{found[0]}#", markdown_text)
