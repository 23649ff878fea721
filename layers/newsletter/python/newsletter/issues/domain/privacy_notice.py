"""The privacy notice: the publisher's own words, or ours about what the stack does with what it knows of people."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.errors import InvalidNoticeError

SOURCE = "settings/privacy.md"
"""Where the publisher's own notice lies in the content bucket."""

LARGEST = 200_000
"""Bytes: some sixty pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What this stack does with what it knows of people, by its parameters. The notice and the sign-up page say so."""

    engagement: str = "off"
    ask_useful: bool = False
    """Whether emails ask "Was this useful?"."""
    count_replies: bool = False
    unconfirmed_days: int = 30
    forget_after_days: int = 30
    """After somebody left; 0 is never."""
    keep_receipts_years: int = 6
    renew_consent_years: int = 0
    """After a consent; 0 is never."""
    forget_outcomes_after_days: int = 400
    """After a send; 0 is never."""


def read_notice(source: bytes | None) -> str:
    """Return the publisher's own notice as Markdown; empty where there is none.

    Raises:
        InvalidNoticeError: It cannot be shown; the one that stands on the site stays.
    """
    if source is None:
        return ""
    if len(source) > LARGEST:
        raise InvalidNoticeError("The notice is longer than 200,000 bytes. Shorten it.")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InvalidNoticeError("The notice is not written in UTF-8. Save it again as UTF-8.") from exc
    if not text.strip():
        raise InvalidNoticeError("The notice is empty. Write it, or remove the file to show the default.")
    return text
