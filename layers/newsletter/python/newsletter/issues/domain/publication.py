"""The result of an upload, or of a removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.preflight import Preflight

NOTHING_FOUND = Preflight()


class UploadResult(StrEnum):
    """In one word what came of an upload or a removal, for the log and for what follows."""

    PUBLISHED = "published"
    BLOCKED = "blocked"
    """Previewed, and not taken: it has errors, or is the draft of a correction."""
    REFUSED = "refused"
    """It cannot be read; its problems stand beside it."""
    GATHERS = "gathers"
    """For the other files of the same upload; it is looked at when no more have come for a while."""
    OVERTAKEN = "overtaken"
    """Another file came behind this one, and its own look is on its way."""
    CONVERTED = "converted"
    """A document became the draft of an issue, which is an upload of its own."""
    WAITS = "waits"
    """For pictures that may be on their way."""
    STALE = "stale"
    """S3 ordered another event behind this one."""
    GONE = "gone"
    """There is no such file any more."""
    ECHO = "echo"
    """A file of ours."""
    RESTORED = "restored"
    """Put there by a restore; nobody uploaded it."""
    WITHDRAWN = "withdrawn"
    """The file was removed, and the issue with it."""
    PAUSED = "paused"
    """The file was removed while the issue went out: its send is held."""
    UNKNOWN = "unknown"
    """What was removed was no issue."""


def announcement(issue: Issue, rendered: RenderedIssue) -> str:
    """Return what the editors are told about once: the hash of the file and the hash of what it became.

    The file as well, because a draft that is made ready reads the same, and goes out.
    """
    return f"{issue.source_hash} {rendered.content_hash}"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of an upload, for the editors to hear and for the send to begin."""

    result: UploadResult
    record: IssueRecord | None = None
    send_now: bool = False
    """Whether the issue asks to go out at once, and may."""
    issue: Issue | None = None
    rendered: RenderedIssue | None = None
    """The issue as it will reach its readers, if the file could be read."""
    version: str = ""
    """Of the file."""
    translations: Mapping[str, str] = field(default_factory=dict)
    """The versions of the files of its translations, by their codes."""
    preflight: Preflight = NOTHING_FOUND
    """What the checks found in it."""
    ready: Sequence[IssueRecord] = ()
    """The issues that were ready when it was checked, oldest first."""
