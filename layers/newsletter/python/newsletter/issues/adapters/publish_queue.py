"""Messages to `publish` beside S3's own events (see `s3_events`), on SQS.

Shapes: {"refresh": "archive", "slug": slug or null, "year": year, if one is to be written}, with "then": "plan" where a
send waits for the page of its issue; {"settings": key};
{"hour": slug}, to send an issue whose own hour has come; {"digest": month}, to make the draft of a digest;
{"publish": slug}, a look at once; a look that waited for the other files of an upload adds "day", "number", "patient"
and "by"; {"test": slug, "to": id of an editor}; {"test": slug, "named": id of a test}; {"comments": slug, "quarter":
when it began}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.aws.queue import SqsQueue, message_json
from newsletter.core.audience.reading_rhythm import MONTH
from newsletter.errors import MalformedMessageError
from newsletter.issues.adapters.s3_events import read_uploads
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.settings_file import is_settings_key
from newsletter.issues.domain.upload import FOLDER, Upload, UploadNumber

REFRESH_DELAY = 1
"""Seconds. The archive is read from an index that follows the table with a delay. Readers of an issue that goes out do
not wait for it: its own page and its place in the lists are the table's, and the closing of its send asks again."""


class SqsPublishQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        """Ask for another look at the issue's file. Units: `delay` in seconds, at most 900."""
        self._queue.put([{"publish": slug}], delay=delay)

    def send_at_hour(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the send of an issue with its own hour, if that has come by then. Units: as above."""
        self._queue.put([{"hour": slug}], delay=delay)

    def make_digest(self, month: str) -> None:
        """Ask for the draft of the digest of a month."""
        self._queue.put([{"digest": month}])

    def look_later(self, upload: Upload, *, delay: int) -> None:
        """Ask for a look at the issue that counts only if no event came behind this one. Units: as above."""
        message: dict[str, str | int | bool | None] = {
            "publish": upload.slug,
            "patient": upload.patient,
            "by": upload.uploaded_by,
        }
        if upload.counted:
            message |= {"day": upload.counted.day, "number": upload.counted.number}
        self._queue.put([message], delay=delay)

    def mail_test(self, slug: str, editor_id: str) -> None:
        """Ask for the issue's email to one editor."""
        self._queue.put([{"test": slug, "to": editor_id}])

    def mail_named_test(self, slug: str, test_id: str) -> None:
        """Ask for a test that the desk has written down; the message holds no address."""
        self._queue.put([{"test": slug, "named": test_id}])

    def mail_comments(self, slug: str, quarter: datetime, *, delay: int) -> None:
        """Ask for the email about the comments of a quarter of an hour. Units: `delay` in seconds, at most 900."""
        self._queue.put([{"comments": slug, "quarter": quarter.isoformat()}], delay=delay)

    def refresh_archive(self, slug: str = "", *, then_plan: bool = False) -> None:
        """Ask for the page of an issue, if one is named, and for every page that names issues, to be written."""
        message = {"refresh": "archive", "slug": slug or None} | ({"then": "plan"} if then_plan else {})
        self._queue.put([message], delay=0 if then_plan else REFRESH_DELAY)

    def refresh_year(self, year: int) -> None:
        """Ask for every page of one year to be written anew."""
        self._queue.put([{"refresh": "archive", "slug": None, "year": str(year)}], delay=REFRESH_DELAY)

    def take_settings_again(self, key: str, *, delay: int) -> None:
        """Ask for another look at a file of `settings/`. Units: `delay` in seconds."""
        self._queue.put([{"settings": key}], delay=delay)


def read_year(body: str) -> int:
    """Return the year whose pages a message about the archive wants written; 0 for the one whose turn it is."""
    fields = message_json(body)
    year = fields.get("year") if isinstance(fields, dict) else None
    return int(year) if isinstance(year, str) and year.isdecimal() else 0


def read_looks(body: str) -> list[Upload]:
    """Return the looks at files that a message asks for: one of ours, or an event of the bucket.

    Raises:
        MalformedMessageError: Neither.
    """
    look = read_look(body)
    return [look] if look else read_uploads(body)


def read_look(body: str) -> Upload | None:
    """Return the look that the message asks for; None if it says something else."""
    fields = message_json(body)
    match fields:
        case {"settings": str(key)} if is_settings_key(key):
            return Upload(key, patient=False)
    if not isinstance(fields, dict):
        return None
    slug, patient, uploaded_by = fields.get("publish"), fields.get("patient", False), fields.get("by", "")
    if not isinstance(slug, str) or not is_slug(slug) or not isinstance(uploaded_by, str):
        return None
    return Upload(f"{FOLDER}{slug}.md", patient=patient is True, counted=_counted(fields), uploaded_by=uploaded_by)


def _counted(fields: Mapping[str, Any]) -> UploadNumber | None:
    day, number = fields.get("day"), fields.get("number")
    return UploadNumber(day, number) if isinstance(day, str) and isinstance(number, int) else None


@dataclass(frozen=True, slots=True)
class AskedMail:
    """An email that a message asks for."""

    slug: str
    editor_id: str = ""
    """Who gets a test of the issue."""
    test_id: str = ""
    """The test that the desk has written down."""
    quarter: datetime | None = None
    """Whose comments the team hears of."""


def read_asked_mail(body: str) -> AskedMail | None:
    """Return the email that is asked for; None if the message says something else."""
    match message_json(body):
        case {"test": str(slug), "to": str(editor_id)} if is_slug(slug):
            return AskedMail(slug, editor_id=editor_id)
        case {"test": str(slug), "named": str(test_id)} if is_slug(slug):
            return AskedMail(slug, test_id=test_id)
        case {"comments": str(slug), "quarter": str(began)} if is_slug(slug):
            return AskedMail(slug, quarter=_moment(began))
    return None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as exc:
        raise MalformedMessageError("the message about comments names no quarter of an hour") from exc


def read_hour(body: str) -> str | None:
    """Return the issue whose hour may have come; None if the message says something else."""
    match message_json(body):
        case {"hour": str(slug)} if is_slug(slug):
            return slug
    return None


def read_digest(body: str) -> str | None:
    """Return the month whose digest is asked for; None if the message says something else."""
    match message_json(body):
        case {"digest": str(month)} if MONTH.fullmatch(month):
            return month
    return None


def read_refresh(body: str) -> str | None:
    """Return whose page to write anew with the archive: a slug, or nothing for no page; None for another message.

    Raises:
        MalformedMessageError: The message names something that is no issue.
    """
    fields = message_json(body)
    if not isinstance(fields, dict) or fields.get("refresh") != "archive":
        return None
    slug = fields.get("slug") or ""
    if not isinstance(slug, str) or (slug and not is_slug(slug)):
        raise MalformedMessageError("the message to write the archive anew names no issue")
    return slug


def then_plans(body: str) -> bool:
    """Return whether the planners of the issue's send are to be woken once its page stands."""
    fields = message_json(body)
    return isinstance(fields, dict) and fields.get("then") == "plan" and bool(fields.get("slug"))
