"""One event for one endpoint: what is sent, what comes of it, and when it is tried again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from newsletter.desk.webhooks.change_endpoints import rotate_secret, send_again, send_test, switch_endpoint
from newsletter.desk.webhooks.deliver import DeliverResult, deliver
from newsletter.desk.webhooks.delivery import LONGEST_WAIT, MOST_ATTEMPTS, TRIED_FOR, Delivery, DeliveryState
from newsletter.desk.webhooks.endpoint import BOTH_SIGN, LONGEST_REST, OffBecause
from newsletter.desk.webhooks.event import EventType
from newsletter.desk.webhooks.queue_deliveries import queue_deliveries
from newsletter.errors import InvalidRequestError
from tests.core.fakes import NOW
from tests.desk.webhook_fakes import ENDPOINT, EVENT, MemoryEndpoints, Receiver, Switchboard

ID = ENDPOINT.endpoint_id


@pytest.fixture
def board() -> Switchboard:
    return Switchboard()


def told(board: Switchboard) -> Delivery:
    """Queue the event for the endpoint, and return its delivery."""
    assert queue_deliveries([EVENT], ports=board.ports, now=NOW) == 1
    return board.queue.waiting[-1]


def stands(board: Switchboard, delivery: Delivery) -> Delivery:
    found = board.deliveries.find(ID, delivery.entry)
    assert found is not None
    return found


def tries(board: Switchboard, delivery: Delivery, after: timedelta = timedelta()) -> DeliverResult:
    return deliver(ID, delivery.entry, ports=board.deliver_ports, now=NOW + after).result


def test_an_event_is_queued_for_those_who_are_told_of_it_and_written_down_once() -> None:
    others = [
        replace(ENDPOINT, endpoint_id="1" * 16, event_types=frozenset({EventType.LEFT})),
        replace(ENDPOINT, endpoint_id="2" * 16, off_because=OffBecause.OWNER),
    ]
    board = Switchboard(endpoints=MemoryEndpoints(ENDPOINT, *others))

    queue_deliveries([EVENT], ports=board.ports, now=NOW)
    queue_deliveries([EVENT], ports=board.ports, now=NOW + timedelta(hours=1))

    assert [each.endpoint_id for each in board.queue.waiting] == [ID, ID]
    assert [each.give_up_at for each in board.deliveries.held.values()] == [NOW + TRIED_FOR]


def test_what_is_sent_is_signed_and_says_no_address(board: Switchboard) -> None:
    board.emails = {"f" * 32: "ann@example.org"}
    delivery = told(board)

    assert tries(board, delivery) is DeliverResult.DELIVERED
    ((_, request),) = board.receiver.requests
    assert request.url == ENDPOINT.url
    assert request.headers["webhook-id"] == EVENT.event_id
    assert json.loads(request.body) == {
        "type": "subscriber.confirmed",
        "timestamp": "2026-12-01T09:00:00Z",
        "version": "2026-12-01",
        "data": {"subscriber_id": "f" * 32, "source": "/"},
    }
    assert stands(board, delivery).state is DeliveryState.DELIVERED


def test_an_endpoint_that_an_owner_allowed_is_told_the_address_as_long_as_there_is_one() -> None:
    board = Switchboard(endpoints=MemoryEndpoints(replace(ENDPOINT, with_addresses=True)))
    board.receiver = Receiver(lambda now: 500 if now == NOW else 200)
    board.emails = {"f" * 32: "ann@example.org"}
    delivery = told(board)

    tries(board, delivery)
    board.emails = {}  # erased meanwhile
    tries(board, delivery, timedelta(minutes=1))

    bodies = [json.loads(request.body)["data"] for _, request in board.receiver.requests]
    assert [body.get("email") for body in bodies] == ["ann@example.org", None]
    assert "ann@" not in str(board.deliveries.held), "no address is kept"


def test_for_a_day_after_a_rotation_the_old_secret_verifies_too(board: Switchboard) -> None:
    rotated = rotate_secret(ID, endpoints=board.endpoints, now=NOW)
    assert rotated.secret != ENDPOINT.secret

    for after, old_too in ((timedelta(), True), (BOTH_SIGN, False)):
        headers = board.deliver_ports.sign("evt_1", "{}", secrets=rotated.secrets_at(NOW + after), now=NOW + after)
        assert len(headers["webhook-signature"].split()) == 1 + old_too
    current = Webhook(rotated.secret).sign("evt_1", NOW, "{}")
    old = Webhook(ENDPOINT.secret).sign("evt_1", NOW, "{}")
    both = board.deliver_ports.sign("evt_1", "{}", secrets=rotated.secrets_at(NOW), now=NOW)
    assert both["webhook-signature"] == f"{current} {old}"


def test_a_stranger_does_not_verify(board: Switchboard) -> None:
    headers = board.deliver_ports.sign("evt_1", "{}", secrets=("whsec_b3RoZXI=",), now=NOW)

    with pytest.raises(WebhookVerificationError):
        Webhook(ENDPOINT.secret).verify("{}", dict(headers))


def test_a_failure_is_tried_again_later_and_later_and_at_the_end_of_three_days_for_the_last_time() -> None:
    board = Switchboard(receiver=Receiver(lambda _: 503), chance=lambda: 1.0)
    delivery, at, waits = told(board), NOW, []

    while True:
        delivered = deliver(ID, delivery.entry, ports=board.deliver_ports, now=at)
        if delivered.wait is None:
            break
        if delivered.result is DeliverResult.FAILED:
            waits.append(delivered.wait)
        at += delivered.wait

    assert delivered.result is DeliverResult.GIVEN_UP
    assert stands(board, delivery).state is DeliveryState.GIVEN_UP
    assert [wait.total_seconds() for wait in waits[:6]] == [5, 20, 80, 320, 1280, 5120]
    assert max(waits) == LONGEST_WAIT
    assert board.receiver.requests[-1][0] == NOW + TRIED_FOR
    assert 20 <= len(board.receiver.requests) <= 30


def test_what_failed_together_is_not_tried_again_together() -> None:
    waits = set()
    for share in (0.0, 0.3, 1.0):
        board = Switchboard(receiver=Receiver(lambda _: 0), chance=lambda share=share: share)  # type: ignore[misc]
        waits.add(deliver(ID, told(board).entry, ports=board.deliver_ports, now=NOW).wait)

    assert waits == {timedelta(seconds=2.5), timedelta(seconds=3.25), timedelta(seconds=5)}


def test_an_endpoint_that_fails_is_left_alone_for_a_while_and_others_are_not(board: Switchboard) -> None:
    other = replace(ENDPOINT, endpoint_id="e" * 16, url="https://chat.example.org/hook")
    board.endpoints.add(other)
    board.receiver.answers = lambda _: 0
    queue_deliveries([EVENT, replace(EVENT, event_id="evt_2")], ports=board.ports, now=NOW)
    first, _, second, _ = board.queue.waiting
    theirs = {each.endpoint_id: each for each in board.queue.waiting}[other.endpoint_id]

    assert tries(board, first) is DeliverResult.FAILED
    waits = deliver(ID, second.entry, ports=board.deliver_ports, now=NOW + timedelta(seconds=1))
    board.receiver.answers = lambda _: 204
    at_the_other = deliver(other.endpoint_id, theirs.entry, ports=board.deliver_ports, now=NOW + timedelta(seconds=1))

    assert waits.result is DeliverResult.RESTS
    assert waits.wait is not None
    assert timedelta(seconds=4) <= waits.wait <= timedelta(seconds=9)
    assert at_the_other.result is DeliverResult.DELIVERED
    assert [request.url for _, request in board.receiver.requests] == [ENDPOINT.url, other.url]
    assert stands(board, second).attempts == ()


def test_its_rest_grows_to_a_quarter_of_an_hour_and_ends_with_the_first_success() -> None:
    endpoint, rests = ENDPOINT, []
    for _ in range(12):
        endpoint = endpoint.after_failure(NOW)
        assert endpoint.rests_until is not None
        rests.append(endpoint.rests_until - NOW)

    assert rests[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert rests[-1] == LONGEST_REST
    assert not endpoint.after_success().rests(NOW)


def test_of_many_failures_at_the_same_moment_one_counts(board: Switchboard) -> None:
    stale = board.endpoints.all()[0]
    assert board.endpoints.change(stale, stale.after_failure(NOW))
    assert not board.endpoints.change(stale, stale.after_failure(NOW))

    assert board.endpoints.all()[0].failures == 1


def test_an_endpoint_that_is_gone_is_switched_off_and_the_owner_hears_of_it_once(board: Switchboard) -> None:
    board.receiver.answers = lambda _: 410
    delivery, other = told(board), replace(EVENT, event_id="evt_2")
    queue_deliveries([other], ports=board.ports, now=NOW)

    assert tries(board, delivery) is DeliverResult.GONE
    assert tries(board, board.queue.waiting[-1]) is DeliverResult.GIVEN_UP, "the next is not even tried"
    assert board.endpoints.all()[0].off_because is OffBecause.GONE
    assert [(each.did, each.what) for each in board.activities.noted] == [
        ("switched off the webhook", "crm.example.org/hook")
    ]
    assert [each.endpoint_id for each in board.news.gone] == [ID]
    assert queue_deliveries([replace(EVENT, event_id="evt_3")], ports=board.ports, now=NOW) == 0


def test_a_redirect_is_a_failure_like_any_other(board: Switchboard) -> None:
    board.receiver.answers = lambda _: 302

    assert tries(board, told(board)) is DeliverResult.FAILED


def test_what_was_delivered_is_not_sent_again_by_a_message_that_comes_twice(board: Switchboard) -> None:
    delivery = told(board)
    tries(board, delivery)

    assert tries(board, delivery) is DeliverResult.OVER
    assert len(board.receiver.requests) == 1


def test_what_was_given_up_can_be_sent_again_with_the_same_id(board: Switchboard) -> None:
    board.receiver.answers = lambda now: 500 if now <= NOW + TRIED_FOR else 200
    delivery = told(board)
    tries(board, delivery, TRIED_FOR)
    assert stands(board, delivery).state is DeliveryState.GIVEN_UP

    later = TRIED_FOR + timedelta(days=9)
    send_again(ID, delivery.entry, ports=board.ports, now=NOW + later)
    assert tries(board, delivery, later) is DeliverResult.DELIVERED

    ids = {request.headers["webhook-id"] for _, request in board.receiver.requests}
    assert ids == {EVENT.event_id}
    assert len(stands(board, delivery).attempts) == 2


def test_nothing_is_sent_to_an_endpoint_that_was_switched_off_or_removed(board: Switchboard) -> None:
    delivery = told(board)
    switch_endpoint(ID, on=False, endpoints=board.endpoints)
    assert tries(board, delivery) is DeliverResult.GIVEN_UP
    with pytest.raises(InvalidRequestError):
        send_again(ID, delivery.entry, ports=board.ports, now=NOW)
    with pytest.raises(InvalidRequestError):
        send_test(ID, ports=board.ports, now=NOW)

    board.endpoints.remove(ID)
    assert tries(board, delivery) is DeliverResult.OVER
    assert board.receiver.requests == []


def test_a_test_event_goes_to_the_endpoint_that_it_was_asked_for(board: Switchboard) -> None:
    board.endpoints.add(replace(ENDPOINT, endpoint_id="e" * 16))
    send_test(ID, ports=board.ports, now=NOW)
    (delivery,) = board.queue.waiting

    assert tries(board, delivery) is DeliverResult.DELIVERED
    assert json.loads(board.receiver.requests[0][1].body)["type"] == "test"


def test_of_what_is_sent_again_and_again_the_newest_attempts_are_kept(board: Switchboard) -> None:
    delivery = told(board)
    for number in range(MOST_ATTEMPTS + 5):
        send_again(ID, delivery.entry, ports=board.ports, now=NOW + timedelta(minutes=number))
        tries(board, delivery, timedelta(minutes=number))

    kept = stands(board, delivery).attempts
    assert (len(kept), kept[-1].at) == (MOST_ATTEMPTS, NOW + timedelta(minutes=MOST_ATTEMPTS + 4))
