"""One night's forgetting: how far it has come, and what it did until there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class RetentionStep(StrEnum):
    """What is gone through, in this order."""

    LEAVERS = "leavers"
    """People who left."""
    RENEWALS = "renewals"
    """Readers whose consent is old."""
    OUTCOMES = "outcomes"
    """What became of single readers in old sends."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """How far one night's forgetting has come, and what it did until there."""

    step: RetentionStep = RetentionStep.LEAVERS
    bookmark: str = ""
    """Where to go on: the last id that was looked at, or the slug of the next issue."""
    forgotten: int = 0
    """People whose record became a tombstone."""
    receipts: int = 0
    """Receipts of theirs that are kept apart."""
    asked: int = 0
    """Readers who are to be mailed, and asked to renew their consent."""
    ended: int = 0
    """Readers who have left, because they did not."""
    sends: int = 0
    """Sends whose outcomes of single readers were let go."""
    items: int = 0
    """Items of these sends that expire now."""

    @property
    def is_done(self) -> bool:
        """Whether everything was gone through."""
        return self.step is RetentionStep.DONE

    @property
    def counts(self) -> dict[str, int]:
        """What was done, by name."""
        return {
            "forgotten": self.forgotten,
            "receipts": self.receipts,
            "asked": self.asked,
            "ended": self.ended,
            "sends": self.sends,
            "items": self.items,
        }

    def next(self, next_bookmark: str) -> RetentionRun:
        """Return the run at the next place of this step, or at the beginning of the next step."""
        if next_bookmark:
            return replace(self, bookmark=next_bookmark)
        steps = list(RetentionStep)
        return replace(self, bookmark="", step=steps[steps.index(self.step) + 1])
