"""What SES reports, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from newsletter.wiring.patience import HURRIED, PATIENT
from newsletter.wiring.sending import SendParts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.feedback.adapters.dynamo_account_watch import DynamoAccountWatch
    from newsletter.feedback.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch
    from newsletter.feedback.adapters.dynamo_engagement import DynamoEngagement
    from newsletter.feedback.adapters.dynamo_responses import DynamoResponses
    from newsletter.feedback.adapters.feedback_queue import SqsFeedbackQueue
    from newsletter.feedback.adapters.reconcile_queue import SqsReconcileQueue
    from newsletter.feedback.adapters.s3_event_files import S3EventFiles
    from newsletter.feedback.adapters.s3_evidence_archive import S3EvidenceArchive
    from newsletter.feedback.adapters.ses_suppression_list import SesSuppressionList
    from newsletter.feedback.domain.breaker import Breaker
    from newsletter.feedback.first_wave_ports import FirstWavePorts
    from newsletter.feedback.ports import (
        AccountPorts,
        FeedbackPorts,
        HoldNoticePorts,
        HoldPorts,
        ReceptionPorts,
        ReconcilePorts,
    )
    from newsletter.feedback.queue_ports import TakingPorts
    from newsletter.feedback.response_ports import ReplyPorts
    from newsletter.readers.domain.limits import Lane


class FeedbackParts(SendParts):
    """What SES reports, and what follows from it."""

    @cached_property
    def engagement(self) -> DynamoEngagement | None:
        """Opens and clicks; None if they are not measured."""
        from newsletter.feedback.adapters.dynamo_engagement import DynamoEngagement

        how = self.settings.engagement
        if how == "off":
            return None
        return DynamoEngagement(self._client("dynamodb"), self.settings.sends_table, individual=how == "individual")

    @cached_property
    def responses(self) -> DynamoResponses:
        """What readers say about issues of their own accord."""
        from newsletter.feedback.adapters.dynamo_responses import DynamoResponses

        return DynamoResponses(self._client("dynamodb"), self.settings.limits_table)

    @property
    def reply_ports(self) -> ReplyPorts:
        """What counting a reply touches."""
        from newsletter.feedback.response_ports import ReplyPorts

        return ReplyPorts(self.addresses, self.subscribers, self.responses, self.greet_queue)

    @cached_property
    def feedback_ports(self) -> FeedbackPorts:
        """What recording feedback touches."""
        from newsletter.feedback.adapters.dynamo_unfamiliar import DynamoUnfamiliar
        from newsletter.feedback.ports import FeedbackPorts

        return FeedbackPorts(
            sends=self.sends,
            evidence=self.evidence,
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            issues=self.issues,
            unfamiliar=DynamoUnfamiliar(self._client("dynamodb"), self.settings.limits_table),
            probes=self.probes,
        )

    @cached_property
    def confirmation_watches(self) -> Mapping[Lane, DynamoConfirmationWatch]:
        """Whether confirmation mail is held, for each lane."""
        from newsletter.feedback.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch
        from newsletter.readers.domain.limits import Lane

        client, table = self._client("dynamodb"), self.settings.limits_table
        return {lane: DynamoConfirmationWatch(client, table, lane) for lane in Lane}

    def network_watch(self, network: str) -> DynamoConfirmationWatch:
        """Whether confirmation mail is held that sign-ups from one network cause."""
        from newsletter.feedback.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch

        return DynamoConfirmationWatch(self._client("dynamodb"), self.settings.limits_table, network=network)

    @property
    def hold_ports(self) -> HoldPorts:
        """What holding confirmation mail touches."""
        from newsletter.feedback.ports import HoldPorts

        return HoldPorts(
            watches=self.confirmation_watches,
            network_watches=self.network_watch,
            report_queue=self.report_queue,
        )

    @property
    def hold_notice_ports(self) -> HoldNoticePorts:
        """What telling the editors of a hold touches."""
        from newsletter.feedback.adapters.hold_links import HoldLinks
        from newsletter.feedback.ports import HoldNoticePorts

        links = HoldLinks(self.settings.public_url.rstrip("/"), self.editor_keys)
        return HoldNoticePorts(watches=self.confirmation_watches, links=links, editors=self.editors)

    @property
    def reception_ports(self) -> ReceptionPorts:
        """What everything that follows from SES's events touches."""
        from newsletter.feedback.ports import ReceptionPorts

        return ReceptionPorts(
            recording=self.feedback_ports,
            holding=self.hold_ports,
            queues=self.queues,
            engagement=self.engagement,
            breaker=self.breaker,
            confirmation_breaker=self.confirmation_breaker,
            counters=self.counters,
        )

    @cached_property
    def feedback_queue(self) -> SqsFeedbackQueue:
        """The queue of SES's reports."""
        from newsletter.feedback.adapters.feedback_queue import SqsFeedbackQueue

        return SqsFeedbackQueue(
            self._client("sqs"),
            queue_url=self.settings.feedback_queue_url,
            dead_letters_url=self.settings.feedback_dead_letters_url,
        )

    @property
    def taking_ports(self) -> TakingPorts:
        """What taking reports of SES out of their queue touches."""
        from newsletter.feedback.adapters.ses_events import read_notification
        from newsletter.feedback.queue_ports import TakingPorts

        return TakingPorts(
            queue=self.feedback_queue,
            files=self.event_files,
            archive=self.hurried_archive,
            read=partial(read_notification, topic_arn=self.settings.feedback_topic_arn, addresses=self.addresses),
            reception=self.reception_ports,
        )

    @cached_property
    def first_wave_ports(self) -> FirstWavePorts:
        """What holding the rest of a send back touches."""
        from newsletter.feedback.adapters.dynamo_first_wave import DynamoFirstWave
        from newsletter.feedback.first_wave_ports import FirstWavePorts

        return FirstWavePorts(
            waves=DynamoFirstWave(self._client("dynamodb"), self.settings.sends_table),
            sends=self.sends,
            clock=self.clock,
            size=self.settings.first_wave,
            wait=timedelta(minutes=self.settings.first_wave_minutes),
            sample=self.settings.breaker_sample,
        )

    @cached_property
    def event_files(self) -> S3EventFiles:
        """Files of events that Firehose wrote."""
        from newsletter.feedback.adapters.s3_event_files import S3EventFiles
        from newsletter.feedback.adapters.ses_events import read_event

        read = partial(read_event, addresses=self.addresses)
        return S3EventFiles(self._hurried_s3, self.settings.content_bucket, read)

    @cached_property
    def hurried_archive(self) -> S3EvidenceArchive:
        """The second place of evidence, with a client that gives up soon: the tables are tried next."""
        from newsletter.feedback.adapters.s3_evidence_archive import S3EvidenceArchive

        return S3EvidenceArchive(self._hurried_s3, self.settings.content_bucket)

    @cached_property
    def _hurried_s3(self) -> Any:
        return self.meter.watch(self.make_client("s3", config=HURRIED))

    @property
    def confirmation_breaker(self) -> Breaker:
        """How many bounces and complaints hold confirmation mail."""
        return replace(self.breaker, sample=self.settings.breaker_confirmation_sample)

    @property
    def breaker(self) -> Breaker:
        """How many bounces and complaints hold a send."""
        from newsletter.feedback.domain.breaker import Breaker

        settings = self.settings
        return Breaker(settings.breaker_sample, settings.breaker_bounces, settings.breaker_complaints)

    @cached_property
    def account_watch(self) -> DynamoAccountWatch:
        """What is remembered about the account."""
        from newsletter.feedback.adapters.dynamo_account_watch import DynamoAccountWatch

        return DynamoAccountWatch(self._client("dynamodb"), self.settings.limits_table)

    @property
    def account_ports(self) -> AccountPorts:
        """What watching the account touches."""
        from newsletter.feedback.ports import AccountPorts

        return AccountPorts(
            watch=self.account_watch,
            editors=self.editors,
        )

    @cached_property
    def suppression_list(self) -> SesSuppressionList:
        """Whom SES does not mail."""
        from newsletter.feedback.adapters.ses_suppression_list import SesSuppressionList

        return SesSuppressionList(self.make_client("sesv2", config=PATIENT))

    @property
    def reconcile_ports(self) -> ReconcilePorts:
        """What comparing suppressions touches."""
        from newsletter.feedback.ports import ReconcilePorts

        return ReconcilePorts(
            listed=self.suppression_list,
            suppressions=self.suppressions,
            subscribers=self.subscribers,
            addresses=self.addresses,
            clock=self.clock,
        )

    @cached_property
    def reconcile_queue(self) -> SqsReconcileQueue:
        """The comparison of suppressions, from part to part."""
        from newsletter.feedback.adapters.reconcile_queue import SqsReconcileQueue

        return SqsReconcileQueue(self.queue_at(self.settings.settle_queue_url))
