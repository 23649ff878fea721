"""Programs that are told of events."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.sessions import SessionParts

if TYPE_CHECKING:
    from newsletter.desk.adapters.webhooks.delivery_queue import MessagesAside
    from newsletter.desk.adapters.webhooks.dynamo_deliveries import DynamoDeliveries
    from newsletter.desk.adapters.webhooks.dynamo_endpoints import DynamoEndpoints
    from newsletter.desk.adapters.webhooks.record_changes import RecordChanges
    from newsletter.desk.webhook_ports import DeliverPorts, WebhookPorts


class WebhookParts(SessionParts):
    """Programs that are told of events."""

    @cached_property
    def endpoints(self) -> DynamoEndpoints:
        """Where they are told."""
        from newsletter.desk.adapters.webhooks.dynamo_endpoints import DynamoEndpoints

        return DynamoEndpoints(self._client("dynamodb"), self.settings.webhooks_table)

    @cached_property
    def deliveries(self) -> DynamoDeliveries:
        """What became of each event."""
        from newsletter.desk.adapters.webhooks.dynamo_deliveries import DynamoDeliveries

        return DynamoDeliveries(self._client("dynamodb"), self.settings.webhooks_table)

    @cached_property
    def record_changes(self) -> RecordChanges:
        """Tells events from the streams of the tables."""
        from newsletter.desk.adapters.webhooks.record_changes import RecordChanges

        settings = self.settings
        return RecordChanges(
            subscribers_table=settings.subscribers_table,
            suppressions_table=settings.suppressions_table,
            issues_table=settings.issues_table,
            sends_table=settings.sends_table,
            public_url=settings.public_url.rstrip("/"),
        )

    @property
    def webhook_ports(self) -> WebhookPorts:
        """What queueing deliveries touches."""
        from newsletter.desk.adapters.webhooks.delivery_queue import SqsDeliveryQueue
        from newsletter.desk.webhook_ports import WebhookPorts

        queue = SqsDeliveryQueue(self.queue_at(self.settings.webhook_queue_url))
        return WebhookPorts(self.endpoints, self.deliveries, queue)

    @cached_property
    def deliver_ports(self) -> DeliverPorts:
        """What delivering an event touches."""
        from random import SystemRandom

        from newsletter.desk.adapters.webhooks.dynamo_emails import DynamoEmails
        from newsletter.desk.adapters.webhooks.https_post import HttpsPost
        from newsletter.desk.adapters.webhooks.signatures import signature_headers
        from newsletter.desk.webhook_ports import DeliverPorts
        from newsletter.web.public_connection import PublicConnections, is_public, is_public_or_loopback

        public_url = self.settings.public_url
        allowed = is_public_or_loopback if self.on_loopback else is_public
        return DeliverPorts(
            endpoints=self.endpoints,
            deliveries=self.deliveries,
            activities=self.activities,
            news=self.sign_in_queue,
            email_of=DynamoEmails(self._client("dynamodb"), self.settings.subscribers_table).of_subscriber,
            sign=signature_headers,
            post=HttpsPost(f"fortnightly-webhooks (+{public_url})", PublicConnections(allowed=allowed)),
            chance=SystemRandom().random,
        )

    @cached_property
    def deliveries_aside(self) -> MessagesAside:
        """Deliveries that wait for their next attempt."""
        from newsletter.desk.adapters.webhooks.delivery_queue import MessagesAside

        return MessagesAside(lambda: self._client("sqs"), self.settings.webhook_queue_url)

    @cached_property
    def on_loopback(self) -> bool:
        """Whether this is a laptop, where nothing that is public can be reached at the newsletter's address."""
        from urllib.parse import urlsplit

        from newsletter.web.public_connection import is_loopback

        parts = urlsplit(self.settings.public_url)
        return parts.scheme == "http" and is_loopback(parts.hostname or "")
