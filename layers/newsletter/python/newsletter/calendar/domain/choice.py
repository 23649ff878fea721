"""What is decided when a slot is fired: whether an issue goes out, and which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsletter.core.language import best_match
from newsletter.issues.domain.issue_record import IssueRecord


class SlotVerdict(StrEnum):
    """Whether an issue goes out, and if not, why; logged, and answered by the function `schedule`."""

    NOT_A_SLOT = "not_a_slot"
    """A day on which no issue goes out."""
    TOO_LATE = "too_late"
    """The tick arrived so late that the editors would not expect a mail any more."""
    NOTHING_READY = "nothing_ready"
    """A slot, and no issue whose date has come."""
    SEND = "send"
    """An issue goes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The verdict, the issue if there is one, and otherwise those that only wait for a person."""

    verdict: SlotVerdict
    record: IssueRecord | None = None
    waiting: tuple[IssueRecord, ...] = ()


def missing_languages(record: IssueRecord, last: IssueRecord | None) -> list[str]:
    """Return the languages of the last issue that this one does not have, the last one's own first."""
    if last is None:
        return []
    offered = (record.lang, *record.translated_into)
    return [lang for lang in (last.lang, *last.translated_into) if best_match(lang, offered) is None]


def waits_for(record: IssueRecord) -> str:
    """Return why an issue that could go out waits for a person, as the mail to the editors says it."""
    return "on hold" if record.held else "not approved"
