"""Emails that people of the team, and whoever comments, have asked `publish` for: tests, and news of comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.desk.jobs.mail_test import mail_test
from newsletter.desk.review.mail_comments import mail_comments
from newsletter.desk.review.mail_named_test import mail_named_test
from newsletter.issues.adapters.publish_queue import read_asked_mail
from newsletter.wiring import App


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of a message that asks for an email."""

    kind: str
    done: bool
    """Whether there was something to mail, and somebody to get it."""


def mail_asked_for(body: str, app: App, now: datetime) -> Mailed | None:
    """Send the email that a message asks for; None if it asks for something else.

    Raises:
        MalformedMessageError: It cannot be read.
        SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
    """
    asked = read_asked_mail(body)
    if asked is None:
        return None
    app.renew_style()
    if asked.quarter is not None:
        return Mailed("comments", mail_comments(asked.slug, asked.quarter, ports=app.comment_mail_ports))
    if asked.test_id:
        ports = app.preview_ports
        return Mailed("test", mail_named_test(asked.slug, asked.test_id, reviews=app.reviews, ports=ports, now=now))
    return Mailed("test", mail_test(asked.slug, asked.editor_id, ports=app.preview_ports, now=now))
