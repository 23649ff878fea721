"""Messages to `publish` beside S3's own events (see `s3_events`), on SQS.

Shapes: {"refresh": "archive", "slug": slug or null, "year": year, if one is to be written}; {"publish": slug};
{"settings": key}.
"""

from __future__ import annotations

from newsletter.aws.queue import SqsQueue, message_json
from newsletter.errors import MalformedMessageError
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.settings_file import is_settings_key
from newsletter.issues.domain.upload import FOLDER, Upload

REFRESH_DELAY = 1
"""Seconds. The archive is read from an index that follows the table with a delay."""


class SqsPublishQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        """Ask for another look at the issue's file. Units: `delay` in seconds, at most 900."""
        self._queue.put([{"publish": slug}], delay=delay)

    def refresh_archive(self, slug: str = "") -> None:
        """Ask for the page of an issue, if one is named, and for every page that names issues, to be written."""
        self._queue.put([{"refresh": "archive", "slug": slug or None}], delay=REFRESH_DELAY)

    def refresh_year(self, year: int) -> None:
        """Ask for every page of one year to be written anew."""
        self._queue.put([{"refresh": "archive", "slug": None, "year": str(year)}], delay=REFRESH_DELAY)

    def take_settings_again(self, key: str, *, delay: int) -> None:
        """Ask for another look at a file of `settings/`. Units: `delay` in seconds."""
        self._queue.put([{"settings": key}], delay=delay)


def read_settings(body: str) -> str | None:
    """Return the file of `settings/` that is to be looked at again; None if the message says something else."""
    fields = message_json(body)
    key = fields.get("settings") if isinstance(fields, dict) and len(fields) == 1 else None
    return key if isinstance(key, str) and is_settings_key(key) else None


def read_year(body: str) -> int:
    """Return the year whose pages a message about the archive wants written; 0 for the one whose turn it is."""
    fields = message_json(body)
    year = fields.get("year") if isinstance(fields, dict) else None
    return int(year) if isinstance(year, str) and year.isdecimal() else 0


def read_second_look(body: str) -> list[Upload]:
    """Return what is to be looked at again, without waiting for files on their way; none for another message."""
    slug, key = read_publish(body), read_settings(body)
    return [Upload(each, patient=False) for each in (f"{FOLDER}{slug}.md" if slug else "", key) if each]


def read_publish(body: str) -> str | None:
    """Return the slug whose file is to be looked at again; None if the message says something else."""
    fields = message_json(body)
    slug = fields.get("publish") if isinstance(fields, dict) and len(fields) == 1 else None
    return slug if isinstance(slug, str) and is_slug(slug) else None


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
