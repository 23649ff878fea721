"""What every store of opens and clicks promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Any

import pytest

from newsletter.feedback.adapters.dynamo_engagement import CROWDED, DynamoEngagement
from newsletter.feedback.domain.engagement import TOUCHES_OF_ONE, Engagement, MachineSign, Touch, short_link
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.domain.user_agent import Agent
from newsletter.feedback.ports import EngagementStore
from newsletter.sending.domain.batch import part_name
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryEngagement

OPENED, CLICKED = FeedbackKind.OPENED, FeedbackKind.CLICKED
URL = "https://example.org/housing"
LINKS = {short_link(URL): URL}


def numbered_salts() -> Any:
    numbers = count(1)
    return lambda: next(numbers).to_bytes(32)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> EngagementStore:
    if request.param == "memory":
        return MemoryEngagement()
    return DynamoEngagement(request.getfixturevalue("dynamodb"), "SendsTable", individual=False)


@pytest.fixture(params=["memory", "dynamodb"])
def following(request: pytest.FixtureRequest) -> EngagementStore:
    if request.param == "memory":
        return MemoryEngagement(individual=True)
    return DynamoEngagement(request.getfixturevalue("dynamodb"), "SendsTable", individual=True)


def opened(who: int, seconds: int = 600, agent: Agent = Agent.READER) -> Touch:
    return Touch(an_id(who), seconds, OPENED, agent)


def clicked(who: int, seconds: int = 700, url: str = URL, agent: Agent = Agent.READER) -> Touch:
    return Touch(an_id(who), seconds, CLICKED, agent, short_link(url))


def items(dynamodb: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dynamodb.scan(TableName="SendsTable")["Items"]
    return found


def test_a_send_of_which_nothing_was_reported_has_no_engagement(store: EngagementStore) -> None:
    assert store.read(SLUG) is None
    assert store.fold(SLUG) is None


def test_touches_are_counted_once_however_often_they_come(store: EngagementStore) -> None:
    for _ in range(3):
        store.record(SLUG, {"00": [opened(1), opened(2, agent=Agent.PRIVACY_PROXY), clicked(1)]}, LINKS, now=NOW)
        store.record(SLUG, {"00": [opened(1, 9_000)], "01": [opened(3)]}, {}, now=NOW)

    found = store.read(SLUG)

    assert found is not None
    assert (found.opens.raw, found.opens.machine, found.opens.likely_human, found.opens.people) == (4, 1, 3, 2)
    assert (found.clicks.raw, found.clicks.people) == (1, 1)
    assert [(url, each.raw) for url, each in found.links] == [(URL, 1)]
    assert store.read("another") is None


def test_the_parts_of_a_large_batch_are_added_up_and_folded_like_batches(store: EngagementStore) -> None:
    first, second, last = (part_name("00", position) for position in (0, 50, 999))
    store.record(SLUG, {first: [opened(1)], second: [opened(2), clicked(2)], last: [opened(3)]}, LINKS, now=NOW)
    store.record(SLUG, {second: [opened(2)]}, {}, now=NOW)

    for found in (store.read(SLUG), store.fold(SLUG), store.fold(SLUG)):
        assert found is not None
        assert (found.opens.raw, found.opens.people, found.clicks.raw) == (3, 3, 1)


def test_the_order_of_the_touches_does_not_matter(store: EngagementStore) -> None:
    touches = [opened(n, 60 * n) for n in range(1, 30)] + [clicked(n, 90 * n) for n in range(1, 30)]
    store.record(SLUG, {"00": touches}, LINKS, now=NOW)
    Random(1).shuffle(touches)  # noqa: S311 - a shuffle that is the same every time
    for each in touches:
        store.record("shuffled", {"00": [each]}, LINKS, now=NOW)

    assert store.read("shuffled") == store.read(SLUG)


def test_folding_keeps_the_numbers(store: EngagementStore) -> None:
    store.record(SLUG, {"00": [opened(1), clicked(1)], "01": [opened(2)]}, LINKS, now=NOW)
    before = store.read(SLUG)

    assert store.fold(SLUG) == before
    assert store.fold(SLUG) == before
    assert store.read(SLUG) == before


def test_what_comes_after_folding_is_only_counted(store: EngagementStore) -> None:
    store.record(SLUG, {"00": [opened(1)]}, {}, now=NOW)
    before = store.fold(SLUG)
    store.record(SLUG, {"00": [opened(2), clicked(2)], "01": [opened(3)]}, LINKS, now=NOW)

    after = store.read(SLUG)

    assert before is not None
    assert after is not None
    assert after.opens == before.opens
    assert (after.late_opens, after.late_clicks) == (2, 1)


def test_a_scanner_that_clicks_for_ever_fills_nothing_and_hides_nobody(store: EngagementStore) -> None:
    for minute in range(60):
        store.record(SLUG, {"00": [clicked(1, 1_000 + 60 * minute + n) for n in range(25)]}, LINKS, now=NOW)
    store.record(SLUG, {"00": [clicked(2)]}, LINKS, now=NOW)

    found = store.read(SLUG)

    assert found is not None
    assert found.clicks.raw == 1_501
    assert (found.clicks.likely_human, found.clicks.people) == (1, 1)
    assert found.clicks.machine_by == {MachineSign.TOO_OFTEN: 1_500}


def test_readers_who_are_followed_stay_on_record(following: EngagementStore) -> None:
    following.record(SLUG, {"00": [opened(1), clicked(1)]}, LINKS, now=NOW)
    before = following.read(SLUG)
    following.fold(SLUG)
    following.record(SLUG, {"00": [opened(1), opened(2)]}, {}, now=NOW)

    after = following.read(SLUG)

    assert before is not None
    assert after is not None
    assert (before.opens.people, after.opens.people, after.late_opens) == (1, 2, 0)


def test_nobody_is_named_in_the_table_and_no_name_holds_in_two_sends(dynamodb: Any) -> None:
    store = DynamoEngagement(dynamodb, "SendsTable", individual=False, new_salt=numbered_salts())
    for slug in (SLUG, "another"):
        store.record(slug, {"00": [opened(1)]}, {}, now=NOW)

    who = {item["entries"]["BS"][0][:16] for item in items(dynamodb) if "entries" in item}

    assert len(who) == 2
    assert bytes.fromhex(an_id(1)) not in who


def test_folding_leaves_one_item_with_numbers_and_no_way_back(dynamodb: Any) -> None:
    store = DynamoEngagement(dynamodb, "SendsTable", individual=False)
    store.record(SLUG, {f"{n:02}": [opened(n), clicked(n)] for n in range(60)}, LINKS, now=NOW)

    store.fold(SLUG)

    (item,) = items(dynamodb)
    assert set(item) == {"slug", "item", "totals"}


def test_what_nobody_folds_expires(dynamodb: Any) -> None:
    store = DynamoEngagement(dynamodb, "SendsTable", individual=False)
    store.record(SLUG, {"00": [opened(1)]}, {}, now=NOW)

    assert all(int(item["expires_at"]["N"]) > NOW.timestamp() for item in items(dynamodb))


def test_readers_who_are_followed_stand_there_by_their_ids_and_do_not_expire(dynamodb: Any) -> None:
    store = DynamoEngagement(dynamodb, "SendsTable", individual=True)
    store.record(SLUG, {"00": [opened(1)]}, {}, now=NOW)

    (entry,) = (item for item in items(dynamodb) if "entries" in item)
    assert entry["entries"]["BS"][0][:16] == bytes.fromhex(an_id(1))
    assert not any("expires_at" in item for item in items(dynamodb))


def test_no_item_comes_near_what_dynamodb_can_hold(dynamodb: Any) -> None:
    store = DynamoEngagement(dynamodb, "SendsTable", individual=False)
    for second in range(0, 200, 4):  # fifty recipients, each with a scanner that does not stop
        store.record(
            SLUG, {"00": [clicked(who, 1_000 + second + n) for who in range(50) for n in range(4)]}, LINKS, now=NOW
        )

    (entry,) = (item for item in items(dynamodb) if "entries" in item)
    kept = entry["entries"]["BS"]
    assert len(kept) <= CROWDED + 200 + 50 * TOUCHES_OF_ONE
    assert sum(map(len, kept)) < 100_000  # of 400 KB
    assert store.read(SLUG) == Engagement.of_plain(store.read(SLUG).plain())  # type: ignore[union-attr]


class Counted:
    """Counts calls."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self.client, name)


def test_a_reception_costs_one_write_for_each_batch_it_speaks_of(dynamodb: Any) -> None:
    client: Any = Counted(dynamodb)
    store = DynamoEngagement(client, "SendsTable", individual=False)
    store.record(SLUG, {"00": [opened(1), clicked(1)]}, LINKS, now=NOW)
    client.calls.clear()

    # A hundred notifications about three batches, while the mails still arrive.
    store.record(SLUG, {f"0{n % 3}": [opened(m) for m in range(n % 3, 100, 3)] for n in range(3)}, LINKS, now=NOW)

    assert client.calls == ["get_item", "update_item", "update_item", "update_item"]
