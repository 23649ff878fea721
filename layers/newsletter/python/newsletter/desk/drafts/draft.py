"""A draft: the text of an issue that is being written and is no upload yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

FOLDER = "drafts/"
"""Of the content bucket. What is uploaded stands below `issues/`: of a draft nobody hears, and nothing is published."""

SAVES_KNOWN = 8
"""Of the pages that saved last. Their last save is told from one that comes again, because its answer was lost."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a draft."""

    slug: str
    text: str
    """The whole file, with its front matter."""
    version: str = ""
    """In the bucket; empty for one that was not saved yet."""
    etag: str = ""
    saved_by: str = ""
    saved_at: datetime | None = None
    upload_version: str = ""
    """Of the upload that it began from; empty for a new issue."""
    saves: tuple[str, ...] = ()
    """The last save of each page that took part, newest first: `<page>=<number>`."""
    hands: tuple[str, ...] = ()
    """Everybody who saved in the quarter of an hour of this version, up to it."""


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """One line of a draft's history."""

    version: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Save:
    """What a page wants to be kept."""

    slug: str
    text: str
    based_on: str
    """The version that its text was made from; empty for a new draft."""
    base_text: str | None = None
    """What its text was made from, where that is no version of the draft: what this page sent last, if the answer held
    more; or the upload that it began from."""
    page: str = ""
    """A name of chance that an open page gives itself; empty without JavaScript."""
    number: int = 0
    """Which save of this page it is. One that comes again has the same number, and is kept once."""
    saved_by: str = ""
    upload_version: str = ""
    """Of the upload that the page was opened with; counts where there is no draft yet."""
    saved_at: datetime | None = None
    """The moment, by which a history of hundreds of saves is read in quarters of an hour."""

    @property
    def name(self) -> str:
        """How `Draft.saves` knows it."""
        return f"{self.page}={self.number}"

    def is_among(self, saves: Iterable[str]) -> bool:
        """Return whether it was carried out before: a page sends the next one only when it has the answer to this."""
        numbers = (each.removeprefix(f"{self.page}=") for each in saves if each.startswith(f"{self.page}="))
        return bool(self.page) and any(int(number) >= self.number for number in numbers)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be written."""

    slug: str
    text: str
    saved_by: str
    upload_version: str = ""
    saves: tuple[str, ...] = ()
    hands: tuple[str, ...] = ()


def quarter_of(moment: datetime) -> datetime:
    """Return when the quarter of an hour began that this moment is in; no zone is off by less than one."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)


def by_quarter(draft_versions: Iterable[DraftVersion]) -> list[list[DraftVersion]]:
    """Return the versions of each quarter of an hour in which somebody saved, in their order: newest first."""
    quarters: dict[datetime, list[DraftVersion]] = {}
    for each in draft_versions:
        quarters.setdefault(quarter_of(each.saved_at), []).append(each)
    return list(quarters.values())


def plain_lines(text: str) -> str:
    """Return the text with line ends as we write them; browsers and Windows send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
