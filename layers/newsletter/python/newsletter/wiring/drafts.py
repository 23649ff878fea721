"""Issues while they are written at the desk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.issues import IssueParts

if TYPE_CHECKING:
    from newsletter.desk.adapters.s3_arrivals import S3Arrivals
    from newsletter.desk.adapters.s3_drafts import S3Drafts
    from newsletter.desk.draft_ports import WritePorts


class DraftParts(IssueParts):
    """Issues while they are written at the desk."""

    @cached_property
    def drafts(self) -> S3Drafts:
        """What is being written."""
        from newsletter.desk.adapters.s3_drafts import S3Drafts

        return S3Drafts(self._client("s3"), self.settings.content_bucket)

    @cached_property
    def arrivals(self) -> S3Arrivals:
        """Files on their way into a draft."""
        from newsletter.aws.upload_forms import SIGNING
        from newsletter.desk.adapters.s3_arrivals import S3Arrivals

        return S3Arrivals(self._client("s3"), self.make_client("s3", config=SIGNING), self.settings.content_bucket)

    @property
    def write_ports(self) -> WritePorts:
        """What the page that an issue is written on touches."""
        from newsletter.desk.draft_ports import WritePorts
        from newsletter.issues.checking.preflight import IssueChecks
        from newsletter.issues.examination_ports import ExaminationPorts

        # Other people's sites are not asked at every pause of a typist; they are when it is handed in.
        publisher, url = self.templates.publisher(self.newsletter), self.settings.public_url
        fields = self.templates.reader_fields
        checks = IssueChecks(
            publisher, url, ask=None, reader_fields=fields,
            look_at_audience=self.look_at_audience, offers_digest=self.offers_digest(),
        )  # fmt: skip
        examination = ExaminationPorts(reader=self.renderer, preflight=checks)
        return WritePorts(self.drafts, self.content, self.issues, examination)
