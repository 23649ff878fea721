"""Things for tests, with defaults; a test says only what it is about."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from newsletter.core.link_token import SigningKeys
from newsletter.core.links import Links
from newsletter.core.newsletter import Newsletter
from newsletter.issues.domain.issue import IssueStatus, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.readers.domain.subscriber import Status, Subscriber
from tests.core.fakes import NOW

KEYS = SigningKeys("current key of the tests")
LINKS = Links("https://briefing.example.org", KEYS)
NEWSLETTER = Newsletter(
    name="Fortnightly Briefing",
    sender_email="briefing@example.org",
    reply_to="editors@example.org",
    postal_address="1 Example Street, London",
    editor_email="editors@example.org",
)
WEEKS_AGO = NOW - datetime.timedelta(days=20)
SLUG = "2026-12-01-more-for-more"


def an_id(number: int) -> str:
    """Return an id; the first two characters, and so the shard, come from the number's low byte."""
    return f"{number % 256:02x}{number:030x}"


def subscriber(number: int = 1, **changes: Any) -> Subscriber:
    """Return a confirmed subscriber."""
    default: dict[str, Any] = {
        "subscriber_id": an_id(number),
        "email": f"reader{number}@example.org",
        "status": Status.CONFIRMED,
        "signed_up_at": WEEKS_AGO,
        "confirmed_at": WEEKS_AGO,
        "name": "Ada",
    }
    return Subscriber(**default | changes)


def rendered(**changes: Any) -> RenderedIssue:
    """Return a small rendered issue."""
    default = RenderedIssue(
        slug=SLUG,
        content_hash="a" * 64,
        title="More for more",
        subject="More for more, {{name_0_text}}",
        summary="What co-production asks of councils.",
        date=datetime.date(2026, 12, 1),
        lang="en",
        html='<p>Dear {{name_0_html}}, <a href="{{unsubscribe_url}}">leave</a> {{preferences_url}}</p>',
        text="Dear {{name_0_text}}, leave: {{unsubscribe_url}} {{preferences_url}} {{brace}}",
        web_html="<p>Dear reader</p>",
        name_fallbacks=("reader",),
        pictures=(),
        canonical=f"https://briefing.example.org/issues/{SLUG}/",
    )
    return replace(default, **changes)


def record(**changes: Any) -> IssueRecord:
    """Return a ready issue whose date has come, and whose content may be seen once it is public."""
    default = IssueRecord(
        slug=SLUG,
        status=IssueStatus.READY,
        title="More for more",
        subject="More for more",
        summary="What co-production asks of councils.",
        date=datetime.date(2026, 12, 1),
        content_hash="a" * 64,
        sequencer="5".rjust(64, "0"),
    )
    cleared = {"cleared": changes.get("content_hash", default.content_hash)}
    return replace(default, **{**cleared, **changes})
