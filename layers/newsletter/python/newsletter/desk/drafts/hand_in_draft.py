"""Handing in a draft: it becomes an upload like any other, and what follows an upload follows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsletter.desk.draft_ports import WritePorts
from newsletter.desk.drafts.draft import Draft, NewVersion
from newsletter.desk.drafts.merge import Merged, merge
from newsletter.desk.drafts.open_draft import text_of, uploaded_text
from newsletter.desk.drafts.save_draft import TRIES
from newsletter.errors import InvalidRequestError


class HandedIn(StrEnum):
    """What came of it."""

    DONE = "done"
    NEWER_UPLOAD = "newer_upload"
    """Somebody uploaded the issue since the draft began: both were put together, for her to look at."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """What came of it, and the draft as it stands."""

    result: HandedIn
    draft: Draft
    clashes: tuple[int, ...] = ()


def hand_in_draft(slug: str, version: str, *, uploaded_by: str, ports: WritePorts) -> HandIn:
    """Upload exactly the version that somebody looked at.

    Args:
        slug: The draft.
        version: Of it.
        uploaded_by: Whoever hands it in, as decisions know them.
        ports: What writing touches.

    Raises:
        InvalidRequestError: There is no such draft, or somebody saved another version since.
    """
    draft = ports.drafts.newest(slug)
    if draft is None:
        raise InvalidRequestError("there is no such draft any more; it may have been handed in by somebody else")
    if draft.version != version:
        raise InvalidRequestError(
            "somebody has changed the text since you looked at it; read it again, then hand it in"
        )
    handed_in = ports.drafts.hand_over(slug, draft.text, uploaded_by=uploaded_by, upload_version=draft.upload_version)
    if handed_in is None:
        return _with_newer_upload(draft, ports)
    return HandIn(HandedIn.DONE, _from_now_on(draft, handed_in, ports))


def _from_now_on(handed_in: Draft, upload_version: str, ports: WritePorts) -> Draft:
    """Let the draft go on from its own upload, so that the next correction begins where this one ended."""
    draft: Draft | None = handed_in
    for _ in range(TRIES):
        if draft is None:
            break
        after = NewVersion(draft.slug, draft.text, draft.saved_by, upload_version=upload_version, saves=draft.saves)
        written = ports.drafts.write(after, over=draft)
        if written is not None:
            return written
        # A colleague saved at that moment: made from what was handed in, so that it goes on from there too.
        draft = ports.drafts.newest(handed_in.slug)
    return handed_in


def _with_newer_upload(draft: Draft, ports: WritePorts) -> HandIn:
    key = f"issues/{draft.slug}.md"
    upload = ports.content.newest(key)
    theirs, version = (text_of(upload.body), upload.version) if upload else ("", "")
    if theirs == draft.text:
        # It was handed in before, and cut off behind that.
        return HandIn(HandedIn.DONE, _from_now_on(draft, version, ports))
    base = uploaded_text(draft.slug, draft.upload_version, ports=ports)
    # What was uploaded is gone where somebody removed it: then there is nothing that this could be put together with.
    merged = merge(base or "", draft.text, theirs) if upload else Merged(draft.text)
    new = NewVersion(draft.slug, merged.text, draft.saved_by, upload_version=version, saves=draft.saves)
    written = ports.drafts.write(new, over=draft)
    if written is None:
        raise InvalidRequestError("somebody saved the text at the same moment; read it again, then hand it in")
    return HandIn(HandedIn.NEWER_UPLOAD, written, merged.clashes)
