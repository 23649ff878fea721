"""A draft: a text that is no upload yet, and who saved it last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

MOST_SAVES = 24
"""Saves that a draft remembers. Whoever repeats one had no answer for a minute, and not for hours."""

LONGEST_SAVE_ID = 32


@dataclass(frozen=True, slots=True)
class DraftNote:
    """What is written beside the text of a draft."""

    saved_by: str
    """The address of the editor."""
    upload_version: str = ""
    """Version of `issues/<slug>.md` that the draft began from; empty if there was none."""
    saves: tuple[str, ...] = ()
    """Ids of the last saves that are in the text, oldest first."""
    words: int = 0

    def after(self, save_id: str, saved_by: str, text: str) -> DraftNote:
        """Return what is written beside the text of the next save."""
        saves = (*self.saves, save_id)[-MOST_SAVES:] if save_id else self.saves
        return DraftNote(saved_by, self.upload_version, saves, word_count(text))


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a draft."""

    slug: str
    text: str
    version: str
    """Names this version for good."""
    etag: str
    """What a write is conditional on; versions with the same text share it."""
    note: DraftNote


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """One line of a draft's history."""

    version: str
    saved_at: datetime
    saved_by: str
    words: int


def plain_lines(text: str) -> str:
    """Return text as it is kept: browsers end lines as they like, and a file ends with the end of a line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if not text or text.endswith("\n") else f"{text}\n"


def word_count(text: str) -> int:
    """Return how many words a text has, without its front matter."""
    body = re.sub(r"\A---\n.*?^---$", "", text, count=1, flags=re.DOTALL | re.MULTILINE)
    return len(re.findall(r"\w[\w'’-]*", body))
