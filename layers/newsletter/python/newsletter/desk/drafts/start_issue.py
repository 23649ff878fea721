"""A new issue begun: from the publisher's template, from nothing, or from another issue."""

from __future__ import annotations

from datetime import date, datetime

from newsletter.core.slot import Rhythm
from newsletter.desk.drafts.draft import Draft, DraftNote, plain_lines, word_count
from newsletter.desk.drafts.fields import FieldValue
from newsletter.desk.drafts.ports import StartPorts
from newsletter.errors import InvalidIssueError, InvalidRequestError, SlugTakenError, UnknownDraftError
from newsletter.issues.domain.issue import IssueStatus, free_slug, is_slug, slug_for
from newsletter.issues.domain.send_time import expected_slots
from newsletter.issues.domain.upload import FOLDER

TEMPLATE = "settings/new-issue.md"
"""What new issues begin with, if the publisher put it there: a file as of an issue; title and date are filled in."""

BEGINNING = "---\n---\n\nHello {{ name | there }},\n\n"

SLOTS = 26
"""A year of fortnights."""


def start_issue(
    issue_title: str,
    *,
    saved_by: str,
    ports: StartPorts,
    rhythm: Rhythm,
    now: datetime,
    day: date | None = None,
    slug: str = "",
) -> Draft:
    """Begin an issue as a draft that is not ready, dated to the next slot without an issue.

    Args:
        issue_title: As readers will see it.
        saved_by: The address of the editor.
        ports: What it touches.
        rhythm: When slots are.
        now: The present.
        day: Another day.
        slug: Another name than day and title make.

    Raises:
        InvalidRequestError: There is no title, or the name cannot be an address.
        InvalidIssueError: The publisher's template cannot be read.
        SlugTakenError: An issue has this name; the error says which is free.
    """
    template = ports.content.read(TEMPLATE)
    text = BEGINNING if template is None else template.decode("utf-8-sig", "replace")
    return _begun(text, issue_title, {}, saved_by, day or _next_free_day(ports, rhythm, now), slug, ports)


def duplicate_issue(
    original_slug: str,
    issue_title: str,
    *,
    saved_by: str,
    ports: StartPorts,
    rhythm: Rhythm,
    now: datetime,
    day: date | None = None,
) -> Draft:
    """Begin an issue as a copy of another one, its pictures and files with it.

    What belongs to the one alone stays behind: where its text first appeared, and what its editors accepted.

    Args:
        original_slug: The other issue; its draft counts more than what was uploaded.
        issue_title: Of the copy.
        saved_by: The address of the editor.
        ports: What it touches.
        rhythm: When slots are.
        now: The present.
        day: Another day than that of the next slot without an issue.

    Raises:
        UnknownDraftError: There is no such issue.
        InvalidRequestError, InvalidIssueError, SlugTakenError: As `start_issue`.
    """
    draft = ports.shelf.newest(original_slug) if is_slug(original_slug) else None
    uploaded = ports.content.read(f"{FOLDER}{original_slug}.md") if draft is None and is_slug(original_slug) else None
    if draft is None and uploaded is None:
        raise UnknownDraftError(f"there is no issue “{original_slug}”")
    text = draft.text if draft else (uploaded or b"").decode("utf-8-sig", "replace")
    left: dict[str, FieldValue | None] = {"canonical": None, "accept": None}
    copy = _begun(text, issue_title, left, saved_by, day or _next_free_day(ports, rhythm, now), "", ports)
    ports.uploads.copy_files(original_slug, to_slug=copy.slug)
    return copy


def _begun(
    text: str, title: str, changes: dict[str, FieldValue | None], saved_by: str, day: date, slug: str, ports: StartPorts
) -> Draft:
    words = " ".join(title.split())
    if not words:
        raise InvalidRequestError("an issue needs a title")
    slug = slug or slug_for(day, words)
    if not is_slug(slug):
        raise InvalidRequestError(
            f"“{slug}” cannot be a web address; use lower-case letters, digits and single hyphens"
        )
    try:
        fields = {"title": words, "date": day.isoformat(), "status": "draft", **changes}
        text = plain_lines(ports.form.changed(text, fields))
    except InvalidIssueError as exc:
        raise InvalidIssueError(TEMPLATE, exc.problems) from exc
    note = DraftNote(saved_by, words=word_count(text))
    draft = None if _is_taken(slug, ports) else ports.shelf.put(slug, text, note, instead_of=None)
    if draft is None:
        raise SlugTakenError(slug, free_slug(slug, lambda name: _is_taken(name, ports)))
    return draft


def _is_taken(slug: str, ports: StartPorts) -> bool:
    """Return whether anything has this name, a withdrawn issue too: its books and its page are under it."""
    return bool(ports.issues.get(slug) or ports.shelf.newest(slug) or ports.content.stands(f"{FOLDER}{slug}.md"))


def _next_free_day(ports: StartPorts, rhythm: Rhythm, now: datetime) -> date:
    """Return the day of the next slot for which neither an issue that is ready nor a draft is meant."""
    expected = set(expected_slots(ports.issues.with_status(IssueStatus.READY), rhythm, now=now).values())
    begun = {slug[:10] for slug in ports.shelf.slugs()}
    slots = rhythm.next_slots(SLOTS, now)
    days = [rhythm.local_date(slot) for slot in slots if slot not in expected]
    free = [day for day in days if day.isoformat() not in begun]
    return (free or days or [rhythm.local_date(now)])[0]
