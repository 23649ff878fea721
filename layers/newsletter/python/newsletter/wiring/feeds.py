"""Drafts that begin with what the publisher's websites have put up."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.calendar import CalendarParts
from newsletter.wiring.drafts import DraftParts
from newsletter.wiring.patience import ASKED_ONCE

if TYPE_CHECKING:
    from newsletter.desk.adapters.feeds.dynamo_feeds import DynamoFeeds
    from newsletter.desk.adapters.feeds.feed_markdown import FeedMarkdown
    from newsletter.desk.adapters.feeds.web_feeds import WebFeeds
    from newsletter.desk.feed_ports import FeedDraftPorts, GatherFeedsPorts
    from newsletter.desk.feeds.feed import Feed


class FeedParts(DraftParts, CalendarParts):
    """Drafts that begin with what the publisher's websites have put up."""

    @cached_property
    def web_feeds(self) -> WebFeeds:
        """The feeds of websites, asked from here."""
        from newsletter.desk.adapters.feeds.feed_pages import FeedPages
        from newsletter.desk.adapters.feeds.web_feeds import WebFeeds
        from newsletter.web.public_connection import allowed_for

        public_url = self.settings.public_url
        return WebFeeds(FeedPages(f"fortnightly-feeds (+{public_url})", allowed=allowed_for(public_url)).fetch)

    @cached_property
    def feed_store(self) -> DynamoFeeds:
        """What is remembered of feeds."""
        from newsletter.desk.adapters.feeds.dynamo_feeds import DynamoFeeds

        return DynamoFeeds(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def feed_markdown(self) -> FeedMarkdown:
        """Writes what is in feeds as the text of an issue."""
        from newsletter.desk.adapters.feeds.feed_markdown import FeedMarkdown

        return FeedMarkdown(self.templates.say)

    @property
    def gather_feeds_ports(self) -> GatherFeedsPorts:
        """What looking at feeds touches; they are read by a function that holds nothing else."""
        from newsletter.desk.adapters.feeds.feed_function import FeedFunction
        from newsletter.desk.feed_ports import GatherFeedsPorts

        function = f"{self.settings.desk_function.removesuffix('desk')}read_feed"
        reader = FeedFunction(self._client("lambda", ASKED_ONCE), function)
        return GatherFeedsPorts(reader, self.feed_store, self.issues, self.threads)

    @property
    def feed_draft_ports(self) -> FeedDraftPorts:
        """What making a draft of feeds touches."""
        from newsletter.desk.feed_ports import FeedDraftPorts

        return FeedDraftPorts(
            gathering=self.gather_feeds_ports,
            feeds=self._feeds,
            writer=self.feed_markdown,
            drafts=self.drafts,
            content=self.content,
            holder=self.slots.holder,
            editors=self.editors,
            public_url=self.settings.public_url.rstrip("/"),
        )

    def _feeds(self) -> tuple[Feed, ...]:
        from newsletter.desk.feeds.feed import feeds_from_held

        return feeds_from_held(self.house_style.current().feeds)
