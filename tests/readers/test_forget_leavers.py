"""Whoever left long enough ago is a tombstone: a keyed hash that still leaves, and nothing else; receipts lie apart."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.core.link_token import Purpose, Token
from newsletter.errors import ExpiredTokenError
from newsletter.readers.adapters.dynamo_leavers import DynamoLeavers
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.pending_sign_up import PendingSignUp
from newsletter.readers.domain.retention import RetentionPolicy, tombstone
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.readers.jobs.forget_leavers import ForgottenLeavers, forget_leavers
from newsletter.readers.jobs.preferences import erase, show
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.readers.retention_ports import ForgetPorts
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber

DAY = timedelta(days=1)
RECEIPT = Consent(
    asked_at=NOW - 90 * DAY, page="/about", words="Yes.", network="n" * 32, confirmed_at=NOW - 90 * DAY
).sealed("key")

ANOTHER = Consent(asked_at=NOW - DAY).sealed("key")
"""Of a further sign-up of the same mailbox, which its owner may confirm."""


class Stack:
    """The tables, and the nightly job on them."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.subscribers = DynamoSubscribers(client, "SubscribersTable")
        self.suppressions = DynamoSuppressions(client, "SuppressionsTable", self.subscribers, "ReceiptsTable")
        self.leavers = DynamoLeavers(client, "SubscribersTable", "ReceiptsTable", self.subscribers)

    def save(self, *people: Subscriber) -> None:
        for each in people:
            assert self.subscribers.save(each)

    def forget(self, **policy: int) -> ForgottenLeavers:
        return forget_leavers("", ports=ForgetPorts(self.leavers, RetentionPolicy(**policy)), now=NOW)

    def stored(self, number: int = 1) -> dict[str, Any]:
        """Return the item as it lies in the table."""
        key = {"subscriber_id": {"S": an_id(number)}}
        item: dict[str, Any] = self.client.get_item(TableName="SubscribersTable", Key=key)["Item"]
        return item


@pytest.fixture
def stack(dynamodb: Any) -> Stack:
    return Stack(dynamodb)


def left(number: int = 1, *, days: float = 31, **changes: Any) -> Subscriber:
    """Return somebody who left so many days ago."""
    known = {"status": Status.UNSUBSCRIBED, "left_at": NOW - days * DAY, "left_because": "too_many", "lang": "de"}
    return subscriber(number, **{**known, "consent": RECEIPT, "source": "/about", **changes})


def test_who_left_a_month_ago_is_a_keyed_hash_and_the_receipt_lies_apart_without_the_address(stack: Stack) -> None:
    stack.save(left())

    assert stack.forget() == ForgottenLeavers(forgotten=1, receipts=1)

    assert set(stack.stored()) == {"subscriber_id", "status", "signed_up_at", "left_at", "version"}
    (kept,) = stack.leavers.receipts()
    assert kept.consent == RECEIPT
    assert kept.consent.holds("key")
    assert (kept.subscriber_id, kept.left_at) == (an_id(1), NOW - 31 * DAY)
    assert NOW + 5.9 * 365 * DAY < kept.expires_at < NOW + 6.1 * 366 * DAY
    item = stack.client.scan(TableName="ReceiptsTable")["Items"][0]
    assert "@" not in str(item)
    assert item["expires_at"]["N"] == str(int(kept.expires_at.timestamp()))
    assert stack.forget() == ForgottenLeavers()


@pytest.mark.parametrize(
    "person",
    [
        left(days=29.9),
        subscriber(),
        subscriber(suppressed=True),
        subscriber(status=Status.UNCONFIRMED, signed_up_at=NOW - 99 * DAY),  # DynamoDB erases it
        left(status=Status.UNCONFIRMED, signed_up_at=NOW - 3 * DAY),  # signed up again, and may confirm yet
        left(
            status=Status.UNCONFIRMED, signed_up_at=NOW - 31 * DAY, pending=(PendingSignUp(number=1, consent=ANOTHER),)
        ),
    ],
    ids=["left lately", "reader", "suppressed", "waits", "came back", "came back twice"],
)
def test_everybody_else_stays_as_they_are(stack: Stack, person: Subscriber) -> None:
    stack.save(person)

    assert stack.forget() == ForgottenLeavers()
    assert stack.subscribers.get(an_id(1)) == replace(person, version=1)


def test_zero_days_is_never_and_zero_years_keeps_no_receipt(stack: Stack) -> None:
    stack.save(left(days=9999))

    assert stack.forget(forget_after_days=0) == ForgottenLeavers()
    assert stack.forget(keep_receipts_years=0) == ForgottenLeavers(forgotten=1)
    assert list(stack.leavers.receipts()) == []


def test_an_old_record_that_does_not_say_when_they_left_counts_from_the_last_that_it_says(stack: Stack) -> None:
    stack.save(
        left(1, left_at=None, signed_up_at=NOW - 400 * DAY, confirmed_at=NOW - 399 * DAY),
        left(2, left_at=None, signed_up_at=NOW - 400 * DAY, confirmed_at=NOW - 2 * DAY),
    )

    assert stack.forget().forgotten == 1
    assert stack.stored(1)["left_at"] == {"S": (NOW - 399 * DAY).isoformat()}
    assert "email" in stack.stored(2)


def test_a_sign_up_over_a_tombstone_that_nobody_confirms_is_forgotten_again(stack: Stack) -> None:
    """Such a record never expires, because it says that they left; so a stranger's sign-up would keep the address."""
    signed_up = left(
        days=200, status=Status.UNCONFIRMED, signed_up_at=NOW - 31 * DAY, consent=replace(RECEIPT, confirmed_at=None)
    )
    stack.save(signed_up)

    assert stack.forget() == ForgottenLeavers(forgotten=1)
    assert set(stack.stored()) == {"subscriber_id", "status", "signed_up_at", "left_at", "version"}
    assert stack.stored()["left_at"] == {"S": (NOW - 200 * DAY).isoformat()}


def test_old_links_still_leave_and_show_nothing(stack: Stack) -> None:
    stack.save(left(1), replace(subscriber(2), email="", status=Status.UNSUBSCRIBED, left_at=NOW, moved_to=an_id(1)))
    stack.forget()

    assert not unsubscribe(an_id(2), subscribers=stack.subscribers, now=NOW)
    with pytest.raises(ExpiredTokenError):
        show(Token(an_id(1), NOW, Purpose.ACCOUNT), subscribers=stack.subscribers, now=NOW)


def test_an_erasure_takes_the_receipts_along(stack: Stack) -> None:
    stack.save(left())
    stack.forget()

    assert erase(an_id(1), subscribers=stack.subscribers, suppressions=stack.suppressions, now=NOW)

    assert list(stack.leavers.receipts()) == []
    assert stack.subscribers.get(an_id(1)) is None
    kept_out = stack.suppressions.get(an_id(1))
    assert kept_out is not None
    assert kept_out.reason is SuppressionReason.ERASED


def test_who_comes_back_and_leaves_again_has_two_receipts(stack: Stack) -> None:
    stack.save(left())
    stack.forget()
    again = replace(RECEIPT, confirmed_at=NOW - 70 * DAY).sealed("key")
    stack.save(left(days=40, consent=again, version=2))

    assert stack.forget() == ForgottenLeavers(forgotten=1, receipts=1)
    assert [each.consent for each in stack.leavers.receipts()] == [RECEIPT, again]


def test_a_record_that_changes_at_the_same_moment_is_left_alone_with_its_receipt(stack: Stack) -> None:
    stack.save(left())
    stale = tombstone(left())

    assert not stack.leavers.forget(stale, None)
    assert "email" in stack.stored()


def test_a_page_says_where_to_go_on(stack: Stack) -> None:
    stack.save(*(left(number) for number in range(1, 6)))
    real = stack.client

    class Small:
        """DynamoDB with pages of two items."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def scan(self, **wanted: Any) -> Any:
            return real.scan(**wanted | {"Limit": 2})

    small: Any = Small()
    leavers = DynamoLeavers(small, "SubscribersTable", "ReceiptsTable", stack.subscribers)
    ports = ForgetPorts(leavers, RetentionPolicy())
    pages = [forget_leavers("", ports=ports, now=NOW)]
    while pages[-1].next_page:
        pages.append(forget_leavers(pages[-1].next_page, ports=ports, now=NOW))

    assert sum(page.forgotten for page in pages) == 5
    assert len(pages) >= 3


KEPT = {"subscriber_id", "status", "left_at", "links_since", "came_from", "moved_to", "suppressed", "version"}
"""Of a record; `signed_up_at` must stand, and says when they left."""


def test_every_field_of_a_record_either_stays_in_a_tombstone_or_goes() -> None:
    """Whoever adds a field has to say here whether it is remembered of somebody who left."""
    full = left(
        confirmation_sent_at=NOW, rests_until=NOW.date(), muted_topics=("bins",), last_notice_at=NOW, reminded_at=NOW,
        renewal_asked_at=NOW, tags=frozenset({"press"}),
        move=Move(new_id=an_id(5), email="new@example.org", asked_at=NOW), came_from=(an_id(6),), moves_from=an_id(2),
        moving_to=an_id(4), moved_to=an_id(3), suppressed=True, links_since=NOW,
        pending=(PendingSignUp(consent=RECEIPT),), soft_bounces=("x",), fields={"region": "Wales"}, version=7,
        digest_since="2026-12", digest_months=("2026-11",),
    )  # fmt: skip
    stone = tombstone(full)

    unlike = {each.name for each in fields(Subscriber) if getattr(stone, each.name) != getattr(full, each.name)}
    assert {each.name for each in fields(Subscriber)} - unlike == KEPT
    assert stone.signed_up_at == stone.left_at
    assert tombstone(stone) == stone
