"""Which adapter stands behind which port. Nothing is built, imported or read before a function asks for it.

Imports are inside the properties on purpose: a function that answers a reader must not wait for the Markdown
libraries to load, and they are only ever needed by `publish`.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import get_session

from newsletter.config import Settings
from newsletter.domain.limits import Policy
from newsletter.domain.link_token import SigningKeys
from newsletter.domain.links import Links
from newsletter.domain.newsletter import Newsletter
from newsletter.ports import (
    AccountPorts,
    ArchivePorts,
    ControlPorts,
    DecidePorts,
    DisposableDomains,
    FeedbackPorts,
    GreetPorts,
    HoldPorts,
    ImportPorts,
    PreviewPorts,
    PublishPorts,
    ReconcilePorts,
    ReportPorts,
    SendPorts,
    SettlePorts,
    SignUpPorts,
    SlotPorts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.adapters.call_meter import CallMeter
    from newsletter.adapters.dynamo_account_watch import DynamoAccountWatch
    from newsletter.adapters.dynamo_calendar import DynamoCalendar
    from newsletter.adapters.dynamo_census import DynamoCensus
    from newsletter.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch
    from newsletter.adapters.dynamo_counters import DynamoCounters
    from newsletter.adapters.dynamo_engagement import DynamoEngagement
    from newsletter.adapters.dynamo_issues import DynamoIssues
    from newsletter.adapters.dynamo_rate import DynamoRate
    from newsletter.adapters.dynamo_sends import DynamoSends
    from newsletter.adapters.dynamo_subscribers import DynamoSubscribers
    from newsletter.adapters.dynamo_suppressions import DynamoSuppressions
    from newsletter.adapters.email_addresses import EmailAddresses
    from newsletter.adapters.emf_metrics import EmfMetrics
    from newsletter.adapters.jinja import Templates
    from newsletter.adapters.metering import Metering
    from newsletter.adapters.pages import Pages
    from newsletter.adapters.preflight import IssueChecks
    from newsletter.adapters.report_links import ReportLinks
    from newsletter.adapters.s3_content import S3Content
    from newsletter.adapters.ses_account import SesAccount
    from newsletter.adapters.ses_bulk import SesBulk
    from newsletter.adapters.ses_mailer import SesMailer
    from newsletter.adapters.ses_single import SesSingle
    from newsletter.adapters.ses_suppression_list import SesSuppressionList
    from newsletter.adapters.sqs_queues import SqsQueues
    from newsletter.adapters.system_clock import SystemClock
    from newsletter.domain.breaker import Breaker
    from newsletter.domain.slot import Rhythm
    from newsletter.jobs.open_send import Opening


CONNECTIONS = 80
"""For each client: ten batches at once in one worker, each with eight calls at once where recipients go one by one."""

ONE_ATTEMPT = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=CONNECTIONS,
    parameter_validation=False,
)
"""For SES alone: botocore's default sends a timed-out call up to five times, and SES has no idempotency token.

Ten seconds, because an answer that late says the same as none. Jobs allow for both (`send_batch.CALL_LIMIT`).
Boto3 does not look at the parameters before SES does: for fifty recipients that took as long as all the rest. Their
types are ours, the contract test of the transports runs with the validation, and what SES refuses we handle anyway.
"""


PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=CONNECTIONS,
)
"""For everything else, where asking again is safe. botocore's own patience (a minute a try) outlives every function."""


class App:
    """Everything of one execution environment, each part built on first use."""

    def __init__(self, settings: Settings, make_client: Callable[..., Any] | None = None) -> None:
        self.settings = settings
        # botocore's clients are boto3's. Importing boto3 itself takes as long again, for resources and S3 transfers
        # that nothing here uses, and a reader waits for it.
        self.make_client: Callable[..., Any] = make_client or get_session().create_client

    @cached_property
    def newsletter(self) -> Newsletter:
        """Who writes to whom."""
        return Newsletter(
            name=self.settings.newsletter_name,
            sender_email=self.settings.sender_email,
            reply_to=self.settings.editor_email,
            postal_address=self.settings.postal_address,
            editor_email=self.settings.editor_email,
        )

    @cached_property
    def rhythm(self) -> Rhythm:
        """When issues go out, as the parameters say it."""
        from newsletter.adapters.time_zones import time_zone
        from newsletter.domain.slot import Rhythm

        return Rhythm(
            anchor=self.settings.anchor_date,
            time_zone=time_zone(self.settings.time_zone),
            period_weeks=self.settings.period_weeks,
            hour=self.settings.send_hour,
            minute=self.settings.send_minute,
        )

    def current_rhythm(self) -> Rhythm:
        """When issues go out, with the days that people skipped and added by now."""
        return replace(self.rhythm, calendar=self.calendar.get())

    @cached_property
    def calendar(self) -> DynamoCalendar:
        """What people decided about single days."""
        from newsletter.adapters.dynamo_calendar import DynamoCalendar

        return DynamoCalendar(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def keys(self) -> SigningKeys:
        """The keys that sign links. An environment lives for hours at most, and so does a rotation."""
        from newsletter.adapters.secrets import signing_keys

        return signing_keys(self._client("secretsmanager"), self.settings.signing_keys_secret)

    @cached_property
    def links(self) -> Links:
        """Makes personal links."""
        return Links(self.settings.public_url.rstrip("/"), self.keys)

    @cached_property
    def addresses(self) -> EmailAddresses:
        """Checks addresses."""
        from newsletter.adapters.email_addresses import EmailAddresses

        return EmailAddresses(self.address_key)

    @cached_property
    def subscribers(self) -> DynamoSubscribers:
        """The list."""
        from newsletter.adapters.dynamo_subscribers import DynamoSubscribers

        return DynamoSubscribers(
            self._client("dynamodb"),
            self.settings.subscribers_table,
            unconfirmed_days=self.settings.unconfirmed_days,
            reminder_after_days=self.settings.reminder_after_days,
        )

    @cached_property
    def suppressions(self) -> DynamoSuppressions:
        """Addresses we must not mail."""
        from newsletter.adapters.dynamo_suppressions import DynamoSuppressions

        return DynamoSuppressions(self._client("dynamodb"), self.settings.suppressions_table, self.subscribers)

    @property
    def import_ports(self) -> ImportPorts:
        """What taking people over from another system touches."""
        from newsletter.adapters.dynamo_newcomers import DynamoNewcomers

        suppressions_table = self.settings.suppressions_table
        return ImportPorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            newcomers=DynamoNewcomers(self._client("dynamodb"), self.subscribers, suppressions_table),
        )

    @cached_property
    def issues(self) -> DynamoIssues:
        """What we know about the issues."""
        from newsletter.adapters.dynamo_issues import DynamoIssues

        return DynamoIssues(self._client("dynamodb"), self.settings.issues_table)

    @cached_property
    def sends(self) -> DynamoSends:
        """Sends and their books."""
        from newsletter.adapters.dynamo_sends import DynamoSends

        return DynamoSends(self._client("dynamodb"), self.settings.sends_table)

    @cached_property
    def engagement(self) -> DynamoEngagement | None:
        """Opens and clicks; None if they are not measured."""
        from newsletter.adapters.dynamo_engagement import DynamoEngagement

        how = self.settings.engagement
        if how == "off":
            return None
        return DynamoEngagement(self._client("dynamodb"), self.settings.sends_table, individual=how == "individual")

    @cached_property
    def content(self) -> S3Content:
        """The content bucket."""
        from newsletter.adapters.s3_content import S3Content

        return S3Content(self._client("s3"), self.settings.content_bucket)

    @cached_property
    def queues(self) -> SqsQueues:
        """Messages to ourselves."""
        from newsletter.adapters.sqs_queues import SqsQueues

        return SqsQueues(
            self._client("sqs"),
            plan_url=self.settings.plan_queue_url,
            batch_url=self.settings.batch_queue_url,
            settle_url=self.settings.settle_queue_url,
            publish_url=self.settings.publish_queue_url,
            greet_url=self.settings.greet_queue_url,
            report_url=self.settings.report_queue_url,
        )

    @cached_property
    def templates(self) -> Templates:
        """The templates layer."""
        from newsletter.adapters.jinja import Templates

        return Templates(self._templates_dir)

    @cached_property
    def pages(self) -> Pages:
        """Pages and transactional mails."""
        from newsletter.adapters.pages import Pages

        return Pages(self.templates, self.newsletter, self.settings.public_url)

    @cached_property
    def mailer(self) -> SesMailer:
        """One mail to one person, seldom: to the editors."""
        return self._mailer(book=lambda: None)

    def _mailer(self, book: Callable[[], None]) -> SesMailer:
        from newsletter.adapters.ses_mailer import SesMailer

        return SesMailer(
            self._client("sesv2", ONE_ATTEMPT),
            self.newsletter,
            self.settings.confirmations_configuration_set,
            book=book,
        )

    @cached_property
    def account(self) -> SesAccount:
        """What SES allows."""
        from newsletter.adapters.ses_account import SesAccount

        return SesAccount(self.meter.watch(self.make_client("sesv2", config=PATIENT)), self.clock.now)

    @cached_property
    def clock(self) -> SystemClock:
        """The time."""
        from newsletter.adapters.system_clock import SystemClock

        return SystemClock()

    @cached_property
    def rate(self) -> DynamoRate:
        """The one rate of all workers."""
        from newsletter.adapters.dynamo_rate import DynamoRate

        return DynamoRate(
            self._client("dynamodb"), self.settings.limits_table, account_rate=lambda: self.account.rate()
        )

    @property
    def sign_up_ports(self) -> SignUpPorts:
        """What a sign-up touches."""
        return SignUpPorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            queues=self.queues,
        )

    @cached_property
    def greet_ports(self) -> GreetPorts:
        """What mail to one subscriber touches."""
        return GreetPorts(
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            issues=self.issues,
            counters=self.counters,
            disposable=self._disposable(),
            mailer=self._mailer(book=lambda: self.rate.take(self.clock.now())),
            mails=self.pages,
            watch=self.confirmation_watch,
        )

    @cached_property
    def counters(self) -> DynamoCounters:
        """How often what happened lately."""
        from newsletter.adapters.dynamo_counters import DynamoCounters

        return DynamoCounters(self._client("dynamodb"), self.settings.limits_table)

    @property
    def policy(self) -> Policy:
        """How much of what is too much."""
        return Policy(
            proof_of_work=self.settings.proof_of_work,
            per_network=self.settings.sign_ups_per_network,
            per_hour=self.settings.confirmations_per_hour,
        )

    def _disposable(self) -> DisposableDomains:
        from newsletter.adapters.disposable_domains import ListedDomains, NoDomains

        return ListedDomains() if self.settings.disposable_policy == "block" else NoDomains()

    @cached_property
    def address_key(self) -> str:
        """The key that makes ids of addresses, and seals consent receipts."""
        from newsletter.adapters.secrets import address_key

        return address_key(self._client("secretsmanager"), self.settings.address_key_secret)

    @property
    def opening(self) -> Opening:
        """What opening a send touches."""
        from newsletter.jobs.open_send import Opening

        return Opening(
            issues=self.issues,
            sends=self.sends,
            queues=self.queues,
            needs_approval=self.settings.require_approval,
            shards=self.settings.fan_out_shards,
        )

    @cached_property
    def archive_ports(self) -> ArchivePorts:
        """What writing the site touches."""
        from newsletter.adapters.archive import Archive
        from newsletter.adapters.cloudfront_cache import CloudFrontCache, NoCache
        from newsletter.adapters.s3_site import S3Site

        settings, distribution = self.settings, self.settings.distribution_id
        return ArchivePorts(
            content=self.content,
            issues=self.issues,
            site=S3Site(self._client("s3"), settings.site_bucket),
            archive=Archive(
                self.templates, self.newsletter, settings.public_url, feed_namespace=settings.feed_namespace
            ),
            cache=CloudFrontCache(self._client("cloudfront"), distribution) if distribution else NoCache(),
        )

    @cached_property
    def publish_ports(self) -> PublishPorts:
        """What publishing touches."""
        from newsletter.adapters.front_matter import parse_issue
        from newsletter.adapters.pictures import PillowPictures
        from newsletter.adapters.rendering import Renderer
        from newsletter.adapters.s3_site import S3Site

        public_url = self.settings.public_url
        return PublishPorts(
            content=self.content,
            issues=self.issues,
            sends=self.sends,
            site=S3Site(self._client("s3"), self.settings.site_bucket),
            parse=parse_issue,
            pictures=PillowPictures(),
            renderer=Renderer(self.templates, self.newsletter, public_url, engagement=self.settings.engagement),
            preflight=self.preflight,
            mailer=self.mailer,
            mails=self.pages,
            queues=self.queues,
            editor_email=self.settings.editor_email,
            needs_approval=self.settings.require_approval,
        )

    @cached_property
    def preflight(self) -> IssueChecks:
        """Every check of an issue before it may be sent."""
        from newsletter.adapters.preflight import IssueChecks
        from newsletter.adapters.preflight_answers import LinkAnswers

        public_url = self.settings.public_url
        ask = LinkAnswers(f"fortnightly-link-check (+{public_url})") if self.settings.check_links else None
        return IssueChecks(self.newsletter, public_url, ask=ask)

    @cached_property
    def preview_ports(self) -> PreviewPorts:
        """What a preview for the editors touches."""
        from newsletter.adapters.decide_links import DecideLinks

        public_url = self.settings.public_url.rstrip("/")
        return PreviewPorts(
            issues=self.issues,
            content=self.content,
            audience=self.subscribers,
            account=self.account,
            links=DecideLinks(public_url, self.keys),
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
            public_url=public_url,
            needs_approval=self.settings.require_approval,
        )

    @property
    def decide_ports(self) -> DecidePorts:
        """What a decision of an editor touches."""
        return DecidePorts(
            issues=self.issues,
            sends=self.sends,
            content=self.content,
            queues=self.queues,
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
        )

    @cached_property
    def slot_ports(self) -> SlotPorts:
        """What looking after slots touches."""
        return SlotPorts(
            issues=self.issues,
            sends=self.sends,
            calendar=self.calendar,
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
            needs_approval=self.settings.require_approval,
        )

    @cached_property
    def send_ports(self) -> SendPorts:
        """What a worker touches."""
        single = self._single()
        return SendPorts(
            sends=self.sends,
            subscribers=self.subscribers,
            content=self.content,
            transport=single if self.settings.send_mode == "single" else self._bulk(),
            single=single,
            rate=self.rate,
            queues=self.queues,
            clock=self.clock,
        )

    @property
    def control_ports(self) -> ControlPorts:
        """What people touch who steer a send."""
        return ControlPorts(
            sends=self.sends,
            issues=self.issues,
            queues=self.queues,
            content=self.content,
            subscribers=self.subscribers,
            addresses=self.addresses,
            transport=self._single() if self.settings.send_mode == "single" else self._bulk(),
        )

    @cached_property
    def feedback_ports(self) -> FeedbackPorts:
        """What recording feedback touches."""
        from newsletter.adapters.dynamo_unfamiliar import DynamoUnfamiliar

        return FeedbackPorts(
            sends=self.sends,
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            issues=self.issues,
            unfamiliar=DynamoUnfamiliar(self._client("dynamodb"), self.settings.limits_table),
        )

    @cached_property
    def confirmation_watch(self) -> DynamoConfirmationWatch:
        """Whether confirmation mail is held."""
        from newsletter.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch

        return DynamoConfirmationWatch(self._client("dynamodb"), self.settings.limits_table)

    @property
    def hold_ports(self) -> HoldPorts:
        """What holding confirmation mail touches."""
        return HoldPorts(
            watch=self.confirmation_watch,
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
        )

    @property
    def confirmation_breaker(self) -> Breaker:
        """How many bounces and complaints hold confirmation mail."""
        return replace(self.breaker, sample=self.settings.breaker_confirmation_sample)

    @property
    def breaker(self) -> Breaker:
        """How many bounces and complaints hold a send."""
        from newsletter.domain.breaker import Breaker

        settings = self.settings
        return Breaker(settings.breaker_sample, settings.breaker_bounces, settings.breaker_complaints)

    @cached_property
    def settle_ports(self) -> SettlePorts:
        """What settling touches."""
        return SettlePorts(
            sends=self.sends,
            issues=self.issues,
            queues=self.queues,
            audience=self.subscribers,
            account=self.account,
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
        )

    @cached_property
    def meter(self) -> CallMeter:
        """What the clients of this environment use; it watches each from its making."""
        from newsletter.adapters.call_meter import CallMeter

        return CallMeter()

    @cached_property
    def metering(self) -> Metering:
        """Writes on the account of a send what was used for it."""
        from newsletter.adapters.metering import Metering

        return Metering(self.meter, self.sends, time.monotonic)

    @cached_property
    def census(self) -> DynamoCensus:
        """The whole list, for counting."""
        from newsletter.adapters.dynamo_census import DynamoCensus

        settings = self.settings
        return DynamoCensus(self._client("dynamodb"), settings.subscribers_table, settings.suppressions_table)

    @property
    def report_links(self) -> ReportLinks:
        """Makes the links to reports."""
        from newsletter.adapters.report_links import ReportLinks

        return ReportLinks(self.settings.public_url.rstrip("/"), self.keys)

    @cached_property
    def report_ports(self) -> ReportPorts:
        """What a report touches."""
        return ReportPorts(
            sends=self.sends,
            issues=self.issues,
            census=self.census,
            content=self.content,
            account=self.account,
            links=self.report_links,
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
            engagement=self.engagement,
        )

    @cached_property
    def metrics(self) -> EmfMetrics:
        """Our own numbers for CloudWatch."""
        from newsletter.adapters.emf_metrics import EmfMetrics

        return EmfMetrics()

    @cached_property
    def account_watch(self) -> DynamoAccountWatch:
        """What is remembered about the account."""
        from newsletter.adapters.dynamo_account_watch import DynamoAccountWatch

        return DynamoAccountWatch(self._client("dynamodb"), self.settings.limits_table)

    @property
    def account_ports(self) -> AccountPorts:
        """What watching the account touches."""
        return AccountPorts(
            watch=self.account_watch,
            mailer=self.mailer,
            mails=self.pages,
            editor_email=self.settings.editor_email,
        )

    @cached_property
    def suppression_list(self) -> SesSuppressionList:
        """Whom SES does not mail."""
        from newsletter.adapters.ses_suppression_list import SesSuppressionList

        return SesSuppressionList(self.make_client("sesv2", config=PATIENT))

    @property
    def reconcile_ports(self) -> ReconcilePorts:
        """What comparing suppressions touches."""
        return ReconcilePorts(
            listed=self.suppression_list,
            suppressions=self.suppressions,
            subscribers=self.subscribers,
            addresses=self.addresses,
            clock=self.clock,
        )

    @property
    def grace(self) -> timedelta:
        """How long evidence has to arrive."""
        return timedelta(seconds=self.settings.unknown_grace_seconds)

    @property
    def _templates_dir(self) -> Path:
        from pathlib import Path

        return Path(self.settings.templates_dir)

    def _single(self) -> SesSingle:
        from newsletter.adapters.ses_single import SesSingle

        client = self._client("sesv2", ONE_ATTEMPT)
        return SesSingle(client, self.newsletter, self.settings.issues_configuration_set)

    def _bulk(self) -> SesBulk:
        from newsletter.adapters.ses_bulk import SesBulk

        client = self._client("sesv2", ONE_ATTEMPT)
        return SesBulk(client, self.newsletter, self.settings.issues_configuration_set)

    def _client(self, service: Any, config: Config = PATIENT) -> Any:
        # One client per service and environment: building one costs tens of milliseconds.
        clients = self.__dict__.setdefault("_clients", {})
        if service not in clients:
            clients[service] = self.meter.watch(self.make_client(service, config=config))
        return clients[service]


@cache
def app() -> App:
    """Return the app of this execution environment, built on first use."""
    return App(Settings.from_env(os.environ))
