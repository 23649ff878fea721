"""What the functions of every wing use: settings, clients, keys, pages, time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore import __version__

from newsletter.core.links import Links
from newsletter.core.newsletter import Newsletter
from newsletter.wiring.patience import HURRIED, ONE_ATTEMPT, PATIENT
from newsletter.wiring.sdk import require

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from botocore.config import Config

    from newsletter.aws.dynamo_counters import DynamoCounters
    from newsletter.aws.queue import SqsQueue
    from newsletter.config import Settings
    from newsletter.core.link_token import SigningKeys
    from newsletter.core.slot import Rhythm
    from newsletter.issues.adapters.s3_house_style import S3HouseStyle
    from newsletter.reports.adapters.logged_numbers import LoggedNumbers
    from newsletter.sending.adapters.call_meter import CallMeter
    from newsletter.sending.adapters.ses_mailer import SesMailer
    from newsletter.web.front_door import FrontDoor
    from newsletter.web.jinja import Templates
    from newsletter.web.pages import Pages
    from newsletter.wiring.system_clock import SystemClock

require(__version__)

SIDE_BY_SIDE = 8
"""Calls beside that of whoever asks: a sign-up makes four (three networks of IPv6, the proof of work), the pages of an
archive as many as there are."""


class SharedParts:
    """What the functions of every wing use: settings, clients, keys, pages, time."""

    def __init__(self, settings: Settings, make_client: Callable[..., Any]) -> None:
        self.settings = settings
        self.make_client = make_client
        self._clients: dict[str, Any] = {}
        self._making = Lock()  # botocore's sessions make one client at a time, and threads write to queues too

    @cached_property
    def newsletter(self) -> Newsletter:
        """Who writes to whom."""
        return Newsletter(
            name=self.settings.newsletter_name,
            sender_email=self.settings.sender_email,
            reply_to=self.settings.reply_to_email,
            postal_address=self.settings.postal_address,
            editor_email=self.settings.editor_email,
        )

    @cached_property
    def rhythm(self) -> Rhythm:
        """When issues go out, as the parameters say it."""
        from newsletter.core.slot import Rhythm
        from newsletter.core.time_zones import time_zone

        settings = self.settings
        return Rhythm(
            anchor=settings.anchor_date, time_zone=time_zone(settings.time_zone), period_weeks=settings.period_weeks,
            hour=settings.send_hour, minute=settings.send_minute,
            late_after=timedelta(hours=settings.late_after_hours),
        )  # fmt: skip

    @cached_property
    def keys(self) -> SigningKeys:
        """The keys that sign readers' links. An environment lives for hours at most, and so does a rotation."""
        return self._signing_keys(self.settings.signing_keys_secret)

    @cached_property
    def editor_keys(self) -> SigningKeys:
        """The keys that sign editors' links, which open nothing of a reader's."""
        return self._signing_keys(self.settings.editor_keys_secret)

    @cached_property
    def origin_keys(self) -> tuple[str, ...]:
        """How CloudFront proves itself to the API: now, and until the last rotation. Empty without CloudFront."""
        if not self.settings.origin_keys_secret:
            return ()
        keys = self._signing_keys(self.settings.origin_keys_secret)
        return tuple(key for key in (keys.current, keys.previous) if key)

    @cached_property
    def front_door(self) -> FrontDoor | None:
        """Refuses what came past CloudFront; None without CloudFront."""
        from newsletter.aws.dynamo_proof_log import DynamoProofLog
        from newsletter.web.front_door import FrontDoor

        if not self.origin_keys:
            return None
        settings = self.settings
        proof_log = DynamoProofLog(self._client("dynamodb"), settings.limits_table, settings.origin_keys_secret)
        return FrontDoor(proof_log, self.clock)

    @cached_property
    def links(self) -> Links:
        """Makes personal links."""
        return Links(self.settings.public_url.rstrip("/"), self.keys, self.settings.inbound_domain)

    @cached_property
    def address_key(self) -> str:
        """The key that makes ids of addresses, and seals consent receipts. It never changes."""
        from newsletter.aws.secrets import key_store

        name = self.settings.address_key_secret
        return key_store(name, self._client).read(name)

    @cached_property
    def templates(self) -> Templates:
        """The templates layer."""
        from newsletter.core.how_often import HowOften
        from newsletter.reports.domain.report_words import FILTERS
        from newsletter.web.jinja import Templates

        how_often = HowOften.from_anchor(self.settings.anchor_date, self.settings.period_weeks)
        style = self.house_style.current
        return Templates(self._templates_dir, FILTERS, how_often=how_often, current_style=style)

    @cached_property
    def house_style(self) -> S3HouseStyle:
        """The publisher's own words and looks, with a client that gives up soon."""
        from newsletter.issues.adapters.s3_house_style import S3HouseStyle

        return S3HouseStyle(self.meter.watch(self.make_client("s3", config=HURRIED)), self.settings.content_bucket)

    def renew_style(self) -> None:
        """Take over the house style that stands at this moment, however fresh the last one is."""
        self.house_style.expire()
        self.templates.refresh()

    @property
    def pages(self) -> Pages:
        """Pages and transactional mails, in the house style of the moment; ask for them once for each answer."""
        self._pages.refresh()
        return self._pages

    @cached_property
    def _pages(self) -> Pages:
        from newsletter.web.pages import Pages

        return Pages(self.templates, self.newsletter, self.settings.public_url)

    @cached_property
    def clock(self) -> SystemClock:
        """The time."""
        from newsletter.wiring.system_clock import SystemClock

        return SystemClock()

    @cached_property
    def threads(self) -> Executor:
        """Makes calls beside one another."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(SIDE_BY_SIDE)

    @cached_property
    def counters(self) -> DynamoCounters:
        """How often what happened lately."""
        from newsletter.aws.dynamo_counters import DynamoCounters

        return DynamoCounters(self._client("dynamodb"), self.settings.limits_table)

    @cached_property
    def meter(self) -> CallMeter:
        """What the clients of this environment use; it watches each from its making."""
        from newsletter.sending.adapters.call_meter import CallMeter

        return CallMeter()

    @cached_property
    def metrics(self) -> LoggedNumbers:
        """Our own numbers, in the log."""
        from newsletter.reports.adapters.logged_numbers import LoggedNumbers

        return LoggedNumbers()

    @property
    def _templates_dir(self) -> Path:
        from pathlib import Path

        return Path(self.settings.templates_dir)

    def _client(self, service: Any, config: Config = PATIENT) -> Any:
        # One client per service and environment: building one costs tens of milliseconds.
        if service not in self._clients:
            meter = self.meter
            with self._making:
                if service not in self._clients:
                    self._clients[service] = meter.watch(self.make_client(service, config=config))
        return self._clients[service]

    def _signing_keys(self, name: str) -> SigningKeys:
        from newsletter.aws.secrets import key_store, read_signing_keys

        return read_signing_keys(key_store(name, self._client).read(name))

    def queue_at(self, url: str) -> SqsQueue:
        """A queue of ours, to write to."""
        from newsletter.aws.queue import SqsQueue

        return SqsQueue(lambda: self._client("sqs"), url)

    @cached_property
    def mailer(self) -> SesMailer:
        """One mail to one person, seldom: to the editors."""
        return self._mailer(book=lambda: None)

    def _mailer(self, book: Callable[[], None]) -> SesMailer:
        from newsletter.sending.adapters.ses_mailer import SesMailer

        return SesMailer(
            self._client("sesv2", ONE_ATTEMPT),
            self.newsletter,
            self.settings.confirmations_configuration_set,
            book=book,
        )
