"""What editors decide."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.calendar import CalendarParts

if TYPE_CHECKING:
    from newsletter.desk.adapters.calendar_links import CalendarLinks
    from newsletter.desk.adapters.comment_links import CommentLinks
    from newsletter.desk.adapters.decide_links import DecideLinks
    from newsletter.desk.adapters.dynamo_reviews import DynamoReviews
    from newsletter.desk.adapters.preview_links import PreviewLinks
    from newsletter.desk.jobs.show_preview import PreviewPagePorts
    from newsletter.desk.jobs.take_upload import UploadPorts
    from newsletter.desk.ports import DecidePorts, PreviewPorts, RemovalPorts, TestPorts
    from newsletter.desk.review_ports import CommentMailPorts, CommentPorts, NamedTestPorts


class DeskParts(CalendarParts):
    """What editors decide."""

    @cached_property
    def decide_links(self) -> DecideLinks:
        """Makes the editors' links to decide."""
        from newsletter.desk.adapters.decide_links import DecideLinks

        return DecideLinks(self.settings.public_url.rstrip("/"), self.editor_keys)

    @cached_property
    def preview_ports(self) -> PreviewPorts:
        """What a preview for the editors touches."""
        from newsletter.desk.ports import PreviewPorts

        return PreviewPorts(
            issues=self.issues,
            content=self.content,
            audience_count=self.audience_count,
            account=self.account,
            links=self.decide_links,
            preview_links=self.preview_links,
            editors=self.editors,
            needs_approval=self.settings.needs_approval,
            offers_digest=self.offers_digest,
        )

    @cached_property
    def preview_links(self) -> PreviewLinks:
        """Makes the addresses of preview pages."""
        from newsletter.desk.adapters.preview_links import PreviewLinks

        return PreviewLinks(self.settings.public_url.rstrip("/"), self.editor_keys)

    @cached_property
    def calendar_links(self) -> CalendarLinks:
        """Makes the addresses of the calendar for calendar programs."""
        from newsletter.desk.adapters.calendar_links import CalendarLinks

        return CalendarLinks(self.settings.public_url.rstrip("/"), self.editor_keys)

    @cached_property
    def comment_links(self) -> CommentLinks:
        """Makes the addresses by which people without an account comment."""
        from newsletter.desk.adapters.comment_links import CommentLinks

        return CommentLinks(self.settings.public_url.rstrip("/"), self.editor_keys)

    @cached_property
    def reviews(self) -> DynamoReviews:
        """What passes between people about an issue before it goes out."""
        from newsletter.desk.adapters.dynamo_reviews import DynamoReviews

        return DynamoReviews(self._client("dynamodb"), self.settings.reviews_table)

    @property
    def comment_ports(self) -> CommentPorts:
        """What commenting on an issue touches."""
        from newsletter.desk.review_ports import CommentPorts

        return CommentPorts(self.reviews, self.issues, self.content, self.counters, self.publish_queue)

    @property
    def comment_mail_ports(self) -> CommentMailPorts:
        """What the email about new comments touches."""
        from newsletter.desk.review_ports import CommentMailPorts

        return CommentMailPorts(self.reviews, self.issues, self.editors, self.settings.public_url.rstrip("/"))

    @property
    def named_test_ports(self) -> NamedTestPorts:
        """What asking for a test to any address touches."""
        from newsletter.desk.review_ports import NamedTestPorts

        return NamedTestPorts(self.reviews, self.issues, self.counters, self.publish_queue)

    @property
    def preview_page_ports(self) -> PreviewPagePorts:
        """What showing a preview page touches."""
        from newsletter.desk.jobs.show_preview import PreviewPagePorts
        from newsletter.issues.adapters.s3_files import SIGNING, S3Downloads

        self.templates.refresh()
        settings = self.settings
        return PreviewPagePorts(
            issues=self.issues,
            content=self.content,
            archive=self.archive,
            needs_approval=settings.needs_approval,
            downloads=S3Downloads(self.make_client("s3", config=SIGNING), settings.content_bucket),
            public_url=settings.public_url.rstrip("/"),
        )

    @property
    def decide_ports(self) -> DecidePorts:
        """What a decision of an editor touches."""
        from newsletter.desk.ports import DecidePorts

        return DecidePorts(
            issues=self.issues,
            sends=self.sends,
            content=self.content,
            queues=self.queues,
            publish_queue=self.publish_queue,
            editors=self.editors,
            links=self.decide_links,
            preview_links=self.preview_links,
            approval=self.settings.require_approval,
        )

    @property
    def test_ports(self) -> TestPorts:
        """What asking for a test touches."""
        from newsletter.desk.ports import TestPorts

        return TestPorts(self.issues, self.counters, self.publish_queue, self.editors)

    @property
    def upload_ports(self) -> UploadPorts:
        """What taking an upload touches."""
        from newsletter.desk.jobs.take_upload import UploadPorts
        from newsletter.desk.ports import GatherPorts

        gather = GatherPorts(self.counters, self.publish_queue, self.settings.gather_seconds)
        desk = self.settings.desk_function
        return UploadPorts(
            gather,
            self.publish_ports,
            self.removal_ports,
            self.preview_ports,
            self.opening,
            self.conversion_ports,
            self.current_rhythm,
            desk_identities=(desk, f"{desk.removesuffix('desk')}api_issues"),
        )

    @property
    def removal_ports(self) -> RemovalPorts:
        """What taking an issue back touches when its file was removed."""
        from newsletter.desk.ports import RemovalPorts

        return RemovalPorts(self.content, self.issues, self.sends, self.publish_queue)
