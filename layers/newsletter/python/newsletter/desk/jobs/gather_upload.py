"""The files of one upload are gathered: when no more came for a while, the issue is looked at, once for them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from newsletter.desk.ports import GatherPorts
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.upload import Upload, UploadNumber

REMEMBERED = timedelta(days=2)
"""A look waits for minutes; its counter is forgotten when no message can ask for it any more."""


def gather_upload(upload: Upload, *, ports: GatherPorts, now: datetime) -> bool:
    """Put the look at an issue off until the files that belong to it are here; return whether it was put off.

    Text and pictures come in any order, each with an event of its own. Each event is counted, and asks for a look a
    while later that says which one it was: the look of the last one counts (see `is_overtaken`).
    """
    slug = upload.slug
    if slug is None or not is_slug(slug) or ports.gather_seconds == 0:
        return False
    day = now.date().isoformat()
    number = ports.counters.bump(_counter(slug, day), expires_at=now + REMEMBERED)
    ports.publish_queue.look_later(replace(upload, counted=UploadNumber(day, number)), delay=ports.gather_seconds)
    return True


def is_overtaken(upload: Upload, *, ports: GatherPorts) -> bool:
    """Return whether another event about the issue came since this look was asked for; that one's look counts.

    Across midnight both may count, and then there are two previews; never none.
    """
    if upload.counted is None or upload.slug is None:
        return False
    return ports.counters.count(_counter(upload.slug, upload.counted.day)) > upload.counted.number


def _counter(slug: str, day: str) -> str:
    return f"upload#{slug}#{day}"
