"""Confirmation mail has a breaker of its own: it stops nothing else, and a person lets it go on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from newsletter.core.editors import Editors
from newsletter.errors import SendingPausedError, SendThrottledError
from newsletter.feedback.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch
from newsletter.feedback.domain.breaker import Breaker
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.domain.hold_link import NOTICES, HoldLink, notice_name
from newsletter.feedback.jobs.hold_confirmations import hold_confirmations
from newsletter.feedback.jobs.tell_of_hold import HoldNotice, tell_of_hold
from newsletter.feedback.ports import ConfirmationWatch, HoldNoticePorts, HoldPorts
from newsletter.readers.domain.limits import Lane
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryConfirmationWatch
from tests.moto_aws import CREDENTIALS, REGION, aws_in_process
from tests.sending.fakes import MemoryQueues

SENT, BOUNCED = FeedbackKind.SENT, FeedbackKind.HARD_BOUNCE
BREAKER = Breaker(sample=100, bounces=50, complaints=1)
LATER = NOW + timedelta(hours=1)


NETWORK = "0123456789abcdef0123456789abcdef"


@pytest.fixture(params=["memory", "dynamodb", "dynamodb, of a network"])
def watch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "memory":
        yield MemoryConfirmationWatch()
        return
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with aws_in_process():
        network = NETWORK if "network" in request.param else ""
        yield DynamoConfirmationWatch(boto3.client("dynamodb", region_name=REGION), "LimitsTable", network=network)


def test_of_a_network_nothing_is_kept_for_ever_and_of_a_lane_the_hold_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with aws_in_process():
        client = boto3.client("dynamodb", region_name=REGION)
        for network in ("", NETWORK):
            one = DynamoConfirmationWatch(client, "LimitsTable", network=network)
            one.count(NOW.date(), None, {BOUNCED: {"m"}}, now=NOW)
            one.hold("too many", now=NOW)
        items = client.scan(TableName="LimitsTable")["Items"]

    for_ever = [item["counter_key"]["S"] for item in items if "expires_at" not in item]
    assert len(items) == 4
    assert for_ever == ["confirmations"]


def mails(kind: FeedbackKind, number: int, mail: str = "confirmation", **changes: Any) -> list[FeedbackEvent]:
    one = FeedbackEvent(kind=kind, message_id="", happened_at=NOW, mailed_at=NOW, subscriber_id=an_id(1), mail=mail)
    return [replace(one, message_id=f"m-{each}", **changes) for each in range(number)]


class NoLinks:
    def to_release(self, hold_link: HoldLink, *, now: datetime) -> str:  # noqa: ARG002 - when it is made is nothing to us
        return f"{hold_link.lane} since {hold_link.held_at.isoformat()}"


class Office:
    def __init__(self, watch: ConfirmationWatch) -> None:
        self.watch, self.mailer, self.queues = watch, MemoryMailer(), MemoryQueues()

    def hear(self, *events: FeedbackEvent) -> bool:
        networks: defaultdict[str, MemoryConfirmationWatch] = defaultdict(MemoryConfirmationWatch)
        ports = HoldPorts({Lane.FAST: self.watch}, networks.__getitem__, self.queues)
        return hold_confirmations(events, ports=ports, breaker=BREAKER, now=NOW)

    def tell(self, now: datetime = NOW) -> list[HoldNotice]:
        """Work off the report queue."""
        editors = Editors(self.mailer, PlainMails(), TEAM)
        ports = HoldNoticePorts({Lane.FAST: self.watch}, NoLinks(), editors)
        asked, self.queues.reports = self.queues.reports, []
        return [tell_of_hold(NOTICES[name], ports=ports, now=now) for name, _ in asked]


def test_confirmation_mail_that_bounces_is_held_and_the_editors_are_told_once(watch: ConfirmationWatch) -> None:
    office = Office(watch)

    assert not office.hear(*mails(SENT, 99), *mails(BOUNCED, 40))
    assert office.hear(*mails(SENT, 1, "reminder"))
    assert office.hear(*mails(BOUNCED, 1))

    assert office.tell() == [HoldNotice.MAILED]
    (told,) = office.mailer.outbox
    assert "40 of 100 emails bounced permanently" in told.mail.text
    assert f"release_url: fast since {NOW.isoformat()}" in told.mail.text
    assert watch.get().editors_informed


def test_one_bounce_a_thousand_times_is_one(watch: ConfirmationWatch) -> None:
    office = Office(watch)
    office.hear(*mails(SENT, 100))

    for _ in range(20):
        assert not office.hear(*mails(BOUNCED, 1) * 50)


def test_a_mail_to_the_editors_that_could_not_be_asked_for_is_still_owed(
    watch: ConfirmationWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(watch)

    def cut_off(slug: str) -> None:
        raise RuntimeError(slug)

    with monkeypatch.context() as patch:
        patch.setattr(office.queues, "report", cut_off)
        with pytest.raises(RuntimeError):
            office.hear(*mails(SENT, 100), *mails(BOUNCED, 40))

    assert office.hear()
    assert office.tell() == [HoldNotice.MAILED]


@pytest.mark.parametrize("failure", [SendThrottledError("quota used up"), SendingPausedError("account stopped")])
def test_feedback_does_not_wait_until_ses_takes_the_mail_to_the_editors(
    watch: ConfirmationWatch, failure: Exception
) -> None:
    office = Office(watch)
    office.mailer.failure = failure
    assert office.hear(*mails(SENT, 100), *mails(BOUNCED, 40))
    assert watch.get().editors_informed
    assert office.tell() == [HoldNotice.MAIL_WAITS]

    office.mailer.failure = None
    office.queues.report(notice_name(Lane.FAST))

    assert office.tell() == [HoldNotice.MAILED]
    assert len(office.mailer.outbox) == 1


def test_nobody_is_told_of_a_hold_that_is_over(watch: ConfirmationWatch) -> None:
    office = Office(watch)
    office.hear(*mails(SENT, 100), *mails(BOUNCED, 40))

    assert office.tell(NOW + timedelta(hours=5)) == [HoldNotice.OVER]
    assert office.mailer.outbox == []


def test_a_release_that_names_a_moment_ends_the_hold_of_that_moment_alone(watch: ConfirmationWatch) -> None:
    watch.hold("too many", now=NOW)

    assert not watch.release(now=LATER, held_at=LATER)
    assert watch.get().holds(NOW)
    assert watch.release(now=LATER, held_at=NOW)
    assert not watch.release(now=LATER, held_at=NOW)


def test_only_mail_to_strangers_counts(watch: ConfirmationWatch) -> None:
    office = Office(watch)

    assert not office.hear(*mails(SENT, 100, "welcome"), *mails(BOUNCED, 40, "welcome"))
    assert not office.hear(*mails(SENT, 100, slug=SLUG), *mails(BOUNCED, 40, slug=SLUG))


def test_after_a_release_only_newer_mails_are_judged(watch: ConfirmationWatch) -> None:
    office = Office(watch)
    office.hear(*mails(SENT, 100), *mails(BOUNCED, 40))

    assert watch.release(now=LATER)
    assert not watch.release(now=LATER)

    assert not office.hear(*mails(SENT, 100), *mails(BOUNCED, 80))
    assert office.hear(*mails(SENT, 100, mailed_at=LATER), *mails(BOUNCED, 6, mailed_at=LATER))
