"""Clearing the answers to a field that is gone."""

from __future__ import annotations

from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.pending_sign_up import PendingSignUp
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.jobs.clear_field import clear_field
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySubscribers


def test_answers_of_readers_and_of_sign_ups_that_wait_are_cleared_and_others_stay() -> None:
    pending = PendingSignUp(number=1, consent=Consent(asked_at=NOW, page="/"), fields={"gone": "a", "kept": "b"})
    people = MemorySubscribers(
        subscriber(1, fields={"gone": "x", "kept": "y"}),
        subscriber(2, fields={"kept": "y"}),
        subscriber(3, status=Status.UNCONFIRMED, confirmed_at=None, pending=(pending,)),
    )

    assert clear_field("gone", whole_list=people, subscribers=people) == 2

    first, second, third = (people.get(an_id(number)) for number in (1, 2, 3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.fields, second.fields) == ({"kept": "y"}, {"kept": "y"})
    assert [dict(each.fields) for each in third.pending] == [{"kept": "b"}]
    assert clear_field("gone", whole_list=people, subscribers=people) == 0
