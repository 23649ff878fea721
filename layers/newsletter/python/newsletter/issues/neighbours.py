"""The other issues that one is looked at with: those it links to, and those it is compared with."""

from __future__ import annotations

from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.own_links import Neighbour
from newsletter.issues.examination import COMPARED
from newsletter.issues.ports import ContentStore, IssueStore


def neighbour(slug: str, *, issues: IssueStore, content: ContentStore) -> Neighbour | None:
    """Return another issue with what is served beside its page; None if there is none of this name."""
    record = issues.get(slug)
    if record is None:
        return None
    rendered = content.rendered(slug, record.content_hash)
    paths = [each.path for one in rendered.editions for each in one.files]
    paths += [each.path for one in rendered.editions for each in one.pictures]
    return Neighbour(record, frozenset(paths))


def compared_with(slug: str, *, issues: IssueStore) -> list[IssueRecord]:
    """Return the issues that one is compared with: what waits, what went out lately, and its own record."""
    own = issues.get(slug)
    return [*issues.with_status(IssueStatus.READY), *issues.newest(COMPARED), *([own] if own else [])]
