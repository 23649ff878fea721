"""What an editor is told about an issue: where it stands, and what can be decided."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.desk.domain.decision import Verb
from newsletter.desk.domain.stage import Stage
from newsletter.issues.domain.issue_record import IssueRecord


@dataclass(frozen=True, slots=True)
class IssueDescription:
    """What a page or an email says about an issue."""

    record: IssueRecord | None
    stage: Stage
    stage_words: str
    sentences: tuple[str, ...]
    newer: bool
    """Whether the link is about an older version than the one that stands."""
    verbs: tuple[Verb, ...]
    """What this editor can still decide, the one that the link is for first."""
    preview_url: str = ""
    """Of the newest version; empty if there is no preview."""
