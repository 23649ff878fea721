"""An issue file was removed: take the issue back, as far as it has not gone out."""

from __future__ import annotations

from dataclasses import replace

from newsletter.domain.issue import IssueStatus
from newsletter.domain.upload import Upload
from newsletter.errors import StoreBusyError
from newsletter.ports import PublishPorts

TRIES = 5


def withdraw(removal: Upload, *, ports: PublishPorts) -> str:
    """Take the issue out of the archive and out of the queue for the next slot; hold its send if one is open.

    Returns:
        withdrawn | paused | stale | unknown
    """
    ports.content.clear_problems(removal.key)
    slug = removal.slug
    if slug is None:
        return "unknown"
    for _ in range(TRIES):
        before = ports.issues.get(slug)
        if before is None:
            return "unknown"
        if removal.older_than(before.sequencer):
            return "stale"
        status = {
            IssueStatus.READY: IssueStatus.DRAFT,
            IssueStatus.SENDING: IssueStatus.PAUSED,
        }.get(before.status, before.status)
        after = replace(before, status=status, withdrawn=True, listed=False, sequencer=removal.sequencer)
        if ports.issues.put(after, before=before):
            break
    else:
        raise StoreBusyError(f"issue {slug} is being changed at the same moment; it will be tried again")
    paused = status is IssueStatus.PAUSED and ports.sends.pause(slug, "the issue file was removed")
    ports.site.remove(f"issues/{slug}/index.html")
    ports.queues.refresh_archive()
    return "paused" if paused else "withdrawn"
