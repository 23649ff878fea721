"""What reading, rendering and checking an issue needs from the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.issues.file_ports import OwnNames
from newsletter.issues.translation_ports import TranslationReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, time

    from newsletter.issues.domain.issue import Issue, RenderedIssue
    from newsletter.issues.domain.issue_record import IssueRecord
    from newsletter.issues.domain.linked_file import LinkedFile
    from newsletter.issues.domain.own_links import OwnLinks
    from newsletter.issues.domain.picture import Picture
    from newsletter.issues.domain.preflight import Preflight


class Manuscript(OwnNames, Protocol):
    """An issue that was read, and can be rendered."""

    @property
    def issue(self) -> Issue: ...
    @property
    def pictures(self) -> tuple[str, ...]:
        """The names of the issue's own pictures, in the order of their first appearance.

        Raises:
            InvalidIssueError: The text cannot be rendered, or names too many.
        """
        ...

    def render(self, pictures: Mapping[str, Picture], linked_files: Mapping[str, LinkedFile]) -> RenderedIssue:
        """Return the issue ready for its readers; an own picture that is not among these is shown as its words."""


class IssueReader(TranslationReader, Protocol):
    """Reads an issue file."""

    def read(self, slug: str, source: bytes) -> Manuscript:
        """Raises: InvalidIssueError: With every problem, its line and its remedy."""
        ...


class PreflightChecks(Protocol):
    """Looks at an issue as its readers will get it, before anybody does."""

    def check(
        self,
        issue: Issue,
        rendered: RenderedIssue,
        *,
        missing: Sequence[str],
        refused: Mapping[str, str],
        others: Sequence[IssueRecord],
        today: date,
        time_of_day: time,
        own_links: OwnLinks,
    ) -> Preflight:
        """Return everything found, in a stable order; an unusual issue is a finding and never an exception.

        Args:
            issue: As its editors wrote it.
            rendered: As it will be sent.
            missing: Pictures the issue names that do not stand in its folder.
            refused: Pictures that cannot be shown, by name, and why.
            others: The issues we know. This issue's own record may be among them, and tells whether it was sent.
            today: Where the newsletter is at home.
            time_of_day: As its clock shows it then.
            own_links: What its links to files and issues of our own lead to.
        """
        ...


@dataclass(frozen=True, slots=True)
class ExaminationPorts:
    """What reads, renders and checks an issue."""

    reader: IssueReader
    preflight: PreflightChecks
