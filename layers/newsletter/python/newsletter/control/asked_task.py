"""What a message asks `publish` for beside uploads and pages: an email, an issue whose hour has come, a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.calendar.domain.digest import DigestResult
from newsletter.calendar.domain.hour import HourVerdict
from newsletter.calendar.jobs.fire_hour import fire_hour
from newsletter.calendar.jobs.make_digest import make_digest
from newsletter.desk.jobs.mail_test import mail_test
from newsletter.desk.review.mail_comments import mail_comments
from newsletter.desk.review.mail_named_test import mail_named_test
from newsletter.issues.adapters.publish_queue import read_asked_mail, read_digest, read_hour
from newsletter.wiring import App


@dataclass(frozen=True, slots=True)
class AskedTask:
    """What became of such a message."""

    kind: str
    done: bool | HourVerdict | DigestResult
    """Of an email, whether there was something to mail, and somebody to get it; of an hour or a digest, what came of
    it."""


def do_asked_task(body: str, app: App, now: datetime) -> AskedTask | None:
    """Do what a message asks for; None if it asks for something else.

    Raises:
        MalformedMessageError: It cannot be read.
        StoreBusyError: The issue changes all the time.
        SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
    """
    if (slug := read_hour(body)) is not None:
        app.renew_style()
        return AskedTask("hour", fire_hour(slug, ports=app.hour_ports, now=now))
    if (month := read_digest(body)) is not None:
        app.renew_style()
        return AskedTask("digest", make_digest(month, ports=app.digest_ports, rhythm=app.rhythm, now=now))
    asked = read_asked_mail(body)
    if asked is None:
        return None
    app.renew_style()
    if asked.quarter is not None:
        return AskedTask("comments", mail_comments(asked.slug, asked.quarter, ports=app.comment_mail_ports))
    if asked.test_id:
        ports = app.preview_ports
        return AskedTask("test", mail_named_test(asked.slug, asked.test_id, reviews=app.reviews, ports=ports, now=now))
    return AskedTask("test", mail_test(asked.slug, asked.editor_id, ports=app.preview_ports, now=now))
