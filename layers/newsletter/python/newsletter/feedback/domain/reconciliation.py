"""The nightly comparison of our suppressions with the list that SES keeps for the account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Step(StrEnum):
    """Which list is gone through."""

    THEIRS = "theirs"
    """What SES lists, and we may not know."""
    OURS = "ours"
    """What we suppress, and SES may not list."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """How far one night's comparison has come, and what it found until there."""

    step: Step = Step.THEIRS
    at: str = ""
    """Where to go on: SES's token for its next page, or the last of our ids that was looked at."""
    listed: int = 0
    """Addresses on SES's list, anybody's."""
    compared: int = 0
    """Suppressions of ours."""
    suppressed: int = 0
    """Subscribers whom SES had suppressed and we had not; healed."""
    marked: int = 0
    """Suppressed subscribers whose record did not say so; healed."""
    put: int = 0
    """Suppressed subscribers whom SES did not list; healed."""
    refused: int = 0
    """Addresses that SES did not let us put on its list, as in its sandbox."""
    left: int = 0
    """The same as `put`, and still to do: a night has its bounds."""

    @property
    def drift(self) -> int:
        """How many were found to differ, and were healed."""
        return self.suppressed + self.marked + self.put

    @property
    def is_done(self) -> bool:
        """Whether both lists were gone through."""
        return self.step is Step.DONE

    def next(self, bookmark: str) -> Reconciliation:
        """Return the comparison at the next place of this list, or at the beginning of the next list."""
        if bookmark:
            return replace(self, at=bookmark)
        return replace(self, at="", step=Step.OURS if self.step is Step.THEIRS else Step.DONE)
