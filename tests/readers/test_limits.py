"""Limits: what counts together, for how long, and that a counter tells nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.domain.limits import (
    DAY,
    HOUR,
    Lane,
    Limit,
    Policy,
    Subject,
    counter,
    counters,
    network_of,
    reached,
)
from tests.core.fakes import NOW

POLICY = Policy(proof_of_work=True, per_network=40, per_hour=1000)
MOMENTS = st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
HOURLY = Limit("network", Subject.NETWORK, 3, HOUR)


def key_of(subject: str, *, limit: Limit = HOURLY, after: timedelta = timedelta(0), key: str = "key") -> str:
    return counter(limit, subject, key=key, now=NOW + after).key


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002/64"),
        ("2001:db8:1:2::", "20010db800010002/64"),
        ("2001:db8:1:3::1", "20010db800010003/64"),
        ("fe80::1%eth0", "fe80000000000000/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("192.0.2.7, 192.0.2.8", "unknown"),
    ],
)
def test_a_network_is_one_place(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.text())
def test_no_text_makes_a_network_fail(address: str) -> None:
    assert network_of(address)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(2**32, 2**64 - 1))
def test_whoever_owns_a_64_is_one_place_whatever_address_they_use(one: int, other: int, prefix: int) -> None:
    assert network_of(str(IPv6Address(prefix << 64 | one))) == network_of(str(IPv6Address(prefix << 64 | other)))


def test_a_counter_is_shared_within_its_window_and_new_in_the_next() -> None:
    start = counter(HOURLY, "place", key="key", now=NOW).expires_at - HOUR - NOW

    assert key_of("place", after=start) == key_of("place", after=start + HOUR - timedelta(seconds=1))
    assert key_of("place", after=start) != key_of("place", after=start + HOUR)


@given(MOMENTS, st.sampled_from([HOUR, DAY]))
def test_a_counter_may_be_forgotten_only_when_its_window_is_over(now: datetime, window: timedelta) -> None:
    expires = counter(Limit("any", Subject.NETWORK, 1, window), "place", key="key", now=now).expires_at

    assert now < expires <= now + window


def test_a_counter_tells_nothing_about_whom_it_counts() -> None:
    made = key_of("192.0.2.7")

    assert made.startswith("network#")
    assert "192" not in made.removeprefix("network#")[:4]
    assert made != key_of("192.0.2.7", key="another key")
    assert made.partition("#")[2] != key_of("192.0.2.7", limit=Limit("address", Subject.ADDRESS, 3, HOUR))[8:]


@given(st.text(max_size=5), st.text(max_size=5))
def test_two_subjects_never_share_a_counter(one: str, other: str) -> None:
    try:
        same = key_of(one) == key_of(other)
    except UnicodeEncodeError:
        return
    assert same == (one == other)


def test_a_limit_is_reached_by_the_attempt_after_the_last() -> None:
    assert reached([HOURLY], [3]) == ""
    assert reached([HOURLY], [4]) == "network"


def test_the_first_limit_that_is_reached_is_named() -> None:
    limits = POLICY.of_sign_up(Lane.FAST)

    assert reached(limits, [1, 41, 1001]) == "network"
    assert reached(limits, [6, 41, 1001]) == "address"


@given(st.lists(st.integers(0, 2000), min_size=3, max_size=3), st.sampled_from(Lane))
def test_an_attempt_goes_on_exactly_when_no_count_is_above_its_limit(counts: list[int], lane: Lane) -> None:
    limits = POLICY.of_sign_up(lane)
    over = [count > limit.most for limit, count in zip(limits, counts, strict=True)]

    assert bool(reached(limits, counts)) == any(over)


def test_the_slow_lane_is_stricter_and_leaves_the_room_of_the_fast_one_alone() -> None:
    fast, slow = POLICY.of_sign_up(Lane.FAST), POLICY.of_sign_up(Lane.SLOW)

    assert all(narrow.most < wide.most for narrow, wide in zip(slow, fast, strict=True))
    assert {each.name for each in fast} & {each.name for each in slow} == {"address"}


def test_a_mailbox_is_counted_in_both_lanes_together() -> None:
    subjects = {Subject.ADDRESS: "id", Subject.NETWORK: "place", Subject.EVERYBODY: ""}
    (fast, *_) = counters(POLICY.of_sign_up(Lane.FAST), subjects, key="key", now=NOW)
    (slow, *_) = counters(POLICY.of_sign_up(Lane.SLOW), subjects, key="key", now=NOW)

    assert fast == slow


def test_without_proof_of_work_everybody_takes_the_fast_lane() -> None:
    assert Policy(proof_of_work=False, per_network=40, per_hour=1000).lane(proved=False) is Lane.FAST
    assert POLICY.lane(proved=False) is Lane.SLOW
    assert POLICY.lane(proved=True) is Lane.FAST


def test_the_smallest_policy_still_lets_somebody_in() -> None:
    smallest = Policy(proof_of_work=True, per_network=4, per_hour=4)

    assert all(limit.most >= 1 for limit in smallest.of_sign_up(Lane.SLOW))


def test_limits_that_share_a_name_share_window_and_subject() -> None:
    every = [*POLICY.of_sign_up(Lane.FAST), *POLICY.of_sign_up(Lane.SLOW), *POLICY.of_leaving(), POLICY.of_mails()]
    kinds = {(limit.name, limit.window, limit.subject) for limit in every}

    assert len(kinds) == len({name for name, _, _ in kinds})
