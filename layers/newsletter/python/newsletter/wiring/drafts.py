"""Drafts that editors write in the browser."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.desk.drafts.ports import DraftPictures, DraftPreviewPorts, HandInPorts, StartPorts
from newsletter.wiring.calendar import CalendarParts

if TYPE_CHECKING:
    from newsletter.desk.adapters.front_matter_form import YamlForm
    from newsletter.desk.adapters.s3_drafts import S3Drafts
    from newsletter.desk.adapters.s3_uploads import S3Uploads


class DraftParts(CalendarParts):
    """Drafts that editors write in the browser."""

    @cached_property
    def drafts(self) -> S3Drafts:
        """Where drafts are kept."""
        from newsletter.desk.adapters.s3_drafts import S3Drafts

        return S3Drafts(self._client("s3"), self.settings.content_bucket)

    @cached_property
    def draft_uploads(self) -> S3Uploads:
        """Where drafts become uploads."""
        from newsletter.desk.adapters.s3_uploads import S3Uploads

        return S3Uploads(self._client("s3"), self.settings.content_bucket)

    @cached_property
    def front_matter_form(self) -> YamlForm:
        """Reads and changes the fields of a draft."""
        from newsletter.desk.adapters.front_matter_form import YamlForm

        return YamlForm()

    @property
    def hand_in_ports(self) -> HandInPorts:
        """What making an upload of a draft touches."""
        return HandInPorts(self.drafts, self.content, self.draft_uploads)

    @property
    def start_ports(self) -> StartPorts:
        """What beginning an issue touches."""
        return StartPorts(self.drafts, self.content, self.issues, self.draft_uploads, self.front_matter_form)

    def draft_preview_ports(self, pictures: DraftPictures) -> DraftPreviewPorts:
        """What looking at a draft reads; the checks ask no links, since a preview follows every pause in typing."""
        from newsletter.issues.checking.preflight import IssueChecks
        from newsletter.issues.examination_ports import ExaminationPorts

        self.templates.refresh()
        checks = IssueChecks(self.templates.publisher(self.newsletter), self.settings.public_url)
        return DraftPreviewPorts(
            examination=ExaminationPorts(reader=self.renderer, preflight=checks),
            archive=self.archive,
            issues=self.issues,
            content=self.content,
            files=self.files,
            pictures=pictures,
        )
