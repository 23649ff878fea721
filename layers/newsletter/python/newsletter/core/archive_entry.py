"""An issue as lists of issues show it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Protocol


class WithHeadline(Protocol):
    """Anything that knows how an issue is announced: its record, or the issue as rendered."""

    @property
    def slug(self) -> str: ...  # noqa: D102 - the name says it
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def summary(self) -> str: ...  # noqa: D102
    @property
    def date(self) -> datetime.date: ...  # noqa: D102
    @property
    def lang(self) -> str: ...  # noqa: D102
    @property
    def translated_into(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """What a list of issues says about one of them."""

    slug: str
    title: str
    summary: str
    date: datetime.date
    lang: str = "en"
    translated_into: tuple[str, ...] = ()
    """The languages it has beside its own."""

    @property
    def path(self) -> str:
        """Where its page is found, below the address of the site."""
        return f"issues/{self.slug}/"

    @property
    def editions(self) -> list[tuple[str, str]]:
        """Each language it has, and where the page in it is found; the original first."""
        return [(self.lang, self.path), *((lang, f"{self.path}{lang.lower()}/") for lang in self.translated_into)]

    @classmethod
    def of(cls, headline: WithHeadline) -> ArchiveEntry:
        """Return the entry of an issue."""
        return cls(
            headline.slug, headline.title, headline.summary, headline.date, headline.lang, headline.translated_into
        )
