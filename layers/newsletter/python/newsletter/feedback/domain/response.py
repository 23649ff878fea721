"""What readers say about an issue of their own accord: whether it was useful, and replies. Counted, never by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from newsletter.core.link_token import LIFETIME, Purpose


class Vote(StrEnum):
    """The answer to "Was this useful?"."""

    YES = "yes"
    NO = "no"
    """Not really."""


class VoteResult(StrEnum):
    """What became of a vote, as it stands in the log."""

    COUNTED = "counted"
    ALREADY = "already"
    """This link has voted before; the first vote stands."""
    OF_A_TEST = "of a test"
    """The link comes from a test or a rehearsal, and counts nothing."""
    ROBOT = "robot"
    """A field was filled in that people do not see."""


@dataclass(frozen=True, slots=True)
class VoteLink:
    """What a genuine link to vote says."""

    slug: str
    """The issue."""
    mark: str
    """Stands for one reader in one issue; nobody can tell which without the key. Empty in a test."""
    made_on: datetime
    """The day, at its first moment: a closer one would say in which batch the email left."""

    @property
    def forgotten_at(self) -> datetime:
        """When nothing needs to be known of the mark any more: the link is too old by then.

        The same moment for all links of a day, so that it says nothing of one reader.
        """
        lifetime = LIFETIME[Purpose.VOTE] or timedelta(0)
        return datetime.combine(self.made_on.date(), time(0), UTC) + lifetime + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Responses:
    """How many readers said what about one issue."""

    useful: int = 0
    not_useful: int = 0
    replies: int = 0

    def plain(self) -> dict[str, int]:
        """Return it as a report has it."""
        return {"useful": self.useful, "not_useful": self.not_useful, "replies": self.replies}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Responses:
        """Return what `plain` wrote, in this release or another."""
        return cls(plain.get("useful", 0), plain.get("not_useful", 0), plain.get("replies", 0))
