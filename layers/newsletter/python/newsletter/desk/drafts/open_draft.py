"""Opening a draft: as it stands, from the issue that was uploaded, or a new one."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from urllib.parse import quote

from newsletter.desk.draft_ports import WritePorts
from newsletter.desk.drafts.draft import Draft, NewVersion
from newsletter.desk.drafts.issue_fields import joined, split, with_values, without_fields
from newsletter.errors import InvalidRequestError, NameTakenError
from newsletter.issues.domain.issue import LONGEST_SLUG

TEMPLATE = "settings/new-issue.md"
"""Of the content bucket: what every new issue begins with, if the publisher put one there."""

OF_ONE_ISSUE = ("canonical", "accept")
"""Fields that say something of one issue alone: where it stood first, which findings its editors accepted."""

BEGINNING = "Hello {{ name | there }},\n\n"


def open_draft(slug: str, *, ports: WritePorts) -> Draft | None:
    """Return the draft of this issue; one that is not saved yet begins with what was uploaded last."""
    draft = ports.drafts.newest(slug)
    if draft is not None:
        return draft
    upload = ports.content.newest(f"issues/{slug}.md")
    if upload is None:
        return None
    return Draft(slug, text_of(upload.body), upload_version=upload.version)


def text_of(file_bytes: bytes) -> str:
    """Return the text of an upload as the form would send it: two that differ in what nobody typed are the same."""
    return joined(*split(file_bytes.decode("utf-8-sig", errors="replace")))


def uploaded_text(slug: str, version: str, *, ports: WritePorts) -> str | None:
    """Return the text that a page was opened with which had no draft yet; None if it is gone."""
    upload = ports.content.version(f"issues/{slug}.md", version) if version else None
    return None if upload is None else text_of(upload)


def start_issue(title: str, day: date, *, saved_by: str, ports: WritePorts) -> Draft:
    """Begin a new issue for this day.

    Raises:
        InvalidRequestError: It has no title.
        NameTakenError: There is an issue or a draft of this name.
    """
    words = " ".join(title.split())
    if not words:
        raise InvalidRequestError("an issue needs a title; it can be changed later")
    slug = slug_of(day, words)
    if ports.issues.get(slug) is not None or ports.content.stands(f"issues/{slug}.md"):
        raise NameTakenError(f"there is an issue {slug} already; choose another title, or write on that one", slug)
    new = NewVersion(slug, first_text(words, day, ports.content.read(TEMPLATE)), saved_by)
    written = ports.drafts.write(new, over=None)
    if written is None:
        raise NameTakenError(f"there is a draft {slug} already; write on that one, or choose another title", slug)
    return written


def first_text(
    title: str, day: date, template_bytes: bytes | None, *, status_word: str = "ready", below: str = ""
) -> str:
    """Return what a new issue begins with.

    Args:
        title: On one line.
        day: Its date.
        template_bytes: What the publisher lets every issue begin with; None for our own beginning.
        status_word: As its front matter says it.
        below: What follows the text of the template.
    """
    front_matter, body = (
        split(template_bytes.decode("utf-8-sig", errors="replace")) if template_bytes else ("", BEGINNING)
    )
    fields = {"title": title, "date": day.isoformat(), "status": status_word}
    text = f"{body.rstrip()}\n\n{below}".lstrip() if below else body
    return joined(with_values(front_matter, fields), text)


def free_title(title: str, day: date, *, ports: WritePorts) -> str:
    """Return this title with the first number behind it that makes a name no issue and no draft has."""
    begins = " ".join(title.split())[: LONGEST_SLUG - len("2026-01-01--99")]
    titles = (f"{begins} {number}" for number in range(2, 100))
    return next((each for each in titles if _is_free(slug_of(day, each), ports)), "")


def _is_free(slug: str, ports: WritePorts) -> bool:
    return (
        ports.issues.get(slug) is None
        and not ports.content.stands(f"issues/{slug}.md")
        and ports.drafts.newest(slug) is None
    )


def copy_issue(slug: str, title: str, day: date, *, saved_by: str, ports: WritePorts) -> Draft:
    """Begin a new issue with the text of another, and with the files that it shows.

    Raises:
        InvalidRequestError: There is no such issue.
        NameTakenError: There is one of the new name already.
    """
    source = open_draft(slug, ports=ports)
    if source is None:
        raise InvalidRequestError("there is no such issue any more, so it cannot be copied")
    draft = start_issue(title, day, saved_by=saved_by, ports=ports)
    front_matter, body = split(source.text)
    fields = {"title": " ".join(title.split()), "date": day.isoformat(), "status": "ready", "send": ""}
    front_matter = without_fields(with_values(front_matter, fields), OF_ONE_ISSUE)
    new = NewVersion(draft.slug, joined(front_matter, body), saved_by)
    for name in ports.drafts.file_names(slug):
        if name in source.text or quote(name) in source.text:
            ports.drafts.copy_file(slug, name, to=draft.slug)
    return ports.drafts.write(new, over=draft) or draft


def slug_of(day: date, title: str) -> str:
    """Return the name of a new issue: its day and the words of its title, as they stand in an address."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", plain)).strip("-") or "issue"
    return f"{day.isoformat()}-{words}"[:LONGEST_SLUG].strip("-")
