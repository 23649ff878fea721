"""The moment that makes the address of an issue's preview page: kept as long as it works, replaced to end it."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.core.link_token import LIFETIME, Purpose
from newsletter.issues.domain.issue_record import IssueRecord

RENEWED_BEFORE_ITS_END = timedelta(days=7)
"""Whoever gets the address today has at least a week with it."""


def moment_of_address(record: IssueRecord, *, now: datetime) -> datetime:
    """Return the moment on record, so that every upload has the same address; the present if that one ends soon."""
    lifetime = LIFETIME[Purpose.PREVIEW] or timedelta.max
    since = record.preview_since
    if since is None or now - since > lifetime - RENEWED_BEFORE_ITS_END:
        return now.replace(microsecond=0)
    return since


def moment_of_another_address(record: IssueRecord, *, now: datetime) -> datetime:
    """Return a moment that ends the address there is: an address tells moments by the second."""
    at_once = now.replace(microsecond=0)
    return max(at_once, record.preview_since + timedelta(seconds=1)) if record.preview_since else at_once
