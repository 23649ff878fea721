"""A day without quota, weeks in the sandbox: emails wait, the newest leaves first, and everybody gets theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from local.simulator.account import Account, Limits
from newsletter.core.content import MailContent
from newsletter.errors import (
    NewsletterError,
    QuotaUsedError,
    RecipientNotVerifiedError,
    SendingPausedError,
    SendThrottledError,
)
from newsletter.readers.domain.greeting import KEPT_FOR_SES
from newsletter.readers.domain.limits import Policy
from newsletter.readers.waiting_line import AGES, LOOK, WaitingLine
from tests.attacks.website import Website
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, Sent

ROOMY = Policy(proof_of_work=True, per_network=10_000, per_hour=10_000)
DAY = 24.0


class Ses(MemoryMailer):
    """SES by the rules of the laptop's simulator, without the wire."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.account = Account(limits)
        self.now: Callable[[], datetime] = lambda: NOW
        self.moments: dict[str, datetime] = {}
        self.calls = 0

    def send(self, to: str, mail: MailContent, *, kind: str, headers: Sequence[tuple[str, str]] = (), **_: str) -> None:
        self.calls += 1
        now = self.now()
        if self.account.limits.barred([to]):
            raise RecipientNotVerifiedError("MessageRejected")
        if not self.account.limits.sending_enabled:
            raise SendingPausedError("SendingPausedException")
        if not self.account.quota_left(1, now):
            raise QuotaUsedError("LimitExceededException")
        if not self.account.take_rate(1, now):
            raise SendThrottledError("TooManyRequestsException")
        self.account.count(1, now)
        self.outbox.append(Sent(to, mail, kind, "", tuple(headers)))
        self.moments[to] = now


def website(**limits: object) -> tuple[Website, Ses]:
    ses = Ses(Limits(**limits))  # type: ignore[arg-type]
    site = Website(policy=ROOMY, mailer=ses)
    ses.now = lambda: site.queue.now
    return site, ses


def name(number: int) -> str:
    return f"reader{number}@example{number % 7}.org"


def test_a_day_with_the_quota_used_up_loses_nobody() -> None:
    site, ses = website(max_24_hour_send=300, max_send_rate=14)
    ses.account.count(300, NOW)  # an issue went out just before

    for number in range(47):
        late = site.post(name(number)).late
        assert late is (number > 0), "whoever signs up hears that it may take until tomorrow"
        site.hours_pass(0.5)
    assert ses.outbox == []

    site.hours_pass(1.5)
    assert sorted(sent.to for sent in ses.outbox) == sorted(name(number) for number in range(47))
    assert {sent.kind for sent in ses.outbox} == {"confirmation"}
    assert not len(site.queue)
    site.hours_pass(2)
    assert not site.post(name(99)).late, "the hour after, nobody hears of it any more"


def test_a_week_in_the_sandbox_mails_the_verified_at_once_and_everybody_in_the_end() -> None:
    site, ses = website(production_access=False, verified=["office.example.org"])

    for number in range(7 * 2):
        site.post(name(number))
        site.post(f"colleague{number}@office.example.org")
        site.hours_pass(12)
        assert site.mails_to(f"colleague{number}@office.example.org") == ["confirmation"], (
            "no stranger keeps them waiting"
        )
        assert site.mails_to(name(number)) == []

    ses.account.change({"production_access": True})
    site.hours_pass(1)
    assert [site.mails_to(name(number)) for number in range(7 * 2)] == [["confirmation"]] * 7 * 2
    assert not len(site.queue)


def test_the_quota_of_two_days_mails_the_newest_first_and_then_all_others() -> None:
    site, ses = website(production_access=False, verified=[f"example{number}.org" for number in range(7)])
    ses.account.count(180, NOW)  # of the two hundred
    for number in range(50):
        site.post(name(number))
        site.hours_pass(0.1)
    assert len(ses.outbox) == 20

    site.hours_pass(18)
    newcomer = "newcomer@example1.org"
    site.post(newcomer)
    site.hours_pass(2)

    waited = [sent.to for sent in ses.outbox[20:]]
    assert waited[0] == newcomer, "before those who have waited since yesterday"
    assert len(waited) == 31
    assert len({sent.to for sent in ses.outbox}) == len(ses.outbox) == 51
    assert not len(site.queue)


@pytest.mark.parametrize("refusal", [SendingPausedError("stopped"), QuotaUsedError("used up")])
def test_the_newest_leave_first_when_there_is_room_again(refusal: NewsletterError) -> None:
    site = Website(policy=ROOMY)
    site.mailer.failure = refusal
    for number, hours in enumerate((26, 8, 3, 0.2)):
        site.post(name(number))
        site.hours_pass(hours)

    site.mailer.failure = None
    site.hours_pass(3)
    assert [sent.to for sent in site.mailer.outbox] == [name(number) for number in (3, 2, 1, 0)]


def test_one_a_second_takes_a_minute_longer_and_is_no_reason_to_warn_anybody() -> None:
    site, ses = website(max_send_rate=1)
    for number in range(10):
        site.post(name(number))

    site.hours_pass(0.3)
    assert len(ses.outbox) == 10
    assert not site.post(name(99)).late


def test_a_request_is_kept_as_long_as_a_link_could_work_and_no_longer() -> None:
    site = Website(policy=ROOMY)
    site.mailer.failure = SendingPausedError("stopped")
    site.post(name(0))

    site.hours_pass(KEPT_FOR_SES / timedelta(hours=1) - 1)
    assert len(site.queue) == 1
    site.hours_pass(1.5)
    assert not len(site.queue)


def test_whoever_sends_the_form_again_while_it_waits_gets_one_email() -> None:
    site, ses = website(max_24_hour_send=0)
    for _ in range(3):
        site.post(name(0))
        site.hours_pass(1)

    ses.account.change({"max_24_hour_send": 100})
    site.hours_pass(3)
    assert site.mails_to(name(0)) == ["confirmation"]
    assert not len(site.queue)


def test_a_robot_hears_what_everybody_hears() -> None:
    site, _ = website(max_24_hour_send=0)
    site.post(name(0))
    site.hours_pass(0.1)

    assert site.post(name(0)).late
    assert site.post("nobody@example.org", proved=False).late


def test_somebody_waits_for_newer_ones_alone_and_for_half_an_hour_after_they_left() -> None:
    line, old = WaitingLine(MemoryCounters()), NOW - AGES[0]
    line.note(old, now=NOW)
    assert line.is_turn_of(old, now=NOW), "nobody waits for those of one's own age"
    assert line.is_turn_of(NOW, now=NOW)

    line.note(NOW, now=NOW)
    assert not line.is_turn_of(old, now=NOW + LOOK)
    assert line.is_turn_of(old, now=NOW + 2 * LOOK)
