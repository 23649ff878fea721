"""From a file to email, page and feeds."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.patience import ASKED_ONCE
from newsletter.wiring.team import TeamParts

if TYPE_CHECKING:
    from newsletter.core.audience.expression import AudienceExpression
    from newsletter.core.audience.look import AudienceLook
    from newsletter.issues.adapters.dynamo_issues import DynamoIssues
    from newsletter.issues.adapters.publish_queue import SqsPublishQueue
    from newsletter.issues.adapters.s3_content import S3Content
    from newsletter.issues.adapters.s3_files import S3Files
    from newsletter.issues.archive.archive import Archive
    from newsletter.issues.checking.preflight import IssueChecks
    from newsletter.issues.domain.issue_record import IssueRecord
    from newsletter.issues.examination_ports import ExaminationPorts
    from newsletter.issues.jobs.convert_document import ConversionPorts
    from newsletter.issues.picture_ports import PicturePorts
    from newsletter.issues.ports import ArchivePorts, PublishPorts
    from newsletter.issues.settings_ports import SettingsPorts
    from newsletter.issues.writing.rendering import Renderer


class IssueParts(TeamParts):
    """From a file to email, page and feeds."""

    @cached_property
    def issues(self) -> DynamoIssues:
        """What we know about the issues."""
        from newsletter.issues.adapters.dynamo_issues import DynamoIssues

        return DynamoIssues(self._client("dynamodb"), self.settings.issues_table)

    def public(self, record: IssueRecord) -> IssueRecord | None:
        """Return an issue as readers may see it now, or None while they may not."""
        from newsletter.issues.domain.public_version import public_version

        required, now = self.settings.needs_approval, self.clock.now()
        return public_version(record, rhythm=self.rhythm, needs_approval=required, now=now)

    @cached_property
    def content(self) -> S3Content:
        """The content bucket."""
        from newsletter.issues.adapters.s3_content import S3Content

        return S3Content(self._client("s3"), self.settings.content_bucket)

    @cached_property
    def publish_queue(self) -> SqsPublishQueue:
        """What is to be published again."""
        from newsletter.issues.adapters.publish_queue import SqsPublishQueue

        return SqsPublishQueue(self.queue_at(self.settings.publish_queue_url))

    @cached_property
    def archive_ports(self) -> ArchivePorts:
        """What writing the site touches."""
        from newsletter.issues.adapters.cloudfront_cache import CloudFrontCache, NoCache
        from newsletter.issues.adapters.s3_site import S3Site
        from newsletter.issues.ports import ArchivePorts

        distribution = self.settings.distribution_id
        return ArchivePorts(
            content=self.content,
            issues=self.issues,
            site=S3Site(self._client("s3"), self.settings.site_bucket),
            archive=self.archive,
            cache=CloudFrontCache(self._client("cloudfront"), distribution) if distribution else NoCache(),
            files=self.files,
            needs_approval=self.settings.needs_approval,
            threads=self.threads,
        )

    @cached_property
    def archive(self) -> Archive:
        """Writes the pages of the site."""
        from newsletter.issues.adapters.issue_card import PillowCards
        from newsletter.issues.archive.archive import Archive
        from newsletter.issues.domain.privacy_notice import Practice

        settings = self.settings
        return Archive(
            self.templates,
            self.newsletter,
            settings.public_url,
            feed_namespace=settings.feed_namespace,
            practice=Practice(
                engagement=settings.engagement,
                ask_useful=settings.ask_useful,
                count_replies=settings.count_replies and bool(settings.inbound_domain),
                unconfirmed_days=settings.unconfirmed_days,
                forget_after_days=settings.forget_after_days,
                keep_receipts_years=settings.keep_receipts_years,
                renew_consent_years=settings.renew_consent_years,
                forget_outcomes_after_days=settings.forget_outcomes_after_days,
            ),
            draw=PillowCards(self._templates_dir).draw,
        )

    @property
    def publish_ports(self) -> PublishPorts:
        """What publishing touches."""
        from newsletter.issues.adapters.picture_function import PictureFunction
        from newsletter.issues.ports import PublishPorts

        return PublishPorts(
            content=self.content,
            issues=self.issues,
            pictures=PictureFunction(self._client("lambda", ASKED_ONCE), self.settings.pictures_function),
            files=self.files,
            examination=self.examination,
            editors=self.editors,
            publish_queue=self.publish_queue,
            needs_approval=self.settings.needs_approval,
            send_now_delay=timedelta(minutes=self.settings.send_now_delay_minutes),
            threads=self.threads,
        )

    @property
    def settings_ports(self) -> SettingsPorts:
        """What taking the publisher's settings touches."""
        from newsletter.issues.adapters.picture_function import PictureFunction
        from newsletter.issues.settings.settings_files import SettingsFiles
        from newsletter.issues.settings_ports import SettingsPorts

        return SettingsPorts(
            content=self.content,
            issues=self.issues,
            style=self.house_style,
            reader=SettingsFiles(self.templates.layer_brand),
            pictures=PictureFunction(self._client("lambda", ASKED_ONCE), self.settings.pictures_function),
            editors=self.editors,
            publish_queue=self.publish_queue,
            registered_forms=lambda: self.pages.registered_forms,
            newsletter_name=self.settings.newsletter_name,
            public_url=self.settings.public_url.rstrip("/"),
            needs_approval=self.settings.needs_approval,
        )

    @cached_property
    def conversion_ports(self) -> ConversionPorts:
        """What making a draft of a document touches."""
        from newsletter.issues.adapters.word_document import WordDocuments
        from newsletter.issues.jobs.convert_document import ConversionPorts

        return ConversionPorts(self.content, self.content, WordDocuments(), self.editors)

    @cached_property
    def files(self) -> S3Files:
        """The files beside issues."""
        from newsletter.issues.adapters.s3_files import S3Files

        settings = self.settings
        return S3Files(
            self._client("s3"),
            settings.content_bucket,
            settings.site_bucket,
            most_megabytes=settings.attachment_megabytes,
        )

    @cached_property
    def picture_ports(self) -> PicturePorts:
        """What making a picture fit touches."""
        from newsletter.issues.adapters.pictures import PillowPictures
        from newsletter.issues.adapters.s3_site import S3Site
        from newsletter.issues.picture_ports import PicturePorts

        site = S3Site(self._client("s3"), self.settings.site_bucket)
        return PicturePorts(content=self.content, pictures=PillowPictures(), site=site, threads=self.threads)

    @property
    def examination(self) -> ExaminationPorts:
        """What reads, renders and checks an issue."""
        from newsletter.issues.examination_ports import ExaminationPorts

        return ExaminationPorts(reader=self.renderer, preflight=self.preflight)

    @cached_property
    def renderer(self) -> Renderer:
        """What makes mail and page of an issue."""
        from newsletter.issues.writing.rendering import Renderer

        settings = self.settings
        return Renderer(
            self.templates,
            self.newsletter,
            settings.public_url,
            engagement_mode=settings.engagement,
            asks_whether_useful=settings.ask_useful,
        )

    @property
    def preflight(self) -> IssueChecks:
        """Every check of an issue before it may be sent."""
        from newsletter.issues.checking.preflight import IssueChecks
        from newsletter.issues.checking.preflight_answers import LinkAnswers

        public_url = self.settings.public_url
        ask = LinkAnswers(f"fortnightly-link-check (+{public_url})") if self.settings.check_links else None
        publisher, fields = self.templates.publisher(self.newsletter), self.templates.reader_fields
        return IssueChecks(
            publisher, public_url, ask=ask, reader_fields=fields,
            look_at_audience=self.look_at_audience, offers_digest=self.offers_digest(),
        )  # fmt: skip

    def look_at_audience(self, expression: AudienceExpression) -> AudienceLook:
        """Count a part of the list. Whoever looks may count, and read nobody."""
        from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
        from newsletter.readers.look_at_audience import look_at_audience
        from newsletter.reports.tag_counts import tag_counts

        audience = DynamoSubscribers(self._client("dynamodb"), self.settings.subscribers_table)
        return look_at_audience(expression, audience=audience, known_tags=lambda: tag_counts(self.content))
