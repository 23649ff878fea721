"""Who is in a part of the list: DynamoDB's filter and our own reading of the record mean the same readers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.core.audience.expression import AllOf, AudienceExpression, Comparison, Not, OneOf, Relation
from newsletter.core.audience.grammar import MOST_COMPARISONS, parse_audience
from newsletter.core.audience.part_of_list import PartOfList
from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.readers.adapters.audience_filter import audience_filter
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.shard import PARTITIONS, shards
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.part import is_in_part
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySubscribers

Subscribers = MemorySubscribers | DynamoSubscribers

TAGS = ("members", "press", "gönner")
PEOPLE = [
    subscriber(
        number,
        tags=frozenset(each for place, each in enumerate(TAGS) if number >> place & 1),
        lang=("", "cy", "pt-BR", "en")[number % 4],
        source=("", "https://example.org/events/", "/about")[number % 3],
        digest_since=("", "2026-11", "2026-12", "")[number % 4],
        digest_months=((), ("2026-10", "2026-11"), ())[number % 3],
        muted_topics=(("bins",), ("bins", "rates"), ())[number % 3],
        confirmed_at=datetime(2026, 1, 1 + number % 5, 12, tzinfo=UTC),
        status=Status.UNSUBSCRIBED if number == 23 else Status.CONFIRMED,
        suppressed=number == 22,
    )
    for number in range(24)
]


@pytest.fixture(params=["memory", "dynamodb"])
def subscribers(request: pytest.FixtureRequest) -> Subscribers:
    store: Subscribers = MemorySubscribers()
    if request.param == "dynamodb":
        store = DynamoSubscribers(request.getfixturevalue("dynamodb"), "SubscribersTable")
    for each in PEOPLE:
        assert store.save(each)
    return store


def meant(subscribers: Subscribers, expression: AudienceExpression | None) -> list[str]:
    return [who for shard in shards(16) for who in subscribers.ids(shard, after=shard.first, matching=expression)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("tag:members", range(1, 22, 2)),
        ("tag:gönner and not tag:press", [4, 5, 12, 13, 20, 21]),
        ("language:pt", range(2, 22, 4)),
        ("not (language:cy or language:en)", [*range(0, 22, 4), *range(2, 22, 4)]),
        ("source:events and topic:bins", []),
        ("source:events and not topic:bins", range(1, 22, 3)),
        ('source = "/about" or joined = 2026-01-03', {*range(2, 22, 3), *range(2, 22, 5)}),
        ("joined < 2026-01-02", range(0, 22, 5)),
        ("field.region = Wales", []),
        ("field.region != Wales", range(22)),
        ("tag:nobody", []),
    ],
)
def test_a_part_of_the_list_is_who_is_meant_in_order_and_counted(
    subscribers: Subscribers, text: str, numbers: Any
) -> None:
    expression = parse_audience(text)

    assert meant(subscribers, expression) == sorted(an_id(number) for number in numbers)
    assert subscribers.size(matching=expression) == len(list(numbers))


def test_without_an_expression_it_is_everybody_who_may_be_mailed(subscribers: Subscribers) -> None:
    assert meant(subscribers, None) == [an_id(number) for number in range(22)]
    assert subscribers.size() == 22


def test_some_partitions_can_be_counted_for_the_whole(subscribers: Subscribers) -> None:
    in_the_first = sum(is_in_part(each, None) for each in PEOPLE if each.subscriber_id < "1")

    assert subscribers.size(partitions=1) == in_the_first
    assert subscribers.size(matching=parse_audience("joined > 2000-01-01"), partitions=PARTITIONS) == 22


def test_planning_goes_on_behind_an_id(subscribers: Subscribers) -> None:
    first = shards(16)[0]
    expression = parse_audience("tag:members")
    found = list(subscribers.ids(first, after=first.first, matching=expression))

    assert list(subscribers.ids(first, after=found[2], matching=expression)) == found[3:]


IN_ORDER = [each for each in Relation if each is not Relation.CONTAINS]
COMPARISONS = st.one_of(
    st.builds(Comparison, st.just("tag"), st.just(Relation.IS), st.sampled_from((*TAGS, "x"))),
    st.builds(Comparison, st.just("topic"), st.just(Relation.IS), st.sampled_from(("bins", "rates", "x"))),
    st.builds(Comparison, st.just("language"), st.just(Relation.IS), st.sampled_from(("cy", "pt", "pt-BR", "p"))),
    st.builds(
        Comparison, st.just("source"), st.sampled_from((Relation.IS, Relation.CONTAINS)),
        st.sampled_from(("/about", "example", "x")),
    ),
    st.builds(
        Comparison, st.just("joined"), st.sampled_from((Relation.FROM, Relation.BEFORE)),
        st.sampled_from(("2026-01-02", "2026-01-04")),
    ),
    st.builds(
        Comparison, st.just("digest_since"), st.just(Relation.AT_MOST),
        st.sampled_from(("2026-10", "2026-11", "2027-01")),
    ),
    st.builds(Comparison, st.just("digest_months"), st.just(Relation.IS), st.sampled_from(("2026-10", "2026-12"))),
    st.builds(Comparison, st.just("field.region"), st.sampled_from(IN_ORDER), st.just("2026-01-01")),
)  # fmt: skip
CONDITIONS: Any = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(OneOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", ["dynamodb"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=CONDITIONS)
def test_whatever_is_asked_the_table_and_the_record_say_the_same(
    kind: str, request: pytest.FixtureRequest, condition: Any
) -> None:
    store = DynamoSubscribers(request.getfixturevalue("dynamodb"), "SubscribersTable")
    if store.get(PEOPLE[0].subscriber_id) is None:  # before the first example
        assert all(store.save(each) for each in PEOPLE)
    expression = AudienceExpression("", condition)

    found = [who for shard in shards(16)[:2] for who in store.ids(shard, after=shard.first, matching=expression)]
    assert found == [each.subscriber_id for each in PEOPLE if is_in_part(each, expression)]


def test_the_largest_expression_stays_within_what_dynamodb_takes() -> None:
    text = " or ".join(f"language:a{number % 10}{number // 10}" for number in range(MOST_COMPARISONS))

    asked = audience_filter(parse_audience(text))

    assert len(asked["FilterExpression"].encode()) < 4096
    assert asked["FilterExpression"].count(" OR ") + asked["FilterExpression"].count("=") < 250


def test_with_what_readers_chose_it_stays_there_too_and_nobody_is_in_both_halves(subscribers: Subscribers) -> None:
    text = " or ".join(f"language:a{number % 10}{number // 10}" for number in range(MOST_COMPARISONS))
    largest = PartOfList(text, ReadingRhythm.EVERY_ISSUE, "2026-11").expression
    halves = [meant(subscribers, PartOfList("", each, "2026-11").expression) for each in ReadingRhythm]

    assert largest is not None
    assert len(audience_filter(largest)["FilterExpression"].encode()) < 4096
    assert sorted(halves[0] + halves[1]) == [an_id(number) for number in range(22)]
    assert min(map(len, halves)) > 4


def test_nothing_that_somebody_typed_stands_in_the_filter_itself() -> None:
    asked = audience_filter(parse_audience('tag:"press" and source:") OR attribute_exists(email" and field.size = x'))

    assert asked["FilterExpression"] == "contains(#n0, :v0) AND contains(#n1, :v1) AND #n3.#n2 = :v2"


def test_values_of_fields_are_compared_where_a_record_has_some(subscribers: Subscribers) -> None:
    """The filter reads the map `fields` of an item, whoever wrote it there."""
    if isinstance(subscribers, DynamoSubscribers):
        subscribers._client.update_item(
            TableName="SubscribersTable", Key={"subscriber_id": {"S": an_id(4)}},
            UpdateExpression="SET #fields = :fields", ExpressionAttributeNames={"#fields": "fields"},
            ExpressionAttributeValues={":fields": {"M": {"region": {"S": "Wales"}, "born": {"S": "1990-05-06"}}}},
        )  # fmt: skip
        assert meant(subscribers, parse_audience("field.region = Wales")) == [an_id(4)]
        assert meant(subscribers, parse_audience("field.born < 2000-01-01")) == [an_id(4)]


def person(**changes: Any) -> Subscriber:
    return subscriber(1, **changes)


def test_whoever_may_not_be_mailed_is_in_no_part() -> None:
    everybody = parse_audience("not tag:nobody")

    assert is_in_part(person(), everybody)
    assert not is_in_part(person(suppressed=True), everybody)
    assert not is_in_part(person(status=Status.UNCONFIRMED), everybody)
