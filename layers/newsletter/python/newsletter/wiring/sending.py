"""One issue on its way to the audience."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.issues import IssueParts
from newsletter.wiring.patience import ONE_ATTEMPT, PATIENT
from newsletter.wiring.readers import ReaderParts

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.core.audience.part_of_list import PartOfList
    from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
    from newsletter.feedback.adapters.dynamo_probes import DynamoProbes
    from newsletter.feedback.adapters.s3_evidence_archive import S3EvidenceArchive
    from newsletter.issues.domain.issue_record import IssueRecord
    from newsletter.reports.adapters.report_queue import SqsReportQueue
    from newsletter.sending.adapters.call_meter import Metering
    from newsletter.sending.adapters.dynamo_audience_count import DynamoAudienceCount
    from newsletter.sending.adapters.dynamo_due_reports import DynamoDueReports
    from newsletter.sending.adapters.dynamo_rate import DynamoRate
    from newsletter.sending.adapters.dynamo_sends import DynamoSends
    from newsletter.sending.adapters.dynamo_sweeps import DynamoSweeps
    from newsletter.sending.adapters.dynamo_usage import DynamoUsage
    from newsletter.sending.adapters.send_queues import SqsSendQueues
    from newsletter.sending.adapters.ses_account import SesAccount
    from newsletter.sending.adapters.ses_bulk import SesBulk
    from newsletter.sending.adapters.ses_single import SesSingle
    from newsletter.sending.jobs.open_send import Opening
    from newsletter.sending.ports import SendPorts, SettlePorts
    from newsletter.sending.probe_ports import EvidenceChannel


class SendParts(IssueParts, ReaderParts):
    """One issue on its way to the audience."""

    @cached_property
    def account(self) -> SesAccount:
        """What SES allows."""
        from newsletter.sending.adapters.ses_account import SesAccount

        return SesAccount(self.meter.watch(self.make_client("sesv2", config=PATIENT)), self.clock.now)

    @cached_property
    def rate(self) -> DynamoRate:
        """The one rate of all workers."""
        from newsletter.sending.adapters.dynamo_rate import DynamoRate

        return DynamoRate(
            self._client("dynamodb"), self.settings.limits_table, account_rate=lambda: self.account.rate()
        )

    @cached_property
    def evidence(self) -> DynamoEvidence:
        """What SES reported about the recipients of a send."""
        from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence

        return DynamoEvidence(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def archived_evidence(self) -> S3EvidenceArchive:
        """The same, in its second place."""
        from newsletter.feedback.adapters.s3_evidence_archive import S3EvidenceArchive

        return S3EvidenceArchive(self._client("s3"), self.settings.content_bucket)

    @cached_property
    def usage(self) -> DynamoUsage:
        """What functions used of AWS, by send."""
        from newsletter.sending.adapters.dynamo_usage import DynamoUsage

        return DynamoUsage(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def due_reports(self) -> DynamoDueReports:
        """Second reports that are not due yet."""
        from newsletter.sending.adapters.dynamo_due_reports import DynamoDueReports

        return DynamoDueReports(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def queues(self) -> SqsSendQueues:
        """Shards to plan, batches to mail, sends to look at."""
        from newsletter.sending.adapters.send_queues import SqsSendQueues

        settings = self.settings
        return SqsSendQueues(
            plan_queue=self.queue_at(settings.plan_queue_url),
            batch_queue=self.queue_at(settings.batch_queue_url),
            settle_queue=self.queue_at(settings.settle_queue_url),
        )

    @cached_property
    def sends(self) -> DynamoSends:
        """Sends and their books."""
        from newsletter.sending.adapters.dynamo_sends import DynamoSends

        return DynamoSends(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def sweeps(self) -> DynamoSweeps:
        """How far the check of an audience against the list has come."""
        from newsletter.sending.adapters.dynamo_sweeps import DynamoSweeps

        return DynamoSweeps(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def audience_count(self) -> DynamoAudienceCount:
        """How many confirmed subscribers there were an hour ago."""
        from newsletter.sending.adapters.dynamo_audience_count import DynamoAudienceCount

        return DynamoAudienceCount(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def report_queue(self) -> SqsReportQueue:
        """Reports that are to be written."""
        from newsletter.reports.adapters.report_queue import SqsReportQueue

        return SqsReportQueue(self.queue_at(self.settings.report_queue_url))

    def readers_of(self, record: IssueRecord, now: datetime) -> PartOfList:
        """Return who gets an issue that goes out at this moment, by what readers can choose now."""
        from newsletter.core.audience.part_of_list import part_of_list

        self.renew_style()
        day = self.rhythm.local_date(now)
        return part_of_list(record.audience, record.digest, offers_digest=self.offers_digest(), day=day)

    @property
    def opening(self) -> Opening:
        """What opening a send touches."""
        from newsletter.sending.jobs.open_send import Opening

        return Opening(
            issues=self.issues, sends=self.sends, queues=self.queues, publish_queue=self.publish_queue,
            needs_approval=self.settings.needs_approval, shards=self.settings.fan_out_shards,
            readers_of=self.readers_of,
        )  # fmt: skip

    @cached_property
    def send_ports(self) -> SendPorts:
        """What a worker touches."""
        from newsletter.aws.dynamo_batch_get import in_bulk
        from newsletter.readers.adapters.dynamo_mail_records import DynamoMailRecords
        from newsletter.sending.ports import SendPorts

        single, dynamodb = self._single(), in_bulk(self._client("dynamodb"))
        return SendPorts(
            sends=self.sends,
            evidence=self.evidence,
            subscribers=DynamoMailRecords(dynamodb, self.settings.subscribers_table, self.reader_fields),
            content=self.content,
            transport=single if self.settings.send_mode == "single" else self._bulk(),
            single=single,
            rate=self.rate, queues=self.queues, clock=self.clock,
        )  # fmt: skip

    @cached_property
    def settle_ports(self) -> SettlePorts:
        """What settling touches."""
        from newsletter.sending.ports import SettlePorts

        return SettlePorts(
            sends=self.sends, evidence=self.evidence, due_reports=self.due_reports, issues=self.issues,
            queues=self.queues, publish_queue=self.publish_queue, report_queue=self.report_queue, sweeps=self.sweeps,
            audience=self.subscribers, audience_count=self.audience_count, account=self.account,
            channel=self.evidence_channel, editors=self.editors,
            first_wave_wait=timedelta(minutes=self.settings.first_wave_minutes if self.settings.first_wave else 0),
        )  # fmt: skip

    @cached_property
    def probes(self) -> DynamoProbes:
        """What SES reported of probes."""
        from newsletter.feedback.adapters.dynamo_probes import DynamoProbes

        return DynamoProbes(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def evidence_channel(self) -> EvidenceChannel:
        """The way from SES to the evidence."""
        from newsletter.feedback.adapters.evidence_backlog import AwsEvidenceBacklog
        from newsletter.sending.adapters.ses_probe import SesProbe
        from newsletter.sending.probe_ports import EvidenceChannel

        settings = self.settings
        return EvidenceChannel(
            prober=SesProbe(
                self._client("sesv2", ONE_ATTEMPT),
                self.newsletter,
                settings.issues_configuration_set,
                book=lambda: self.rate.take(self.clock.now()),
            ),
            returned=self.probes,
            backlog=AwsEvidenceBacklog(
                self._client("sqs"),
                queue_url=settings.feedback_queue_url,
                dead_letters_url=settings.feedback_dead_letters_url,
                s3_client=self._client("s3"),
                bucket=settings.content_bucket,
            ),
            archive=self.archived_evidence,
        )

    @cached_property
    def metering(self) -> Metering:
        """Writes on the account of a send what was used for it."""
        from newsletter.sending.adapters.call_meter import Metering

        return Metering(self.meter, self.usage, time.monotonic)

    @property
    def grace(self) -> timedelta:
        """How long evidence has to arrive."""
        return timedelta(seconds=self.settings.unknown_grace_seconds)

    @property
    def settle_every(self) -> timedelta:
        """How long an open send may be without a look at it."""
        return timedelta(seconds=self.settings.settle_every_seconds)

    @property
    def _replies_at(self) -> Callable[[str], str] | None:
        return self.links.reply_address if self.settings.count_replies else None

    def _single(self) -> SesSingle:
        from newsletter.sending.adapters.ses_single import SesSingle

        client = self._client("sesv2", ONE_ATTEMPT)
        configuration_set = self.settings.issues_configuration_set
        return SesSingle(client, self.newsletter, configuration_set, replies_at=self._replies_at)

    def _bulk(self) -> SesBulk:
        from newsletter.sending.adapters.ses_bulk import SesBulk, in_bulk

        client = in_bulk(self._client("sesv2", ONE_ATTEMPT))
        configuration_set = self.settings.issues_configuration_set
        return SesBulk(client, self.newsletter, configuration_set, replies_at=self._replies_at)
