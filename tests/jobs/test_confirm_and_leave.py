"""The buttons: confirm, leave, rename, erase. Pressing twice is pressing once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.domain.link_token import Token
from newsletter.domain.subscriber import Status, Subscriber
from newsletter.domain.suppression import Suppression, SuppressionReason
from newsletter.errors import ExpiredTokenError
from newsletter.jobs import preferences
from newsletter.jobs.confirm import Confirmed, confirm
from newsletter.jobs.unsubscribe import unsubscribe
from newsletter.ports import SignUpPorts
from tests.factories import LINKS, record, subscriber
from tests.fakes import NOW, MemoryIssues, MemoryMailer, MemorySubscribers, MemorySuppressions, PlainMails

ADA = subscriber(status=Status.UNCONFIRMED, confirmed_at=None)
TOKEN = Token(ADA.subscriber_id, NOW)


def press_confirm(
    subscribers: MemorySubscribers, mailer: MemoryMailer, suppressions: MemorySuppressions | None = None
) -> Confirmed:
    return confirm(
        TOKEN,
        ports=SignUpPorts(subscribers, suppressions or MemorySuppressions(), mailer, PlainMails()),
        issues=MemoryIssues(record()),
        links=LINKS,
        reply_to="editors@example.org",
        now=NOW,
    )


def stored(subscribers: MemorySubscribers) -> Subscriber:
    subscriber = subscribers.get(ADA.subscriber_id)
    assert subscriber is not None
    return subscriber


def test_the_confirm_button_puts_the_reader_into_the_audience_and_mails_a_welcome() -> None:
    subscribers, mailer = MemorySubscribers(ADA), MemoryMailer()

    assert not press_confirm(subscribers, mailer).already

    assert stored(subscribers).in_audience
    (welcome,) = mailer.outbox
    assert welcome.kind == "welcome"
    assert dict(welcome.headers)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_second_click_on_the_confirm_link_changes_nothing() -> None:
    subscribers, mailer = MemorySubscribers(ADA), MemoryMailer()
    press_confirm(subscribers, mailer)
    before = stored(subscribers)

    assert press_confirm(subscribers, mailer).already
    assert stored(subscribers) == before
    assert len(mailer.outbox) == 1


def test_an_erased_reader_who_confirms_again_is_no_longer_suppressed() -> None:
    suppressions = MemorySuppressions(Suppression(ADA.subscriber_id, SuppressionReason.ERASED, NOW))

    press_confirm(MemorySubscribers(ADA), MemoryMailer(), suppressions)

    assert suppressions.get(ADA.subscriber_id) is None


@pytest.mark.parametrize("known", [[], [subscriber(status=Status.UNSUBSCRIBED, left_at=NOW + timedelta(hours=1))]])
def test_a_confirm_link_of_somebody_who_left_or_is_gone_confirms_nobody(known: list[Subscriber]) -> None:
    subscribers = MemorySubscribers(*known)

    with pytest.raises(ExpiredTokenError, match="sign up again"):
        press_confirm(subscribers, MemoryMailer())
    assert not any(each.in_audience for each in subscribers.by_id.values())


def test_leaving_takes_one_click_and_a_second_changes_nothing() -> None:
    subscribers = MemorySubscribers(subscriber())

    assert unsubscribe(TOKEN, subscribers=subscribers, now=NOW)
    assert not unsubscribe(TOKEN, subscribers=subscribers, now=NOW + timedelta(days=1))
    assert stored(subscribers).left_at == NOW


def test_leaving_a_list_one_is_not_on_is_no_error() -> None:
    assert not unsubscribe(TOKEN, subscribers=MemorySubscribers(), now=NOW)


def test_somebody_may_leave_before_they_confirmed() -> None:
    subscribers = MemorySubscribers(ADA)

    assert unsubscribe(TOKEN, subscribers=subscribers, now=NOW)
    assert stored(subscribers).status is Status.UNSUBSCRIBED


def test_erasure_leaves_a_keyed_hash_and_nothing_else() -> None:
    subscribers, suppressions = MemorySubscribers(subscriber()), MemorySuppressions()

    assert preferences.erase(TOKEN, subscribers=subscribers, suppressions=suppressions, now=NOW)

    assert subscribers.by_id == {}
    tombstone = suppressions.get(ADA.subscriber_id)
    assert tombstone == Suppression(ADA.subscriber_id, SuppressionReason.ERASED, NOW)
    assert not preferences.erase(TOKEN, subscribers=subscribers, suppressions=suppressions, now=NOW)


def test_a_new_name_is_cleaned_like_the_first() -> None:
    subscribers = MemorySubscribers(subscriber(name="Ada"))

    assert preferences.rename(TOKEN, "  Ada\nLovelace ", subscribers=subscribers).name == "Ada Lovelace"
    assert preferences.rename(TOKEN, "http://x.example", subscribers=subscribers).name == ""


def test_the_page_of_somebody_we_do_not_hold_says_so() -> None:
    with pytest.raises(ExpiredTokenError, match="nothing"):
        preferences.show(TOKEN, subscribers=MemorySubscribers())
