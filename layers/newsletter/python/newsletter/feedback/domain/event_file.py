"""A file of SES's events, as a stream collected them."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.feedback.domain.feedback import FeedbackEvent

STREAM_UNIT = 5 * 1024
"""Bytes to which Firehose rounds each record up that it is paid for. https://aws.amazon.com/firehose/pricing/"""


@dataclass(frozen=True, slots=True)
class EventFile:
    """What one file holds."""

    events: tuple[FeedbackEvent, ...] = ()
    """All that could be read."""
    problem: str = ""
    """Why something in it could not be read; empty if everything could."""
    stream_units: int = 0
    """What the stream is paid for these. Units: 5 KB."""
