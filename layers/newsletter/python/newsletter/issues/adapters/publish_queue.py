"""Messages to `publish` beside S3's own events (see `s3_events`), on SQS.

Shapes: {"refresh": "archive", "slug": slug or null}, with "then": "plan" where a send waits for the page of its issue;
{"publish": slug}.
"""

from __future__ import annotations

from newsletter.aws.queue import SqsQueue, message_json
from newsletter.errors import MalformedMessageError
from newsletter.issues.domain.issue import is_slug

REFRESH_DELAY = 1
"""Seconds. The archive is read from an index that follows the table with a delay."""


class SqsPublishQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        """Ask for another look at the issue's file. Units: `delay` in seconds, at most 900."""
        self._queue.put([{"publish": slug}], delay=delay)

    def refresh_archive(self, slug: str = "", *, then_plan: bool = False) -> None:
        """Ask for the page of an issue, if one is named, and for every page that names issues, to be written."""
        message = {"refresh": "archive", "slug": slug or None} | ({"then": "plan"} if then_plan else {})
        self._queue.put([message], delay=REFRESH_DELAY)


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


def then_plans(body: str) -> bool:
    """Return whether the planners of the issue's send are to be woken once its page stands."""
    fields = message_json(body)
    return isinstance(fields, dict) and fields.get("then") == "plan" and bool(fields.get("slug"))
