"""Entries of feeds as Markdown. Others wrote them, so nothing in them means anything but itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from newsletter.core.language import msg
from newsletter.desk.feeds.feed import FeedEntry
from newsletter.issues.adapters.html_to_markdown import html_to_markdown

_MEANS_MORE_HERE = re.compile(r"[{}|^$]")
"""Braces begin a placeholder of ours, bars a table; `html_to_markdown` leaves them, as it does for Word documents."""


class FeedMarkdown:
    """Writes them in the newsletter's language."""

    def __init__(self, speak: Callable[..., str]) -> None:
        """Take what translates a sentence and fills it in, as `Templates.say` does."""
        self._speak = speak

    def title(self) -> str:
        """Return the title of a draft that is made of feeds."""
        return self._speak(msg("What is new"))

    def text(self, entries: Sequence[FeedEntry], *, more: int) -> str:
        """Return a heading for each entry, which links to it, with its first sentences and its picture as a link."""
        blocks = [block for entry in entries for block in self._blocks(entry)]
        if more:
            blocks.append(self._speak(msg("There is more that is new on our website: %(count)s."), count=more))
        return "\n\n".join(blocks) + "\n"

    def _blocks(self, entry: FeedEntry) -> list[str]:
        title = _plain(entry.title)
        blocks = [f"## [{title}]({_target(entry.link)})" if entry.link else f"## {title}"]
        if entry.summary:
            blocks.append(_plain(entry.summary))
        if entry.picture:
            # A picture from another site would tell that site who opens the email. So it is a link, for the writer.
            blocks.append(f"[{self._speak(msg('Picture'))}]({_target(entry.picture)})")
        return blocks


def _plain(text: str) -> str:
    """Return a line of text as Markdown that shows exactly it."""
    return _MEANS_MORE_HERE.sub(lambda found: f"\\{found[0]}", html_to_markdown(f"<p>{escape(text)}</p>"))


def _target(address: str) -> str:
    """Return an address as it stands between the brackets of a link."""
    return address.replace("(", "%28").replace(")", "%29")
