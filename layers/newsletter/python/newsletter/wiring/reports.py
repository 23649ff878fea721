"""What became of a send, and how the list grows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.calendar import CalendarParts
from newsletter.wiring.feedback import FeedbackParts

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.aws.dead_letters import DeadLetters
    from newsletter.reports.adapters.dynamo_census import DynamoCensus
    from newsletter.reports.adapters.dynamo_retention_log import DynamoRetentionLog
    from newsletter.reports.adapters.report_links import ReportLinks
    from newsletter.reports.adapters.sqs_watch import SqsSignOfLife, StackDeadLetters
    from newsletter.reports.ports import ComparisonPorts, MeasurePorts, ReportPorts
    from newsletter.reports.retention_ports import RetentionPorts


class ReportParts(FeedbackParts, CalendarParts):
    """What became of a send, and how the list grows."""

    @cached_property
    def census(self) -> DynamoCensus:
        """The whole list, for counting."""
        from newsletter.reports.adapters.dynamo_census import DynamoCensus

        settings = self.settings
        return DynamoCensus(self._client("dynamodb"), settings.subscribers_table, settings.suppressions_table)

    @property
    def dead_letters(self) -> DeadLetters:
        """Messages that failed for good, of the queues whose names every function knows."""
        from newsletter.aws.dead_letters import DeadLetters

        settings = self.settings
        urls = {
            "publish": settings.publish_queue_url, "plan": settings.plan_queue_url, "batch": settings.batch_queue_url,
            "settle": settings.settle_queue_url, "report": settings.report_queue_url,
            "greet": settings.greet_queue_url, "sign_in": settings.sign_in_queue_url,
            "feedback": settings.feedback_queue_url,
        }  # fmt: skip
        return DeadLetters(self._client("sqs"), urls)

    @property
    def report_links(self) -> ReportLinks:
        """Makes the links to reports."""
        from newsletter.reports.adapters.report_links import ReportLinks

        return ReportLinks(self.settings.public_url.rstrip("/"), self.editor_keys)

    @cached_property
    def failed_work(self) -> StackDeadLetters:
        """What failed for good, in all queues of this stack, after which its functions are named."""
        from newsletter.reports.adapters.sqs_watch import StackDeadLetters

        return StackDeadLetters(self._client("sqs"), self.settings.desk_function.removesuffix("-desk"))

    @cached_property
    def sign_of_life(self) -> SqsSignOfLife:
        """How the watch says that all is well."""
        from newsletter.reports.adapters.sqs_watch import SqsSignOfLife

        return SqsSignOfLife(self.queue_at(self.settings.all_well_queue_url))

    @property
    def measure_ports(self) -> MeasurePorts:
        """What metrics are made of, and where they go."""
        from newsletter.reports.ports import MeasurePorts

        return MeasurePorts(
            metrics=self.metrics,
            dead_letters=self.failed_work,
            confirmation_holds=tuple(self.confirmation_watches.values()),
            account=self.account,
            audience=self.subscribers,
            audience_count=self.audience_count,
            watching=self.account_ports,
            unstarted=self._unstarted,
            sign_of_life=self.sign_of_life,
        )

    def _unstarted(self, now: datetime) -> list[datetime]:
        from newsletter.calendar.jobs.unstarted_hours import unstarted_hours
        from newsletter.calendar.jobs.unstarted_slots import unstarted_slots

        rhythm = self.current_rhythm()
        slots = unstarted_slots(rhythm=rhythm, calendar=self.calendar, slots=self.slots, sends=self.sends, now=now)
        zone = rhythm.time_zone
        return slots + unstarted_hours(issues=self.issues, calendar=self.calendar, zone=zone, now=now)

    @property
    def comparison_ports(self) -> ComparisonPorts:
        """What the nightly comparison of suppressions touches."""
        from newsletter.reports.ports import ComparisonPorts

        return ComparisonPorts(
            reconciling=self.reconcile_ports,
            queue=self.reconcile_queue,
            watch=self.account_watch,
            metrics=self.metrics,
        )

    @property
    def retention_ports(self) -> RetentionPorts:
        """What the nightly forgetting touches."""
        from newsletter.readers.retention_ports import ForgetPorts, RenewalPorts
        from newsletter.reports.adapters.retention_queue import SqsRetentionQueue
        from newsletter.reports.retention_ports import RetentionPorts
        from newsletter.sending.adapters.dynamo_outcomes import DynamoOutcomes
        from newsletter.sending.retention_ports import OutcomePorts

        outcomes = OutcomePorts(
            issues=self.issues,
            sends=self.sends,
            outcomes=DynamoOutcomes(self._client("dynamodb"), self.settings.sends_table, self.clock),
            clock=self.clock,
            forget_after_days=self.settings.forget_outcomes_after_days,
        )
        return RetentionPorts(
            leavers=ForgetPorts(self.leavers, self.retention_policy),
            renewals=RenewalPorts(self.old_consents, self.subscribers, self.greet_queue, self.renewal_policy),
            outcomes=outcomes,
            queue=SqsRetentionQueue(self.queue_at(self.settings.settle_queue_url)),
            log=self.retention_log,
            clock=self.clock,
        )

    @cached_property
    def retention_log(self) -> DynamoRetentionLog:
        """What the last nightly forgetting did."""
        from newsletter.reports.adapters.dynamo_retention_log import DynamoRetentionLog

        return DynamoRetentionLog(self._client("dynamodb"), self.settings.limits_table)

    @cached_property
    def report_ports(self) -> ReportPorts:
        """What a report touches."""
        from newsletter.reports.ports import ReportPorts

        return ReportPorts(
            sends=self.sends,
            evidence=self.evidence,
            usage=self.usage,
            due_reports=self.due_reports,
            issues=self.issues,
            census=self.census,
            content=self.content,
            account=self.account,
            links=self.report_links,
            editors=self.editors,
            metrics=self.metrics,
            responses=self.responses,
            engagement=self.engagement,
        )
